//! Accounts that tenants bring.

use core_kernel::{TenantId, Timestamp};
use io_postgres::{DbError, TenantTx};
use svc_platform::Platform;

/// The sealed account, if the tenant brought one.
pub(crate) async fn lookup_account(
    platform: &Platform,
    tenant: TenantId,
    provider: &str,
) -> Result<Option<Vec<u8>>, DbError> {
    let mut tx = TenantTx::begin(&platform.database, tenant).await?;
    let sealed =
        sqlx::query_scalar("select account_sealed from tenant_provider where tenant_id = $1 and provider = $2")
            .bind(tenant.0)
            .bind(provider)
            .fetch_optional(tx.connection())
            .await?;
    tx.rollback().await?;
    Ok(sealed)
}

pub(crate) async fn upsert_account(
    tx: &mut TenantTx,
    provider: &str,
    sealed: &[u8],
    now: Timestamp,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into tenant_provider (tenant_id, provider, account_sealed, updated_at) values ($1, $2, $3, $4)
             on conflict (tenant_id, provider)
             do update set account_sealed = excluded.account_sealed, updated_at = excluded.updated_at",
    )
    .bind(tenant)
    .bind(provider)
    .bind(sealed)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Whether there was one.
pub(crate) async fn delete_account(tx: &mut TenantTx, provider: &str) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let done = sqlx::query("delete from tenant_provider where tenant_id = $1 and provider = $2")
        .bind(tenant)
        .bind(provider)
        .execute(tx.connection())
        .await?;
    Ok(done.rows_affected() > 0)
}
