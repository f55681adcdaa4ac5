//! What a user is told of the account.

use core_kernel::UserId;
use io_postgres::{DbError, TenantTx};
use serde_json::Value;

/// Tells a user on every factor that can be reached, and on the address on record. After the commit, ring
/// [`svc_platform::Platform::messages_queued`].
///
/// # Errors
/// When the database fails.
pub async fn enqueue_notices(
    tx: &mut TenantTx,
    user: UserId,
    notice: &'static str,
    params: &Value,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("select enqueue_notices($1, $2, null, $3, $4)")
        .bind(tenant)
        .bind(user.0)
        .bind(notice)
        .bind(params)
        .execute(tx.connection())
        .await?;
    Ok(())
}
