//! What a survey of all tenants asks, of one after the other.

use io_postgres::{DbError, TenantTx};

/// One tenant's share of a survey; amounts in millionths of the currency's minor unit.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct SpendingRow {
    pub(crate) currency: Option<String>,
    /// Of this month.
    pub(crate) amount: i64,
    pub(crate) cap: Option<i64>,
    /// What is set aside under the cap, or spent.
    pub(crate) committed: i64,
}

/// None where the tenant is no more.
pub(crate) async fn find_spending(tx: &mut TenantTx) -> Result<Option<SpendingRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select max(u.currency) as currency, coalesce(sum(u.amount), 0)::bigint as amount,
                max(a.spending_cap) as cap,
                coalesce(max(case when a.period = this_month() then a.committed end), 0) as committed
           from tenant t
           left join billing_account a on a.tenant_id = t.tenant_id
           left join usage_rollup u on u.tenant_id = t.tenant_id and u.day >= this_month()
          where t.tenant_id = $1 group by t.tenant_id",
    )
    .bind(tenant)
    .fetch_optional(tx.connection())
    .await?)
}
