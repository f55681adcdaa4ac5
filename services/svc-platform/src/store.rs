//! The SQL of keys, and of going from tenant to tenant.

use core_crypto::{Jwk, KeyPurpose};
use core_kernel::{TenantId, Timestamp};
use io_postgres::{Database, DbError, NoTenant, TenantTx};
use sqlx::PgConnection;

#[derive(sqlx::FromRow)]
pub(crate) struct CryptoKeyRow {
    pub(crate) purpose: String,
    pub(crate) key_id: i16,
    pub(crate) sealed: Vec<u8>,
    pub(crate) retired: bool,
}

#[derive(sqlx::FromRow)]
pub(crate) struct SigningKeyRow {
    pub(crate) kid: String,
    pub(crate) sealed: Vec<u8>,
    pub(crate) signs_from: Timestamp,
}

pub(crate) async fn list_crypto_keys(connection: &mut NoTenant) -> Result<Vec<CryptoKeyRow>, DbError> {
    Ok(sqlx::query_as(
        "select purpose, key_id, sealed, (retired_at is not null or makes_from > clock_timestamp()) as retired
           from crypto_key order by key_id",
    )
    .fetch_all(connection.connection())
    .await?)
}

pub(crate) async fn list_signing_keys(connection: &mut NoTenant) -> Result<Vec<SigningKeyRow>, DbError> {
    Ok(sqlx::query_as(
        "select kid, sealed, signs_from from signing_key where withdrawn_at is null order by signs_from, kid",
    )
    .fetch_all(connection.connection())
    .await?)
}

pub(crate) async fn lookup_clock_offset(tx: &mut TenantTx) -> Result<i64, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar("select clock_offset_seconds from tenant where tenant_id = $1")
        .bind(tenant)
        .fetch_one(tx.connection())
        .await?)
}

/// The tenant's data keys, the one that seals first.
pub(crate) async fn list_data_keys(tx: &mut TenantTx) -> Result<Vec<(i16, Vec<u8>)>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select key_id, sealed from tenant_data_key where tenant_id = $1
          order by seals_from <= clock_timestamp() desc, key_id desc",
    )
    .bind(tenant)
    .fetch_all(tx.connection())
    .await?)
}

pub(crate) async fn insert_data_key(
    tx: &mut TenantTx,
    id: i16,
    sealed: &[u8],
    master_key_id: &str,
) -> Result<(), DbError> {
    let TenantId(tenant) = tx.tenant();
    sqlx::query("insert into tenant_data_key (tenant_id, key_id, sealed, master_key_id) values ($1, $2, $3, $4)")
        .bind(tenant)
        .bind(id)
        .bind(sealed)
        .bind(master_key_id)
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(crate) async fn count_crypto_keys(owner: &mut PgConnection, purpose: KeyPurpose) -> Result<i64, DbError> {
    Ok(sqlx::query_scalar("select count(*) from crypto_key where purpose = $1")
        .bind(purpose.as_str())
        .fetch_one(owner)
        .await?)
}

pub(crate) async fn insert_crypto_key(
    owner: &mut PgConnection,
    purpose: KeyPurpose,
    id: i16,
    sealed: &[u8],
    master_key_id: &str,
) -> Result<(), DbError> {
    sqlx::query("insert into crypto_key (purpose, key_id, sealed, master_key_id) values ($1, $2, $3, $4)")
        .bind(purpose.as_str())
        .bind(id)
        .bind(sealed)
        .bind(master_key_id)
        .execute(owner)
        .await?;
    Ok(())
}

pub(crate) async fn count_signing_keys(owner: &mut PgConnection) -> Result<i64, DbError> {
    Ok(sqlx::query_scalar("select count(*) from signing_key where withdrawn_at is null").fetch_one(owner).await?)
}

pub(crate) async fn insert_signing_key(
    owner: &mut PgConnection,
    jwk: &Jwk,
    sealed: &[u8],
    master_key_id: &str,
    signs_from: Timestamp,
) -> Result<(), DbError> {
    sqlx::query(
        "insert into signing_key (kid, sealed, master_key_id, public_jwk, signs_from) values ($1, $2, $3, $4, $5)",
    )
    .bind(&jwk.kid)
    .bind(sealed)
    .bind(master_key_id)
    .bind(sqlx::types::Json(jwk))
    .bind(signs_from)
    .execute(owner)
    .await?;
    Ok(())
}

/// Withdraws keys that stopped signing before `before`: no assertion signed by them still holds.
pub(crate) async fn withdraw_signing_keys(owner: &mut PgConnection, before: Timestamp) -> Result<u64, DbError> {
    Ok(sqlx::query(
        "update signing_key k set withdrawn_at = now()
          where withdrawn_at is null
            and exists (select from signing_key newer where newer.signs_from > k.signs_from and newer.signs_from < $1)",
    )
    .bind(before)
    .execute(owner)
    .await?
    .rows_affected())
}

pub(crate) async fn withdraw_all_signing_keys(owner: &mut PgConnection) -> Result<(), DbError> {
    sqlx::query("update signing_key set withdrawn_at = now() where withdrawn_at is null").execute(owner).await?;
    Ok(())
}

/// The most tenants that are listed at a time.
const TENANTS: i32 = 500;

/// Some of the tenants that come after that one, in the order of their identifiers; none where all were seen. For
/// whoever goes from one to the next, since row-level security shows one at a time.
///
/// # Errors
/// When the database fails.
pub async fn tenants_after(database: &Database, after: Option<TenantId>) -> Result<Vec<TenantId>, DbError> {
    let mut connection = NoTenant::acquire(database).await?;
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar("select postern_cross.list_tenants($1, $2)")
        .bind(after.map(|tenant| tenant.0))
        .bind(TENANTS)
        .fetch_all(connection.connection())
        .await?;
    Ok(ids.into_iter().map(TenantId).collect())
}
