//! A tenant's account.

use core_access::Permit;
use core_kernel::{Fault, Timestamp};
use io_postgres::{DbError, TenantTx};

use crate::model::{Account, PaymentStatus};
use crate::store::{self, AccountRow, StoredPlan};
use crate::{Billing, BillingPeriod, Currency, Money, Plan};

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
    Ok(Account {
        plan,
        offered: plans.into_iter().filter(|stored| stored.offered).map(|stored| stored.plan).collect(),
        period,
        amount,
        projected: period.project(amount, now),
        spending_cap: row.and_then(|row| row.spending_cap).map(|cap| Money::from_millionths(cap.into(), currency)),
        payment: PaymentStatus::None,
        invoices: Vec::new(),
    })
}

fn plan_of(plans: &[StoredPlan], row: Option<&AccountRow>) -> Result<Plan, Fault> {
    let code = row.and_then(|row| row.plan_code.as_deref());
    let is_it = |stored: &&StoredPlan| code.map_or(stored.is_default, |code| stored.plan.code == code);
    let found = plans.iter().find(is_it).map(|stored| stored.plan.clone());
    found.ok_or_else(|| Fault::internal("there are no plans; `postern migrate` writes them"))
}
