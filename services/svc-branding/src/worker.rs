//! The worker: fetches what was named.
//!
//! A logo is claimed by a transaction of its own before the first byte is asked for, and what came of it
//! is written by another, if it is still the logo that the tenant names. In between nothing is held but a
//! lease: a worker that dies leaves it to another.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use core_kernel::{Fault, TenantId};
use futures::StreamExt as _;
use io_outbound::Outbound;
use io_postgres::{Change, NoTenant, TenantTx, Topic};
use svc_platform::{Platform, go_round};
use tokio_util::sync::CancellationToken;

use crate::fetch::{Problem, fetch};
use crate::store::{self, Claim};

/// The most tenants of one look-up.
const TENANTS: i32 = 16;
/// How many are fetched at a time: each may take tens of mebibytes while it is unpacked.
const AT_ONCE: usize = 2;

/// How the worker works.
#[derive(Debug, Clone)]
pub struct LogoOptions {
    /// How often logos are looked for.
    pub poll: Duration,
    /// After how long a worker that says nothing is taken for dead.
    pub lease: Duration,
}

impl Default for LogoOptions {
    fn default() -> Self {
        Self { poll: Duration::from_secs(1), lease: Duration::from_secs(60) }
    }
}

/// The worker. Cheap to clone.
#[derive(Clone)]
pub struct LogoWorker {
    platform: Platform,
    outbound: Outbound,
    options: LogoOptions,
}

impl LogoWorker {
    /// Prepares a worker; `outbound` reads up to [`crate::MAX_SOURCE_BYTES`] of an answer.
    #[must_use]
    pub fn new(platform: Platform, outbound: Outbound, options: LogoOptions) -> Self {
        Self { platform, outbound, options }
    }

    /// Works until told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        go_round(&stop, self.options.poll, "logos", || self.round(&stop)).await;
    }

    /// Fetches what is due; whether there was anything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn round(&self, stop: &CancellationToken) -> Result<bool, Fault> {
        let mut connection = NoTenant::acquire(&self.platform.database).await?;
        let tenants = store::logos_due(&mut connection, TENANTS).await?;
        drop(connection);
        let worked = !tenants.is_empty();
        let work = async |tenant| {
            if stop.is_cancelled() {
                return;
            }
            if let Err(fault) = self.fetch_of(tenant).await {
                tracing::warn!(error = %fault, tenant = %tenant, "cannot fetch a logo");
            }
        };
        futures::stream::iter(tenants).for_each_concurrent(AT_ONCE, work).await;
        Ok(worked)
    }

    async fn fetch_of(&self, tenant: TenantId) -> Result<(), Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let Some(claim) = store::claim(&mut tx, self.options.lease.as_secs_f64()).await? else { return Ok(()) };
        tx.commit().await?;
        let fetched = fetch(&self.outbound, &claim.source).await;
        if self.record(tenant, &claim, fetched).await? {
            self.announce(tenant).await;
        }
        Ok(())
    }

    /// Whether it is still the tenant's logo.
    async fn record(&self, tenant: TenantId, claim: &Claim, fetched: Result<Vec<u8>, Problem>) -> Result<bool, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let recorded = match fetched {
            Ok(picture) => store::keep(&mut tx, &claim.source, &picture, digest_of(&picture)).await?,
            Err(problem) => {
                let pause = problem.pause(claim.tries).map(|pause| pause.as_secs_f64());
                store::note(&mut tx, &claim.source, &problem.sentence, pause).await?
            }
        };
        tx.commit().await?;
        Ok(recorded)
    }

    /// Where others cannot be told, they know within 5 s all the same.
    async fn announce(&self, tenant: TenantId) {
        let change = Change::of_tenant(Topic::Tenant, tenant);
        if let Err(error) = io_postgres::publish(&self.platform.database, change).await {
            tracing::warn!(error = %error, tenant = %tenant, "could not tell others of a logo");
        }
    }
}

fn digest_of(picture: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, picture).as_ref());
    bytes
}
