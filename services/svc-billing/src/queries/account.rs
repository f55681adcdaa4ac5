//! A tenant's account.

use core_access::Permit;
use core_kernel::{Fault, Timestamp};
use io_postgres::{DbError, TenantTx};

use crate::model::Account;
use crate::queries::standing::{invoices_of, payment_of};
use crate::store::{self, AccountRow, StoredPlan};
use crate::{Billing, BillingPeriod, Currency, DraftInvoice, Money, Plan, PlanTerms, Terms, bill};

impl Billing {
    /// The tenant's account in the period that runs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn account(&self, permit: &Permit) -> Result<Account, Fault> {
        let load = async {
            let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
            load_account(&mut tx, self.platform.now()).await
        };
        self.platform.database.in_time(load).await
    }
}

/// Every plan there is.
///
/// # Errors
/// When the database fails, or what is stored cannot be read.
pub(crate) async fn load_plans(tx: &mut TenantTx) -> Result<Vec<StoredPlan>, Fault> {
    store::list_plans(tx.connection()).await.map_err(DbError::from)?.map_err(Fault::internal)
}

/// As [`Billing::account`], within a transaction.
///
/// # Errors
/// As it.
pub(crate) async fn load_account(tx: &mut TenantTx, now: Timestamp) -> Result<Account, Fault> {
    let plans = load_plans(tx).await?;
    let row = store::find_account(tx).await?;
    let plan = plan_of(&plans, row.as_ref())?;
    let currency = match &row {
        Some(row) => Currency::parse(&row.currency).ok_or_else(|| Fault::internal("an account without a currency"))?,
        None => plan.monthly.currency(),
    };
    let period = BillingPeriod::of(now);
    let spent = store::sum_of_days(tx, period.first_day, period.next, currency).await?;
    let amount = Money::from_millionths(spent.into(), currency);
    let terms = terms(tx, plan.clone(), None).await?;
    let upcoming = draft(tx, &terms, period).await?;
    let standing = store::stripe::find_account(tx).await?;
    let invoices = store::stripe::list_invoices(tx).await?;
    Ok(Account {
        plan,
        offered: plans.into_iter().filter(|stored| stored.offered).map(|stored| stored.plan).collect(),
        period,
        amount,
        projected: period.project(amount, now),
        spending_cap: row.and_then(|row| row.spending_cap).map(|cap| Money::from_millionths(cap.into(), currency)),
        upcoming,
        payment: payment_of(standing.as_ref()),
        invoices: invoices_of(&invoices)?,
    })
}

/// The terms of a plan over a version of the price list, or over the one in force.
///
/// # Errors
/// When the database fails, or what is stored cannot be read.
pub(crate) async fn terms(tx: &mut TenantTx, plan: Plan, version: Option<i32>) -> Result<Terms, Fault> {
    let list = store::load_price_list(tx.connection(), version).await?;
    let prices = store::list_plan_prices(tx.connection(), &plan).await.map_err(DbError::from)?;
    let prices = prices.map_err(Fault::internal)?;
    Ok(Terms::of(&PlanTerms { plan, prices }, &list))
}

/// The plan that the tenant chose, or the default.
///
/// # Errors
/// When the database fails, or what is stored cannot be read.
pub(crate) async fn chosen_plan(tx: &mut TenantTx) -> Result<Plan, Fault> {
    let plans = load_plans(tx).await?;
    let row = store::find_account(tx).await?;
    plan_of(&plans, row.as_ref())
}

/// The invoice of a period as it stands by the ledger.
///
/// # Errors
/// When the database fails, or what is stored cannot be read.
async fn draft(tx: &mut TenantTx, terms: &Terms, period: BillingPeriod) -> Result<DraftInvoice, Fault> {
    let days = store::list_day_units(tx, period, terms.currency()).await?.map_err(Fault::internal)?;
    let carried = store::stripe::list_carried(tx, period).await?.map_err(Fault::internal)?;
    DraftInvoice::of(terms, period, &bill(terms, period, &days), &carried).map_err(Fault::internal)
}

fn plan_of(plans: &[StoredPlan], row: Option<&AccountRow>) -> Result<Plan, Fault> {
    let code = row.and_then(|row| row.plan_code.as_deref());
    let is_it = |stored: &&StoredPlan| code.map_or(stored.is_default, |code| stored.plan.code == code);
    let found = plans.iter().find(is_it).map(|stored| stored.plan.clone());
    found.ok_or_else(|| Fault::internal("there are no plans; `postern migrate` writes them"))
}
