//! The worker: passes events on, and sends.
//!
//! Tenants take turns, each its share of what is free; an endpoint has so many deliveries on their way
//! at once, and one that is failing has one. Any number of workers may run at the same time: a claim
//! skips what another holds, and an outcome counts only for the attempt it belongs to. Order is not
//! kept: a retry comes after what happened later.

mod attempt;
mod on_the_way;
mod pass_on;

use std::time::Duration;

use core_kernel::{Fault, TenantId};
use io_outbound::Outbound;
use io_postgres::{NoTenant, TenantTx};
use svc_platform::Platform;
use tokio_util::sync::CancellationToken;

use crate::store::{self, Claim, ClaimRequest, Work};
use on_the_way::OnTheWay;

/// The most tenants of one turn.
const TENANTS: i32 = 64;
/// How long a worker waits after the database failed it.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// How the worker works.
#[derive(Debug, Clone)]
pub struct WebhookOptions {
    /// How often work is looked for when there was none.
    pub poll: Duration,
    /// After how long a worker that says nothing is taken for dead. Longer than a request may take.
    pub lease: Duration,
    /// The most deliveries on their way at once …
    pub slots: usize,
    /// … and to one endpoint.
    pub per_endpoint: usize,
    /// Events that are passed on in one transaction.
    pub events: i64,
}

impl Default for WebhookOptions {
    fn default() -> Self {
        Self {
            poll: Duration::from_millis(250),
            lease: Duration::from_secs(30),
            slots: 512,
            per_endpoint: 32,
            events: 200,
        }
    }
}

/// The worker. Cheap to clone.
#[derive(Clone)]
pub struct WebhookWorker {
    platform: Platform,
    outbound: Outbound,
    options: WebhookOptions,
}

/// What a turn came to.
struct Turn {
    worked: bool,
    /// Every tenant with work has had its turn.
    round_ends: bool,
}

impl WebhookWorker {
    /// Prepares a worker; nothing is connected yet.
    #[must_use]
    pub fn new(platform: Platform, outbound: Outbound, options: WebhookOptions) -> Self {
        Self { platform, outbound, options }
    }

    /// Works until told to stop, and then until what is on its way has come back. To drop the future
    /// instead is what a crash does.
    pub async fn run(&self, stop: CancellationToken) {
        let (mut way, mut after, mut idle) = (OnTheWay::default(), None, true);
        while !stop.is_cancelled() {
            way.take_back();
            if self.free(&way) == 0 {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = way.one_back() => {}
                }
                continue;
            }
            let wait = match self.turn(&mut after, &mut way).await {
                Ok(turn) => {
                    idle &= !turn.worked;
                    let rest = turn.round_ends && std::mem::replace(&mut idle, true);
                    if rest { self.options.poll } else { Duration::ZERO }
                }
                Err(fault) => {
                    tracing::warn!(error = %fault, "cannot look for webhooks");
                    AFTER_FAILURE
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        way.all_back().await;
    }

    /// Does all that is due now, and waits until it is done; whether there was anything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn round(&self) -> Result<bool, Fault> {
        let (mut way, mut after, mut worked) = (OnTheWay::default(), None, false);
        loop {
            let turn = self.turn(&mut after, &mut way).await?;
            way.all_back().await;
            worked |= turn.worked;
            if turn.round_ends && !turn.worked {
                return Ok(worked);
            }
        }
    }

    /// The tenants whose turn it is. Where nothing is free before all have had it, the next turn begins
    /// where this one ended.
    async fn turn(&self, after: &mut Option<TenantId>, way: &mut OnTheWay) -> Result<Turn, Fault> {
        let mut connection = NoTenant::acquire(&self.platform.database).await?;
        let tenants = store::tenants_with_work(&mut connection, *after, TENANTS).await?;
        drop(connection);
        let share = (self.free(way) / tenants.len().max(1)).max(1);
        let mut turn = Turn { worked: false, round_ends: tenants.len() < usize::try_from(TENANTS).unwrap_or(0) };
        for work in &tenants {
            if self.free(way) == 0 {
                turn.round_ends = false;
                break;
            }
            *after = Some(work.tenant);
            match self.serve(*work, share.min(self.free(way)), way).await {
                Ok(worked) => turn.worked |= worked,
                Err(Fault::Unavailable) => return Err(Fault::Unavailable),
                // What is wrong with one tenant's must not hold up the others.
                Err(fault) => {
                    let source = std::error::Error::source(&fault).map(ToString::to_string);
                    tracing::error!(tenant_id = %work.tenant, error = source.as_deref(), "a tenant's webhooks failed");
                }
            }
        }
        if turn.round_ends {
            *after = None;
        }
        Ok(turn)
    }

    fn free(&self, way: &OnTheWay) -> usize {
        self.options.slots.saturating_sub(way.len())
    }

    async fn serve(&self, work: Work, share: usize, way: &mut OnTheWay) -> Result<bool, Fault> {
        let mut worked = work.events && self.pass_on(work.tenant).await?;
        if worked || work.deliveries {
            for claim in self.claim(work.tenant, share, way).await? {
                worked = true;
                let worker = self.clone();
                way.start(claim.endpoint, async move { worker.attempt(&claim).await });
            }
        }
        Ok(worked)
    }

    async fn claim(&self, tenant: TenantId, share: usize, way: &OnTheWay) -> Result<Vec<Claim>, Fault> {
        let request = ClaimRequest {
            limit: i64::try_from(share).unwrap_or(i64::MAX),
            per_endpoint: i64::try_from(self.options.per_endpoint).unwrap_or(i64::MAX),
            on_the_way: &way.counts(),
            lease_seconds: self.options.lease.as_secs_f64(),
        };
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let claims = store::claim(&mut tx, &request).await?;
        tx.commit().await?;
        Ok(claims)
    }
}
