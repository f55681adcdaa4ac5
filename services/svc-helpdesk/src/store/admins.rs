//! Administrators, as far as the help desk must know them.

use core_kernel::AdminId;
use io_postgres::{DbError, TenantTx};

/// How many are told of one request: a tenant with hundreds of administrators must not turn each
/// request of a user into hundreds of mails.
const TOLD_AT_MOST: i64 = 25;

/// Whether one of these folded texts is the email of an administrator of this tenant.
pub(crate) async fn is_one(tx: &mut TenantTx, folded: &[String]) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar(
        "select exists (select from tenant_admin a
                         where a.tenant_id = $1 and a.removed_at is null and a.email_folded = any ($2))",
    )
    .bind(tenant)
    .bind(folded)
    .fetch_one(tx.connection())
    .await?)
}

/// The addresses of those who answer a user's request: the advisor or, without one, whoever may.
pub(crate) async fn list_answering(tx: &mut TenantTx, advisor: Option<AdminId>) -> Result<Vec<String>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar(
        "with advisor as (
             select a.email from tenant_admin a
              where a.tenant_id = $1 and a.admin_id = $2 and a.removed_at is null
         )
         select email from advisor
         union all
         (select a.email from tenant_admin a
           where a.tenant_id = $1 and a.removed_at is null and a.role in ('SUPPORT', 'ADMIN', 'OWNER')
             and not exists (select from advisor)
           order by a.role = 'SUPPORT' desc, a.admin_id limit $3)",
    )
    .bind(tenant)
    .bind(advisor.map(|advisor| advisor.0))
    .bind(TOLD_AT_MOST)
    .fetch_all(tx.connection())
    .await?)
}
