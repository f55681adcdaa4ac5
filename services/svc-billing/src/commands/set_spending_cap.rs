//! How far it may go.

use core_access::Permit;
use core_kernel::{Refusal, Stop, TypedId};
use io_postgres::TenantTx;
use serde_json::json;

use crate::queries::load_account;
use crate::refusals::{cap_below_zero, unreadable_cap};
use crate::{Account, Billing, Currency, Money, MoneyError, store};

impl Billing {
    /// Sets the cap of a period, in the account's currency and at list price; none removes it. What the
    /// period has cost already counts, and so does what is on its way.
    ///
    /// # Errors
    /// INVALID at `cap`.
    pub async fn set_spending_cap(&self, permit: &Permit, cap: Option<&str>) -> Result<Account, Stop> {
        let now = self.platform.now();
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let before = load_account(&mut tx, now).await?;
        let currency = before.amount.currency();
        let millionths = cap.map(|text| read(text, currency)).transpose()?;
        store::set_cap(&mut tx, millionths, currency).await?;
        let account = load_account(&mut tx, now).await?;
        let shown = |cap: Option<Money>| cap.map(|cap| cap.to_string());
        let detail = json!({
            "from": shown(before.spending_cap), "to": shown(account.spending_cap), "currency": currency.code(),
        });
        let target = permit.tenant().to_text();
        svc_audit::record(&mut tx, permit.caller(), "billing.spending_cap_set", &target, detail).await?;
        tx.commit().await?;
        Ok(account)
    }
}

fn read(text: &str, currency: Currency) -> Result<i64, Refusal> {
    let cap = Money::parse(text, currency).map_err(unreadable_cap)?;
    let millionths = i64::try_from(cap.millionths()).map_err(|_| unreadable_cap(MoneyError::TooLarge))?;
    if millionths < 0 { Err(cap_below_zero()) } else { Ok(millionths) }
}
