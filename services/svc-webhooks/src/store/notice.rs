//! Telling a tenant's administrators that an endpoint was disabled.

use io_postgres::{DbError, TenantTx};
use serde_json::json;

/// Puts a mail to each of those who can put it right into the outbox; how many. `host` is where the
/// endpoint is, as far as that is known: a path may hold a secret.
pub(crate) async fn tell_admins(tx: &mut TenantTx, host: Option<&str>) -> Result<u64, DbError> {
    let tenant = tx.tenant().0;
    let told = sqlx::query(
        "insert into message (tenant_id, month, message_id, admin_id, channel, purpose, priority, template, language,
                              params, created_at, claimable_at, status)
         select $1, this_month(), uuid_v7(), a.admin_id, 'EMAIL', 'SECURITY_NOTICE', 2, 'webhook_disabled', t.language,
                $2, tenant_now($1), clock_timestamp(), 'QUEUED'
           from tenant t
           join tenant_admin a on a.tenant_id = t.tenant_id and a.role in ('OWNER', 'ADMIN') and a.removed_at is null
          where t.tenant_id = $1",
    )
    .bind(tenant)
    .bind(json!({ "endpoint": host }))
    .execute(tx.connection())
    .await?;
    Ok(told.rows_affected())
}
