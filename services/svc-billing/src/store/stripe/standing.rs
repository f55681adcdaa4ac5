//! Who has paid, and what follows from it.

use core_kernel::Timestamp;
use io_postgres::{DbError, TenantTx};

/// Takes over how the subscription stands, as read from `started` on; since when payments fail. What was
/// told before then has been read.
pub(crate) async fn note_standing(
    tx: &mut TenantTx,
    status: &str,
    failing: bool,
    started: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar(
        "update stripe_account
            set status = $2, read_at = $4, stale_at = case when stale_at > $4 then stale_at end,
                failing_since = case when $3 then coalesce(failing_since, $4) end
          where tenant_id = $1 returning failing_since",
    )
    .bind(tenant)
    .bind(status)
    .bind(failing)
    .bind(started)
    .fetch_one(tx.connection())
    .await?)
}

/// Suspends a tenant that is served; whether it was.
pub(crate) async fn suspend(tx: &mut TenantTx, now: Timestamp) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let done = sqlx::query("update tenant set status = 'SUSPENDED' where tenant_id = $1 and status = 'ACTIVE'")
        .bind(tenant)
        .execute(tx.connection())
        .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("update stripe_account set suspended_at = $2 where tenant_id = $1")
        .bind(tenant)
        .bind(now)
        .execute(tx.connection())
        .await?;
    Ok(true)
}

/// Serves a tenant again that was suspended by [`suspend`], and not one that the operator suspended;
/// whether it was.
pub(crate) async fn resume(tx: &mut TenantTx) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let done = sqlx::query(
        "with held as (
             update stripe_account set suspended_at = null
              where tenant_id = $1 and suspended_at is not null returning tenant_id
         )
         update tenant t set status = 'ACTIVE' from held h where t.tenant_id = $1 and h.tenant_id = t.tenant_id and t.status = 'SUSPENDED'",
    )
    .bind(tenant)
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() > 0)
}
