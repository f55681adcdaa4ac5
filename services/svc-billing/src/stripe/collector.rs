//! Whose turn it is, and what a visit is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use core_kernel::{Fault, PLATFORM_TENANT, TenantId, Timestamp};
use futures::StreamExt as _;
use io_postgres::{NoTenant, TenantTx};
use io_stripe::Stripe;
use svc_platform::Platform;

use super::Trouble;
use super::catalog::Catalog;
use crate::TermsCode;
use crate::store::stripe as store;

/// The most tenants of one turn.
const TENANTS: i32 = 64;
/// How many tenants are visited at once: Stripe allows some hundred requests a second to an account.
const AT_ONCE: usize = 4;
/// How long a worker waits after the database failed it.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// How the collector works.
#[derive(Debug, Clone)]
pub struct CollectorOptions {
    /// How often it looks for tenants that are due.
    pub poll: Duration,
    /// How often a tenant is visited, where nothing calls earlier.
    pub every: TimeDelta,
    /// After a visit that failed.
    pub after_trouble: TimeDelta,
    /// How long a visit may take; another worker may come after it.
    pub lease: TimeDelta,
    /// How old what was read of Stripe may become, should no webhook arrive.
    pub reread: TimeDelta,
    /// How long a payment may fail before the tenant is suspended.
    pub grace: TimeDelta,
}

impl Default for CollectorOptions {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(2),
            every: TimeDelta::minutes(5),
            after_trouble: TimeDelta::minutes(2),
            lease: TimeDelta::minutes(10),
            reread: TimeDelta::hours(1),
            grace: TimeDelta::days(14),
        }
    }
}

/// Collects through Stripe what tenants owe. Cheap to clone.
#[derive(Clone)]
pub struct Collector {
    pub(super) platform: Platform,
    pub(super) stripe: Arc<dyn Stripe>,
    pub(super) options: CollectorOptions,
    pub(super) catalogs: Arc<Mutex<HashMap<TermsCode, Arc<Catalog>>>>,
}

impl Collector {
    /// Prepares a collector; nothing is asked yet.
    #[must_use]
    pub fn new(platform: Platform, stripe: Arc<dyn Stripe>, options: CollectorOptions) -> Self {
        Self { platform, stripe, options, catalogs: Arc::default() }
    }

    /// Works until the future is dropped, which is what a crash does, too: the next visit goes on from where
    /// this one was.
    pub async fn run(&self) {
        loop {
            let wait = match self.round().await {
                Ok(()) => self.options.poll,
                Err(fault) => {
                    tracing::warn!(error = %fault, "cannot look for tenants to bill");
                    AFTER_FAILURE
                }
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// Visits every tenant that is due, once.
    ///
    /// # Errors
    /// When the database fails before any tenant is known; what is wrong with one tenant is logged.
    pub async fn round(&self) -> Result<(), Fault> {
        let mut after = None;
        loop {
            let mut connection = NoTenant::acquire(&self.platform.database).await?;
            let now = self.platform.now();
            let due = store::tenants_to_bill(&mut connection, after, now, TENANTS).await?;
            drop(connection);
            let Some(last) = due.last() else { return Ok(()) };
            after = Some(*last);
            let theirs = due.into_iter().filter(|tenant| *tenant != PLATFORM_TENANT);
            futures::stream::iter(theirs).for_each_concurrent(AT_ONCE, |tenant| self.visit_logged(tenant)).await;
        }
    }

    async fn visit_logged(&self, tenant: TenantId) {
        if let Err(trouble) = self.visit(tenant).await {
            tracing::warn!(tenant_id = %tenant, error = %trouble, "could not bill a tenant through Stripe; it is tried again");
        }
    }

    /// Visits one tenant, if it is due and no other worker does.
    ///
    /// # Errors
    /// When the database or Stripe fails. What was done stays done, and the next visit goes on from there.
    pub async fn visit(&self, tenant: TenantId) -> Result<(), Trouble> {
        let now = self.platform.now();
        let until = now + self.options.lease;
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let Some(account) = store::claim(&mut tx, now, until).await? else { return Ok(()) };
        tx.commit().await?;
        let outcome = Box::pin(self.serve(tenant, account, now, until)).await;
        let (pause, problem) = match &outcome {
            Ok(()) => (self.options.every, None),
            Err(trouble) => (self.options.after_trouble, Some(trouble.to_string())),
        };
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        store::release(&mut tx, until, self.platform.now() + pause, problem.as_deref()).await?;
        tx.commit().await?;
        outcome
    }

    async fn serve(
        &self,
        tenant: TenantId,
        account: store::StripeAccount,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(), Trouble> {
        let customer = self.ensure_customer(tenant, &account).await?;
        let account = self.ensure_subscription(tenant, &customer, account, now).await?;
        if !account.has_ended() {
            self.close_periods(tenant, &customer).await?;
            self.tell(tenant, &customer, until).await?;
        }
        self.read_standing(tenant, &customer, &account).await
    }
}
