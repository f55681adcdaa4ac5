//! Tenants' data keys.

use core_kernel::Timestamp;
use io_postgres::{DbError, TenantTx};

/// A tenant's data key, as far as a rotation has to know it.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct DataKeyRow {
    pub(crate) key_id: i16,
    pub(crate) sealed: Vec<u8>,
    pub(crate) master_key_id: String,
    /// `None`: from the beginning.
    pub(crate) seals_from: Option<Timestamp>,
}

/// The tenant's data keys, the newest last; locked, so that one rotation at a time changes them.
pub(crate) async fn lock_data_keys(tx: &mut TenantTx) -> Result<Vec<DataKeyRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select key_id, sealed, master_key_id, nullif(seals_from, '-infinity') as seals_from
           from tenant_data_key where tenant_id = $1 order by key_id for update",
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
    ahead_seconds: f64,
) -> Result<Timestamp, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar(
        "insert into tenant_data_key (tenant_id, key_id, sealed, master_key_id, seals_from)
         values ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5)) returning seals_from",
    )
    .bind(tenant)
    .bind(id)
    .bind(sealed)
    .bind(master_key_id)
    .bind(ahead_seconds)
    .fetch_one(tx.connection())
    .await?)
}

pub(crate) async fn delete_data_keys_before(tx: &mut TenantTx, id: i16) -> Result<u64, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query("delete from tenant_data_key where tenant_id = $1 and key_id < $2")
        .bind(tenant)
        .bind(id)
        .execute(tx.connection())
        .await?
        .rows_affected())
}

pub(crate) async fn update_data_key(
    tx: &mut TenantTx,
    row: &DataKeyRow,
    sealed: &[u8],
    master_key_id: &str,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update tenant_data_key set sealed = $3, master_key_id = $4 where tenant_id = $1 and key_id = $2")
        .bind(tenant)
        .bind(row.key_id)
        .bind(sealed)
        .bind(master_key_id)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Whether the new key has sealed alone for so long that nobody has the old one in hand.
pub(crate) async fn is_settled(tx: &mut TenantTx, id: i16, in_flight_seconds: f64) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar(
        "select seals_from + make_interval(secs => $3) <= clock_timestamp()
           from tenant_data_key where tenant_id = $1 and key_id = $2",
    )
    .bind(tenant)
    .bind(id)
    .bind(in_flight_seconds)
    .fetch_one(tx.connection())
    .await?)
}

/// Whether a file is being received or worked on: it is sealed under the key that it began with.
pub(crate) async fn imports_run(tx: &mut TenantTx) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar(
        "select exists (select from import_job where tenant_id = $1 and status in ('RECEIVING', 'RUNNING'))",
    )
    .bind(tenant)
    .fetch_one(tx.connection())
    .await?)
}
