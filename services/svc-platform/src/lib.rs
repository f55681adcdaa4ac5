//! What every service stands on: the database, time, randomness and the installation's keys.
//!
//! A service's command takes `&Platform` first. Keys live in memory, unsealed once at start (and
//! again when a change is published); a tenant's data key is unsealed when it is first needed.

mod alarm;
mod challenge;
mod clocks;
mod installation_keys;
mod keys;
mod loaded;
mod master;
mod metered;
mod rounds;
mod store;
mod watch;

use std::sync::Arc;

use core_kernel::{Clock, Entropy, Fault, TenantId, Timestamp};
use io_meters::Meters;
use io_postgres::Database;
use tokio::sync::Notify;

pub use alarm::{Alarms, Refused};
pub use challenge::{ChallengeStatus, ChallengeView};
pub use clocks::TenantClocks;
pub use installation_keys::{
    ensure_installation_keys, purpose_context, replace_signing_keys, rotate_signing_key, signing_context,
};
pub use keys::{Keys, KeysError, place};
pub use master::{MasterRead, MasterSource};
pub use metered::meter_cache;
pub use rounds::go_round;
pub use store::tenants_after;
pub use watch::{Watch, Watcher};

/// Database, time, randomness and keys; cheap to clone.
#[derive(Clone)]
pub struct Platform {
    /// The pool of the unprivileged role.
    pub database: Database,
    /// The wall clock. Expiries that follow a tenant's clock ask the database instead.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The installation's keys.
    pub keys: Keys,
    /// Where users and integrators reach this installation, without a trailing slash; links are
    /// built from it, never from what a client wrote into a Host header.
    pub public_url: Arc<str>,
    /// The tenants' clocks.
    pub clocks: TenantClocks,
    /// Rung after a commit that queued messages, so that a worker in this process need not wait
    /// for its next poll. A hint: the poll is the truth.
    pub messages_queued: Arc<Notify>,
    /// Who watches what, here and in other processes.
    pub watch: Watch,
    /// What is counted and timed.
    pub meters: Meters,
}

impl Platform {
    /// A platform on these, with nothing remembered yet.
    #[must_use]
    pub fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        keys: Keys,
        public_url: &str,
    ) -> Self {
        let public_url = public_url.trim_end_matches('/').into();
        let (clocks, messages_queued) = (TenantClocks::default(), Arc::new(Notify::new()));
        let watch = Watch::new(entropy.uuid_v7(clock.now()));
        Self { database, clock, entropy, keys, public_url, clocks, messages_queued, watch, meters: Meters::new() }
    }

    /// Now, as a tenant sees it, without asking the database each time. A sandbox's clock that was
    /// moved on another replica is seen here within seconds.
    ///
    /// # Errors
    /// When the database fails or there is no such tenant.
    pub async fn tenant_now(&self, tenant: TenantId) -> Result<Timestamp, Fault> {
        Ok(self.clock.now() + self.clocks.offset(&self.database, tenant).await?)
    }

    /// Now, by the wall clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
