//! The worker: goes on with runs of reminders that nobody waits for.
//!
//! A batch is one transaction, and a run's place is in it: a worker that dies in the middle has done
//! nothing, and another goes on. Tenants take turns, a batch each. One who suspends it, or enrolls, is
//! seen at the next batch, or when the mail is about to be sent.

use std::time::Duration;

use core_kernel::{Fault, TenantId};
use io_postgres::{NoTenant, TenantTx};
use svc_platform::{Platform, go_round};
use svc_policy::Policies;
use tokio_util::sync::CancellationToken;

use crate::commands::{BATCH, deadlines};
use crate::store;

/// The most tenants of one look-up.
const TENANTS: i32 = 64;

/// How the worker works.
#[derive(Debug, Clone)]
pub struct ReminderOptions {
    /// How often runs are looked for.
    pub poll: Duration,
}

impl Default for ReminderOptions {
    fn default() -> Self {
        Self { poll: Duration::from_secs(1) }
    }
}

/// The worker. Cheap to clone.
#[derive(Clone)]
pub struct ReminderWorker {
    platform: Platform,
    policies: Policies,
    options: ReminderOptions,
}

impl ReminderWorker {
    /// Prepares a worker.
    #[must_use]
    pub fn new(platform: Platform, policies: Policies, options: ReminderOptions) -> Self {
        Self { platform, policies, options }
    }

    /// Works until told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        go_round(&stop, self.options.poll, "reminders", || self.round(&stop)).await;
    }

    /// A batch for each tenant that has a run; whether there was any.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn round(&self, stop: &CancellationToken) -> Result<bool, Fault> {
        let mut worked = false;
        let mut after = None;
        loop {
            let mut connection = NoTenant::acquire(&self.platform.database).await?;
            let tenants = store::tenants_with_reminders(&mut connection, after, TENANTS).await?;
            drop(connection);
            let Some(last) = tenants.last().copied() else { return Ok(worked) };
            for tenant in tenants {
                if stop.is_cancelled() {
                    return Ok(worked);
                }
                worked |= self.go_on(tenant).await.unwrap_or_else(|fault| {
                    tracing::warn!(error = %fault, tenant = %tenant, "cannot go on with reminders");
                    false
                });
            }
            after = Some(last);
        }
    }

    /// The next batch of the tenant's oldest run that is not in other hands.
    async fn go_on(&self, tenant: TenantId) -> Result<bool, Fault> {
        let snapshot = self.policies.snapshot(tenant).await?;
        let version = snapshot.coming().ok_or_else(|| Fault::internal("the tenant has no policy"))?;
        let deadlines = deadlines(&version.policy);
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        for run in store::list_open_runs(&mut tx).await? {
            if store::queue_batch(&mut tx, run, BATCH, &deadlines).await? {
                tx.commit().await?;
                self.platform.messages_queued.notify_one();
                return Ok(true);
            }
        }
        Ok(false)
    }
}
