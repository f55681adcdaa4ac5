//! The worker: takes simulations that are due, one at a time, and runs them.
//!
//! A claim has a lease that is renewed with every page. A worker that is killed leaves nothing behind
//! that another could not begin anew with: which logins are replayed was fixed when the simulation was
//! asked for, and findings are written at the end, under the number of the attempt. One that is told to
//! stop gives its simulation back at once.
//!
//! Logins are served by the same database. A page is read in a short transaction of its own, and after
//! each the worker rests for a share of the time that the page took.

mod conclude;
mod pages;
mod run;

use std::time::Duration;

use core_kernel::{Fault, TenantId};
use io_postgres::{NoTenant, TenantTx};
use svc_platform::{Platform, go_round};
use tokio_util::sync::CancellationToken;

use crate::store::{self, Claim};
use run::Ended;

/// The most tenants of one look-up.
const TENANTS: i32 = 16;
/// After so many attempts a simulation is given up.
const MAX_ATTEMPTS: i16 = 5;
/// How long a simulation waits after the database failed it, in seconds.
const AFTER_FAILURE: f64 = 5.0;

/// How the worker works.
#[derive(Debug, Clone)]
pub struct SimulationOptions {
    /// How often waiting simulations are looked for.
    pub poll: Duration,
    /// After how long a worker that says nothing is taken for dead.
    pub lease: Duration,
    /// Logins to a page.
    pub page: i64,
    /// The most logins of one simulation; the latest ones.
    pub max_logins: i32,
    /// How long the worker rests after a page, as a share of the time that the page took.
    pub rest: f64,
}

impl Default for SimulationOptions {
    fn default() -> Self {
        Self {
            poll: Duration::from_millis(500),
            lease: Duration::from_secs(30),
            page: 4_000,
            max_logins: 1_000_000,
            rest: 0.2,
        }
    }
}

/// The worker. Cheap to clone.
#[derive(Clone)]
pub struct SimulationWorker {
    platform: Platform,
    options: SimulationOptions,
}

impl SimulationWorker {
    /// Prepares a worker.
    #[must_use]
    pub fn new(platform: Platform, options: SimulationOptions) -> Self {
        Self { platform, options }
    }

    /// Works until told to stop, and then until the page in hand is read. To drop the future instead is
    /// what a crash does.
    pub async fn run(&self, stop: CancellationToken) {
        go_round(&stop, self.options.poll, "simulations", || self.round(&stop)).await;
    }

    /// Runs what is due, and deletes what was kept long enough; whether anything was run.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn round(&self, stop: &CancellationToken) -> Result<bool, Fault> {
        let mut connection = NoTenant::acquire(&self.platform.database).await?;
        let tenants = store::tenants_with_simulations(&mut connection, TENANTS).await?;
        drop(connection);
        let mut worked = false;
        for tenant in tenants {
            if stop.is_cancelled() {
                break;
            }
            if let Some(claim) = self.claim(tenant).await? {
                worked = true;
                self.work(&claim, stop).await?;
            }
        }
        Ok(worked)
    }

    async fn claim(&self, tenant: TenantId) -> Result<Option<Claim>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        store::delete_over(&mut tx).await?;
        let claim = store::claim(&mut tx, self.options.lease.as_secs_f64()).await?;
        tx.commit().await?;
        Ok(claim)
    }

    async fn work(&self, claim: &Claim, stop: &CancellationToken) -> Result<(), Fault> {
        if claim.attempt > MAX_ATTEMPTS {
            return self.fail(claim, "It broke off too often.").await;
        }
        match self.simulate(claim, stop).await {
            Ok(Ended::Completed) => tracing::info!(simulation_id = %claim.id, "simulated a policy"),
            // Cancelled, or another worker's by now.
            Ok(Ended::NotOurs) => {}
            Ok(Ended::Stopped) => self.give_back(claim, 0.0).await?,
            Err(Fault::Unavailable) => self.give_back(claim, AFTER_FAILURE).await?,
            Err(fault) => {
                let source = std::error::Error::source(&fault).map(ToString::to_string);
                tracing::error!(simulation_id = %claim.id, error = source.as_deref(), "a simulation failed");
                self.fail(claim, "Something went wrong on our side.").await?;
            }
        }
        Ok(())
    }

    async fn give_back(&self, claim: &Claim, after_seconds: f64) -> Result<(), Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, claim.tenant).await?;
        store::give_back(&mut tx, claim, after_seconds).await?;
        Ok(tx.commit().await?)
    }

    async fn fail(&self, claim: &Claim, failure: &str) -> Result<(), Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, claim.tenant).await?;
        store::fail(&mut tx, claim, failure).await?;
        Ok(tx.commit().await?)
    }
}
