//! Administrators to whom messages go.

use core_kernel::{MessageId, TenantId};
use io_postgres::{DbError, TenantTx};
use svc_platform::Platform;

/// Where a message to an administrator goes; none where the person has left.
pub(crate) async fn lookup_admin_address(
    platform: &Platform,
    tenant: TenantId,
    id: MessageId,
) -> Result<Option<String>, DbError> {
    let mut tx = TenantTx::begin(&platform.database, tenant).await?;
    let address = sqlx::query_scalar(
        "select a.email from message m
           join tenant_admin a on a.tenant_id = m.tenant_id and a.admin_id = m.admin_id and a.removed_at is null
          where m.tenant_id = $1 and m.month = $2 and m.message_id = $3",
    )
    .bind(tenant.0)
    .bind(id.month())
    .bind(id.0)
    .fetch_optional(tx.connection())
    .await?;
    tx.rollback().await?;
    Ok(address)
}
