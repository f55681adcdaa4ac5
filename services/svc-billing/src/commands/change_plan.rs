//! Another plan.

use core_access::Permit;
use core_kernel::{Stop, TypedId};
use io_postgres::TenantTx;
use serde_json::json;

use crate::queries::{load_account, load_plans};
use crate::refusals::no_such_plan;
use crate::{Account, Billing, BillingPeriod, store};

impl Billing {
    /// Puts the tenant on a plan that is offered, from now on.
    ///
    /// # Errors
    /// NOT_FOUND at `planCode`.
    pub async fn change_plan(&self, permit: &Permit, code: &str) -> Result<Account, Stop> {
        let now = self.platform.now();
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let plans = load_plans(&mut tx).await?;
        let chosen = plans.iter().find(|stored| stored.offered && stored.plan.code == code).ok_or_else(no_such_plan)?;
        let before = load_account(&mut tx, now).await?.plan.code;
        store::set_plan(&mut tx, code, chosen.plan.monthly.currency(), BillingPeriod::of(now)).await?;
        let (target, detail) = (permit.tenant().to_text(), json!({ "from": before, "to": code }));
        svc_audit::record(&mut tx, permit.caller(), "billing.plan_changed", &target, detail).await?;
        let account = load_account(&mut tx, now).await?;
        tx.commit().await?;
        Ok(account)
    }
}
