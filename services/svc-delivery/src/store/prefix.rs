//! Prefixes that the fraud guard blocks.

use core_kernel::Timestamp;
use io_postgres::{DbError, TenantTx};

use crate::model::BlockedPrefix;

pub(crate) async fn list_blocked(tx: &mut TenantTx) -> Result<Vec<BlockedPrefix>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select prefix, country, blocked_at as since, sent, verified from number_prefix
          where tenant_id = $1 and blocked_at is not null order by blocked_at desc, prefix",
    )
    .bind(tenant)
    .fetch_all(tx.connection())
    .await?)
}

/// False where it is not blocked.
pub(crate) async fn release(tx: &mut TenantTx, prefix: &str, now: Timestamp) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let released = sqlx::query(
        "update number_prefix set blocked_at = null, released_at = $3
          where tenant_id = $1 and prefix = $2 and blocked_at is not null",
    )
    .bind(tenant)
    .bind(prefix)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(released.rows_affected() > 0)
}
