//! The installation's own keys.

use core_crypto::KeyPurpose;
use io_postgres::{DbError, TenantTx};
use sqlx::PgConnection;

/// A key of the installation that lies under another master key.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct InstallationKeyRow {
    /// `CODE/1`, or a signing key's `kid`.
    pub(crate) name: String,
    pub(crate) purpose: Option<String>,
    pub(crate) key_id: i16,
    pub(crate) sealed: Vec<u8>,
}

pub(crate) async fn list_under_others(
    owner: &mut PgConnection,
    master_key_id: &str,
) -> Result<Vec<InstallationKeyRow>, DbError> {
    Ok(sqlx::query_as(
        "select purpose || '/' || key_id as name, purpose, key_id, sealed from crypto_key where master_key_id <> $1
          union all
         select kid, null, 0::smallint, sealed from signing_key where master_key_id <> $1",
    )
    .bind(master_key_id)
    .fetch_all(owner)
    .await?)
}

pub(crate) async fn update_installation_key(
    owner: &mut PgConnection,
    row: &InstallationKeyRow,
    sealed: &[u8],
    master_key_id: &str,
) -> Result<(), DbError> {
    sqlx::query(
        "with c as (update crypto_key set sealed = $3, master_key_id = $4
                     where purpose || '/' || key_id = $1 and sealed = $2)
         update signing_key set sealed = $3, master_key_id = $4 where kid = $1 and sealed = $2",
    )
    .bind(&row.name)
    .bind(&row.sealed)
    .bind(sealed)
    .bind(master_key_id)
    .execute(owner)
    .await?;
    Ok(())
}

pub(crate) async fn insert_pepper(
    owner: &mut PgConnection,
    id: i16,
    sealed: &[u8],
    master_key_id: &str,
    ahead_seconds: f64,
) -> Result<(), DbError> {
    sqlx::query(
        "insert into crypto_key (purpose, key_id, sealed, master_key_id, makes_from)
         values ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5))",
    )
    .bind(KeyPurpose::Pepper.as_str())
    .bind(id)
    .bind(sealed)
    .bind(master_key_id)
    .bind(ahead_seconds)
    .execute(owner)
    .await?;
    Ok(())
}

pub(crate) async fn newest_pepper(owner: &mut PgConnection) -> Result<i16, DbError> {
    Ok(sqlx::query_scalar("select max(key_id) from crypto_key where purpose = 'PEPPER'").fetch_one(owner).await?)
}

/// Deletes the peppers before the newest, once that one makes digests; how many.
pub(crate) async fn delete_old_peppers(owner: &mut PgConnection) -> Result<u64, DbError> {
    Ok(sqlx::query(
        "delete from crypto_key k where purpose = 'PEPPER' and exists (
             select from crypto_key newer
              where newer.purpose = 'PEPPER' and newer.key_id > k.key_id and newer.makes_from <= clock_timestamp())",
    )
    .execute(owner)
    .await?
    .rows_affected())
}

/// How many API keys that hold lie under which pepper.
pub(crate) async fn count_api_keys(tx: &mut TenantTx) -> Result<Vec<(i16, i64)>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select pepper_key_id, count(*) from api_key
          where tenant_id = $1 and revoked_at is null and expires_at > now() group by 1",
    )
    .bind(tenant)
    .fetch_all(tx.connection())
    .await?)
}
