//! Accounts at Stripe, and whose turn it is.

use core_kernel::{TenantId, Timestamp};
use io_postgres::{DbError, NoTenant, TenantTx};
use uuid::Uuid;

use crate::TermsCode;

/// How a tenant stands at Stripe, as far as is known here.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct StripeAccount {
    pub(crate) customer_id: Option<String>,
    pub(crate) subscription_id: Option<String>,
    plan_code: Option<String>,
    price_version: Option<i32>,
    /// No other subscription of ours runs.
    pub(crate) alone: bool,
    pub(crate) status: Option<String>,
    pub(crate) read_at: Option<Timestamp>,
    pub(crate) stale_at: Option<Timestamp>,
    pub(crate) failing_since: Option<Timestamp>,
    pub(crate) suspended_at: Option<Timestamp>,
}

impl StripeAccount {
    /// What its subscription bills by.
    pub(crate) fn terms(&self) -> Option<TermsCode> {
        Some(TermsCode { plan: self.plan_code.clone()?, version: self.price_version? })
    }

    /// Whether its subscription has come to an end at Stripe.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.status.as_deref(), Some("canceled" | "incomplete_expired"))
    }
}

const COLUMNS: &str = "customer_id, subscription_id, plan_code, price_version, alone, status, read_at, stale_at,
                       failing_since, suspended_at";

pub(crate) async fn find_account(tx: &mut TenantTx) -> Result<Option<StripeAccount>, DbError> {
    let tenant = tx.tenant().0;
    let sql = format!("select {COLUMNS} from stripe_account where tenant_id = $1");
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(tenant).fetch_optional(tx.connection()).await?)
}

/// Takes a LIVE tenant that is due, until then; none where another worker has it, or it is ending.
pub(crate) async fn claim(
    tx: &mut TenantTx,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<StripeAccount>, DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into stripe_account (tenant_id, due_at)
         select tenant_id, $2 from tenant where tenant_id = $1 and environment = 'LIVE' on conflict do nothing",
    )
    .bind(tenant)
    .bind(now)
    .execute(tx.connection())
    .await?;
    let sql = format!(
        "update stripe_account s set leased_until = $3
          where s.tenant_id = $1 and s.due_at <= $2 and (s.leased_until is null or s.leased_until <= $2)
            and not exists (select from tenant_ending e where e.tenant_id = $1)
          returning {COLUMNS}"
    );
    let taken = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(tenant).bind(now).bind(until);
    Ok(taken.fetch_optional(tx.connection()).await?)
}

/// Lets go of a tenant that was taken until then. Where Stripe told of something meanwhile, it is due at
/// once.
pub(crate) async fn release(
    tx: &mut TenantTx,
    until: Timestamp,
    due_at: Timestamp,
    problem: Option<&str>,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update stripe_account
            set leased_until = null, problem = $4,
                due_at = case when $4 is null and stale_at is not null then least(stale_at, $3) else $3 end
          where tenant_id = $1 and leased_until = $2",
    )
    .bind(tenant)
    .bind(until)
    .bind(due_at)
    .bind(problem)
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(crate) async fn note_customer(tx: &mut TenantTx, customer: &str) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update stripe_account set customer_id = $2 where tenant_id = $1")
        .bind(tenant)
        .bind(customer)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// A subscription in the place of any other.
pub(crate) async fn note_subscription(
    tx: &mut TenantTx,
    subscription: &str,
    status: &str,
    terms: &TermsCode,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update stripe_account
            set subscription_id = $2, status = $3, plan_code = $4, price_version = $5, alone = false
          where tenant_id = $1",
    )
    .bind(tenant)
    .bind(subscription)
    .bind(status)
    .bind(&terms.plan)
    .bind(terms.version)
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(crate) async fn note_alone(tx: &mut TenantTx) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update stripe_account set alone = true where tenant_id = $1")
        .bind(tenant)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Notes that something happened at Stripe, of which the worker has to read.
pub(crate) async fn mark_stale(tx: &mut TenantTx, now: Timestamp) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update stripe_account set stale_at = $2, due_at = least(due_at, $2) where tenant_id = $1")
        .bind(tenant)
        .bind(now)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// The tenant's name, and where its invoices are mailed: to who answers for the bill.
pub(crate) async fn find_payer(tx: &mut TenantTx) -> Result<(String, Option<String>), DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select t.name, (select a.email from tenant_admin a
                          where a.tenant_id = t.tenant_id and a.removed_at is null and a.role in ('BILLING', 'OWNER')
                          order by a.role, a.created_at limit 1)
           from tenant t where t.tenant_id = $1",
    )
    .bind(tenant)
    .fetch_one(tx.connection())
    .await?)
}

/// Tenants whose turn it is, after this one.
pub(crate) async fn tenants_to_bill(
    connection: &mut NoTenant,
    after: Option<TenantId>,
    now: Timestamp,
    limit: i32,
) -> Result<Vec<TenantId>, DbError> {
    let ids: Vec<Uuid> = sqlx::query_scalar("select * from postern_cross.tenants_to_bill($1, $2, $3)")
        .bind(after.map(|tenant| tenant.0))
        .bind(now)
        .bind(limit)
        .fetch_all(connection.connection())
        .await?;
    Ok(ids.into_iter().map(TenantId).collect())
}

/// Tenants that are customers of Stripe, after this one.
pub(crate) async fn tenants_with_stripe(
    connection: &mut NoTenant,
    after: Option<TenantId>,
    limit: i32,
) -> Result<Vec<TenantId>, DbError> {
    let ids: Vec<Uuid> = sqlx::query_scalar("select * from postern_cross.tenants_with_stripe($1, $2)")
        .bind(after.map(|tenant| tenant.0))
        .bind(limit)
        .fetch_all(connection.connection())
        .await?;
    Ok(ids.into_iter().map(TenantId).collect())
}

pub(crate) async fn tenant_of_customer(connection: &mut NoTenant, customer: &str) -> Result<Option<TenantId>, DbError> {
    let id: Option<Uuid> = sqlx::query_scalar("select postern_cross.tenant_of_stripe_customer($1)")
        .bind(customer)
        .fetch_one(connection.connection())
        .await?;
    Ok(id.map(TenantId))
}
