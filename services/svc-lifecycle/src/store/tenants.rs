//! Which tenants are looked after, and what is erased of them.

use core_kernel::TenantId;
use io_postgres::{DbError, NoTenant, TenantTx};
use uuid::Uuid;

/// The most rows that one transaction erases.
const AT_ONCE: i32 = 2000;

/// Tenants that were deleted, and whose time to be restored is over.
pub(crate) async fn tenants_to_erase(connection: &mut NoTenant) -> Result<Vec<TenantId>, DbError> {
    let ids: Vec<Uuid> =
        sqlx::query_scalar("select postern_cross.tenants_to_erase(100)").fetch_all(connection.connection()).await?;
    Ok(ids.into_iter().map(TenantId).collect())
}

/// Erases some rows of the transaction's tenant; how many, 0 when none are left.
pub(crate) async fn erase_rows(tx: &mut TenantTx) -> Result<i32, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar("select erase_tenant_rows($1, $2)")
        .bind(tenant)
        .bind(AT_ONCE)
        .fetch_one(tx.connection())
        .await?)
}

/// Takes the tenant until the transaction is over; false where another process has it.
pub(crate) async fn take(tx: &mut TenantTx) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar("select pg_try_advisory_xact_lock(hashtextextended('postern.sweep:' || $1::text, 0))")
        .bind(tenant)
        .fetch_one(tx.connection())
        .await?)
}
