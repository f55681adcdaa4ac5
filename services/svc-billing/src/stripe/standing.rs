//! Reading how a tenant stands, and what follows.

use core_kernel::{TenantId, Timestamp, TypedId as _};
use io_postgres::{Change, TenantTx, Topic, publish};
use io_stripe::{Invoice, StripeError};
use serde_json::json;

use super::{Collector, Trouble};
use crate::store::stripe::{self as store, StripeAccount};

/// In the audit log.
const ACTOR: &str = "billing";

impl Collector {
    /// Reads subscription and invoices where something happened since they were read, or some time has
    /// passed; then sees to it that who has not paid is suspended, and who has is not.
    pub(super) async fn read_standing(
        &self,
        tenant: TenantId,
        customer: &str,
        account: &StripeAccount,
    ) -> Result<(), Trouble> {
        let now = self.platform.now();
        let is_fresh = account.read_at.is_some_and(|read| now - read < self.options.reread);
        let (Some(subscription), true) = (&account.subscription_id, account.stale_at.is_some() || !is_fresh) else {
            return self.follow_up(tenant, account.failing_since, account.suspended_at, now).await;
        };
        let status = match self.stripe.subscription(subscription).await {
            Ok(standing) => standing.status,
            Err(StripeError::Refused { status: 404, .. }) => "canceled".to_owned(),
            Err(error) => return Err(error.into()),
        };
        let invoices = self.stripe.invoices(customer).await?;
        let failing = matches!(status.as_str(), "past_due" | "unpaid") || invoices.iter().any(is_failing);
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        store::replace_invoices(&mut tx, &invoices).await?;
        let since = store::note_standing(&mut tx, &status, failing, now).await?;
        tx.commit().await?;
        self.follow_up(tenant, since, account.suspended_at, now).await
    }

    async fn follow_up(
        &self,
        tenant: TenantId,
        failing_since: Option<Timestamp>,
        suspended_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), Trouble> {
        let is_over = failing_since.is_some_and(|since| now - since >= self.options.grace);
        match (is_over, suspended_at) {
            (true, None) => self.suspend(tenant, now).await,
            // Whoever pays within the grace of a later failure is served again, too.
            (false, Some(_)) => self.resume(tenant).await,
            _ => Ok(()),
        }
    }

    async fn suspend(&self, tenant: TenantId, now: Timestamp) -> Result<(), Trouble> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        if store::suspend(&mut tx, now).await? {
            self.on_record(tx, "tenant.suspended").await?;
        }
        Ok(())
    }

    async fn resume(&self, tenant: TenantId) -> Result<(), Trouble> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        if store::resume(&mut tx).await? {
            self.on_record(tx, "tenant.resumed").await?;
        } else {
            // The operator has served it again before.
            tx.commit().await?;
        }
        Ok(())
    }

    /// Commits with an entry in the audit log, and tells all gateways.
    async fn on_record(&self, mut tx: TenantTx, action: &'static str) -> Result<(), Trouble> {
        let tenant = tx.tenant();
        let detail = json!({ "reason": "payment" });
        svc_audit::record_as(&mut tx, ACTOR, action, Some(&tenant.to_text()), detail, None).await?;
        tx.commit().await?;
        publish(&self.platform.database, Change::of_tenant(Topic::Tenant, tenant)).await?;
        tracing::warn!(tenant_id = %tenant, action, "changed for a payment's sake");
        Ok(())
    }
}

/// Somebody tried to collect it, and could not.
fn is_failing(invoice: &Invoice) -> bool {
    invoice.status.as_deref() == Some("open") && invoice.attempt_count > 0
}
