//! The customer, and the subscription to what the tenant chose.
//!
//! Stripe bills of a metered price only what was used after it came into a subscription. A change of plan
//! is therefore another subscription, backdated to the beginning of the running period, in the place of
//! the old one, which ends without an invoice: the plan in force at a period's end bills all of it.

use chrono::TimeDelta;
use core_kernel::{TenantId, Timestamp, TypedId as _};
use io_postgres::TenantTx;
use io_stripe::{Invoice, NewCustomer, NewSubscription, StripeError, Subscription};

use super::{Collector, Trouble};
use crate::queries::{chosen_plan, terms};
use crate::store::stripe::{self as store, StripeAccount};
use crate::{BillingPeriod, Terms, TermsCode};

/// So shortly before a period's end no subscription is replaced: Stripe might be writing its invoice.
const QUIET: TimeDelta = TimeDelta::minutes(15);

impl Collector {
    /// The tenant's customer at Stripe, made where there is none.
    pub(super) async fn ensure_customer(&self, tenant: TenantId, account: &StripeAccount) -> Result<String, Trouble> {
        if let Some(known) = &account.customer_id {
            return Ok(known.clone());
        }
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let (name, email) = store::find_payer(&mut tx).await?;
        tx.rollback().await?;
        let id = tenant.to_text();
        // One that was made before a crash is found by its metadata; one of a moment ago by the request's key.
        let customer = match self.stripe.find_customer(&id).await? {
            Some(known) => known,
            None => {
                let new = NewCustomer { tenant: &id, name: &name, email: email.as_deref() };
                self.stripe.create_customer(new).await?
            }
        };
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        store::note_customer(&mut tx, &customer).await?;
        tx.commit().await?;
        Ok(customer)
    }

    /// Sees that the tenant is subscribed to what it chose, and to nothing else; the account as it is then.
    pub(super) async fn ensure_subscription(
        &self,
        tenant: TenantId,
        customer: &str,
        account: StripeAccount,
        now: Timestamp,
    ) -> Result<StripeAccount, Trouble> {
        let period = BillingPeriod::of(now);
        let wanted = self.wanted(tenant).await?;
        // Who did not pay, and was cut off at Stripe for it, is not subscribed anew.
        if account.has_ended() && account.failing_since.is_some() {
            return Ok(account);
        }
        let mut told = account.terms().filter(|_| account.subscription_id.is_some() && !account.has_ended());
        if told.as_ref() != Some(&wanted.code()) && self.may_replace(customer, &account, now).await? {
            self.subscribe(tenant, customer, &account, &wanted, period).await?;
            told = Some(wanted.code());
        }
        if let Some(told) = &told {
            self.note_period(tenant, told, period).await?;
        }
        let mut account = self.account(tenant).await?;
        if let (false, Some(current)) = (account.alone, &account.subscription_id) {
            self.end_others(tenant, customer, current).await?;
            account.alone = true;
        }
        Ok(account)
    }

    async fn wanted(&self, tenant: TenantId) -> Result<Terms, Trouble> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let plan = chosen_plan(&mut tx).await?;
        Ok(terms(&mut tx, plan, None).await?)
    }

    /// Whether the subscription may be replaced now: not while a period turns, neither by our clock nor by
    /// Stripe's, which is in the new period once it has drawn up the old one's invoice; and not while an invoice
    /// is to be written or paid, since Stripe gives up collecting what a subscription that ends has left open.
    async fn may_replace(&self, customer: &str, account: &StripeAccount, now: Timestamp) -> Result<bool, StripeError> {
        let Some(current) = account.subscription_id.as_deref().filter(|_| !account.has_ended()) else {
            return Ok(true);
        };
        let period = BillingPeriod::of(now);
        if period.end() - now < QUIET {
            return Ok(false);
        }
        let standing = match self.stripe.subscription(current).await {
            Err(error) if error.is_missing() => return Ok(true),
            standing => standing?,
        };
        if standing.status == "canceled" {
            return Ok(true);
        }
        let has_turned = standing.period_start().is_some_and(|start| start >= period.start());
        Ok(has_turned && !self.stripe.invoices(customer).await?.iter().any(is_unsettled))
    }

    async fn subscribe(
        &self,
        tenant: TenantId,
        customer: &str,
        account: &StripeAccount,
        terms: &Terms,
        period: BillingPeriod,
    ) -> Result<(), Trouble> {
        let code = terms.code();
        let known = self.stripe.subscriptions(customer).await?;
        let is_it = |standing: &&Subscription| standing.terms() == Some(code.to_string().as_str());
        let subscription = match known.iter().find(is_it) {
            Some(made) => made.clone(),
            None => self.create_subscription(tenant, customer, account, terms, period).await?,
        };
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        store::note_subscription(&mut tx, &subscription.id, &subscription.status, &code).await?;
        tx.commit().await?;
        tracing::info!(tenant_id = %tenant, terms = %code, "subscribed at Stripe");
        Ok(())
    }

    async fn create_subscription(
        &self,
        tenant: TenantId,
        customer: &str,
        account: &StripeAccount,
        terms: &Terms,
        period: BillingPeriod,
    ) -> Result<Subscription, StripeError> {
        let catalog = self.catalog(terms).await?;
        let code = terms.code().to_string();
        let before = account.subscription_id.as_deref().unwrap_or("first");
        let key = format!("postern-{}-{code}-{}-{before}", tenant.0.simple(), period.first_day);
        let new = NewSubscription {
            customer,
            prices: &catalog.prices,
            from: period.start(),
            next_period: period.end(),
            terms: &code,
            idempotency_key: &key,
        };
        self.stripe.create_subscription(new).await
    }

    async fn note_period(&self, tenant: TenantId, terms: &TermsCode, period: BillingPeriod) -> Result<(), Trouble> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        store::note_period(&mut tx, period, terms).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn account(&self, tenant: TenantId) -> Result<StripeAccount, Trouble> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let found = store::find_account(&mut tx).await?;
        found.ok_or_else(|| core_kernel::Fault::internal("an account that is gone").into())
    }

    /// Ends every other subscription of ours. Those that somebody made by hand stand for no terms, and stay.
    async fn end_others(&self, tenant: TenantId, customer: &str, current: &str) -> Result<(), Trouble> {
        for other in self.stripe.subscriptions(customer).await? {
            if other.id != current && other.terms().is_some() {
                match self.stripe.cancel_subscription(&other.id).await {
                    Err(error) if !error.is_missing() => return Err(error.into()),
                    _ => {}
                }
            }
        }
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        store::note_alone(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn is_unsettled(invoice: &Invoice) -> bool {
    matches!(invoice.status.as_deref(), Some("draft" | "open"))
}
