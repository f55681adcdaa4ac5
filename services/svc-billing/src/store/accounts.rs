//! Accounts. A tenant that chose neither plan nor cap has no row.

use io_postgres::{DbError, TenantTx};

use crate::{BillingPeriod, Currency};

#[derive(Debug, sqlx::FromRow)]
pub(crate) struct AccountRow {
    pub(crate) plan_code: Option<String>,
    pub(crate) currency: String,
    pub(crate) spending_cap: Option<i64>,
}

pub(crate) async fn find_account(tx: &mut TenantTx) -> Result<Option<AccountRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as("select plan_code, currency, spending_cap from billing_account where tenant_id = $1")
        .bind(tenant)
        .fetch_optional(tx.connection())
        .await?)
}

/// In millionths of the currency's minor unit; none: no cap.
pub(crate) async fn set_cap(tx: &mut TenantTx, cap: Option<i64>, currency: Currency) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("select set_spending_cap($1, $2, $3)")
        .bind(tenant)
        .bind(cap)
        .bind(currency.code())
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(crate) async fn set_plan(
    tx: &mut TenantTx,
    code: &str,
    currency: Currency,
    period: BillingPeriod,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into billing_account (tenant_id, plan_code, currency, period) values ($1, $2, $3, $4)
             on conflict (tenant_id) do update set plan_code = excluded.plan_code",
    )
    .bind(tenant)
    .bind(code)
    .bind(currency.code())
    .bind(period.first_day)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Where hosted pages of the tenant may lead back to.
pub(crate) async fn list_return_urls(tx: &mut TenantTx) -> Result<Vec<String>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar("select unnest(return_urls) from tenant where tenant_id = $1")
        .bind(tenant)
        .fetch_all(tx.connection())
        .await?)
}
