//! The SQL of API keys.

use core_kernel::{ApiKeyId, Timestamp};
use io_postgres::{DbError, NoTenant, PartnerTx, TenantTx};
use uuid::Uuid;

use super::model::{ApiKeyRecord, write_scopes};
use super::uses::Use;

/// What the one cross-tenant look-up tells of a key.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct FoundKey {
    pub(super) tenant_id: Option<Uuid>,
    pub(super) partner_id: Option<Uuid>,
    pub(super) api_key_id: Uuid,
    pub(super) name: String,
    pub(super) scopes: Vec<String>,
    pub(super) expires_at: Timestamp,
    pub(super) revoked_at: Option<Timestamp>,
}

pub(super) async fn find_by_digest(
    connection: &mut NoTenant,
    digests: &[Vec<u8>],
) -> Result<Option<FoundKey>, DbError> {
    Ok(sqlx::query_as(
        "select k.tenant_id, k.partner_id, k.api_key_id, k.name, k.scopes, k.expires_at, k.revoked_at
           from postern_cross.find_api_key($1) k",
    )
    .bind(digests)
    .fetch_optional(connection.connection())
    .await?)
}

/// What is stored in place of a secret.
pub(super) struct Digest {
    pub(super) pepper: i16,
    pub(super) digest: [u8; 32],
}

pub(super) async fn insert(
    tx: &mut TenantTx,
    key: &ApiKeyRecord,
    digest: &Digest,
    created_by: &str,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into api_key (tenant_id, api_key_id, name, prefix, digest, pepper_key_id, scopes, created_by,
                              created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(tenant)
    .bind(key.api_key_id.0)
    .bind(&key.name)
    .bind(&key.prefix)
    .bind(&digest.digest[..])
    .bind(digest.pepper)
    .bind(write_scopes(key.scopes))
    .bind(created_by)
    .bind(key.created_at)
    .bind(key.expires_at)
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn insert_of_partner(tx: &mut PartnerTx, key: &ApiKeyRecord, digest: &Digest) -> Result<(), DbError> {
    let partner = tx.partner().0;
    sqlx::query(
        "insert into partner_api_key (partner_id, api_key_id, name, prefix, digest, pepper_key_id, scopes,
                                      created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(partner)
    .bind(key.api_key_id.0)
    .bind(&key.name)
    .bind(&key.prefix)
    .bind(&digest.digest[..])
    .bind(digest.pepper)
    .bind(write_scopes(key.scopes))
    .bind(key.created_at)
    .bind(key.expires_at)
    .execute(tx.connection())
    .await?;
    Ok(())
}

macro_rules! key_columns {
    () => {
        "k.api_key_id, k.name, k.prefix, k.scopes, k.created_at, k.expires_at, k.revoked_at, k.last_used_at"
    };
}

pub(super) async fn list(tx: &mut TenantTx) -> Result<Vec<ApiKeyRecord>, DbError> {
    const SQL: &str =
        concat!("select ", key_columns!(), " from api_key k where k.tenant_id = $1 order by k.api_key_id desc");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).fetch_all(tx.connection()).await?)
}

pub(super) async fn list_of_partner(tx: &mut PartnerTx) -> Result<Vec<ApiKeyRecord>, DbError> {
    const SQL: &str = concat!(
        "select ",
        key_columns!(),
        " from partner_api_key k where k.partner_id = $1 order by k.api_key_id desc"
    );
    let partner = tx.partner().0;
    Ok(sqlx::query_as(SQL).bind(partner).fetch_all(tx.connection()).await?)
}

pub(super) async fn find(tx: &mut TenantTx, id: ApiKeyId) -> Result<Option<ApiKeyRecord>, DbError> {
    const SQL: &str =
        concat!("select ", key_columns!(), " from api_key k where k.tenant_id = $1 and k.api_key_id = $2");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(id.0).fetch_optional(tx.connection()).await?)
}

pub(super) async fn find_of_partner(tx: &mut PartnerTx, id: ApiKeyId) -> Result<Option<ApiKeyRecord>, DbError> {
    const SQL: &str =
        concat!("select ", key_columns!(), " from partner_api_key k where k.partner_id = $1 and k.api_key_id = $2");
    let partner = tx.partner().0;
    Ok(sqlx::query_as(SQL).bind(partner).bind(id.0).fetch_optional(tx.connection()).await?)
}

/// True where the key was not revoked before.
pub(super) async fn revoke(tx: &mut TenantTx, id: ApiKeyId, now: Timestamp) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let updated = sqlx::query(
        "update api_key k set revoked_at = $3 where k.tenant_id = $1 and k.api_key_id = $2 and k.revoked_at is null",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(updated.rows_affected() > 0)
}

pub(super) async fn revoke_of_partner(tx: &mut PartnerTx, id: ApiKeyId, now: Timestamp) -> Result<(), DbError> {
    let partner = tx.partner().0;
    sqlx::query(
        "update partner_api_key k set revoked_at = $3
          where k.partner_id = $1 and k.api_key_id = $2 and k.revoked_at is null",
    )
    .bind(partner)
    .bind(id.0)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Notes uses, each key at most once a minute whichever replica saw it.
pub(super) async fn touch(tx: &mut TenantTx, uses: &[(ApiKeyId, Use)]) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    let (ids, uses) = columns(uses);
    sqlx::query(
        "update api_key k set last_used_at = u.at, pepper_key_id = u.pepper, digest = u.digest
           from unnest($2::uuid[], $3::timestamptz[], $4::smallint[], $5::bytea[]) u (id, at, pepper, digest)
          where k.tenant_id = $1 and k.api_key_id = u.id and k.pepper_key_id <= u.pepper
            and (k.last_used_at is null or k.last_used_at <= u.at - interval '1 minute' or k.pepper_key_id < u.pepper)",
    )
    .bind(tenant)
    .bind(ids)
    .bind(uses.at)
    .bind(uses.peppers)
    .bind(uses.digests)
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn touch_of_partner(tx: &mut PartnerTx, uses: &[(ApiKeyId, Use)]) -> Result<(), DbError> {
    let partner = tx.partner().0;
    let (ids, uses) = columns(uses);
    sqlx::query(
        "update partner_api_key k set last_used_at = u.at, pepper_key_id = u.pepper, digest = u.digest
           from unnest($2::uuid[], $3::timestamptz[], $4::smallint[], $5::bytea[]) u (id, at, pepper, digest)
          where k.partner_id = $1 and k.api_key_id = u.id and k.pepper_key_id <= u.pepper
            and (k.last_used_at is null or k.last_used_at <= u.at - interval '1 minute' or k.pepper_key_id < u.pepper)",
    )
    .bind(partner)
    .bind(ids)
    .bind(uses.at)
    .bind(uses.peppers)
    .bind(uses.digests)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Uses by column, as a statement takes them.
#[derive(Default)]
struct UseColumns {
    at: Vec<Timestamp>,
    peppers: Vec<i16>,
    digests: Vec<Vec<u8>>,
}

fn columns(uses: &[(ApiKeyId, Use)]) -> (Vec<Uuid>, UseColumns) {
    let mut columns = UseColumns::default();
    for (_, used) in uses {
        columns.at.push(used.at);
        columns.peppers.push(used.pepper);
        columns.digests.push(used.digest.to_vec());
    }
    (uses.iter().map(|(id, _)| id.0).collect(), columns)
}
