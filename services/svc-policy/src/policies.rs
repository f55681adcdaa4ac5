//! The handle.

use std::sync::Arc;
use std::time::Duration;

use core_kernel::{Fault, TenantId};
use io_cache::{TenantCache, unshare};
use io_postgres::{Change, TenantTx, Topic};
use svc_platform::{Platform, meter_cache};

use crate::model::PolicySnapshot;
use crate::store;

const CAPACITY: u64 = 50_000;
/// With every notification lost, a published policy holds everywhere after this long.
const LIFETIME: Duration = Duration::from_secs(5);

/// Commands and queries of policies; cheap to clone.
#[derive(Clone)]
pub struct Policies {
    pub(crate) platform: Platform,
    snapshots: Arc<TenantCache<(), PolicySnapshot>>,
}

impl Policies {
    /// Makes the handle, with an empty cache.
    #[must_use]
    pub fn new(platform: Platform) -> Self {
        let snapshots: Arc<TenantCache<(), PolicySnapshot>> = Arc::new(TenantCache::new("policy", CAPACITY, LIFETIME));
        let metered = snapshots.clone();
        meter_cache(&platform.meters, "policy", move || metered.stats());
        Self { platform, snapshots }
    }

    /// What decides for this tenant, without I/O where it was asked for within the last seconds.
    ///
    /// # Errors
    /// UNAVAILABLE without the database; INTERNAL when a stored policy cannot be read or there is none.
    pub async fn snapshot(&self, tenant: TenantId) -> Result<Arc<PolicySnapshot>, Fault> {
        let load = || self.platform.database.in_time(self.load(tenant));
        self.snapshots.get_with(tenant, &(), load).await.map_err(unshare)
    }

    async fn load(&self, tenant: TenantId) -> Result<PolicySnapshot, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let versions = store::list_deciding(&mut tx).await?;
        if versions.is_empty() {
            // Not cached: a stranger could ask for tenants that do not exist.
            return Err(Fault::internal("the tenant has no policy"));
        }
        Ok(PolicySnapshot::new(versions))
    }

    /// Forgets a tenant's snapshot: somebody published or cancelled.
    pub fn invalidate(&self, tenant: TenantId) {
        self.snapshots.invalidate_tenant(tenant);
    }

    /// Forgets everything: changes may have gone unheard.
    pub fn invalidate_all(&self) {
        self.snapshots.invalidate_all();
    }

    /// After a commit: this replica knows at once, the others within a second. Where they cannot be
    /// told, they know within 5 s all the same, so the command has succeeded.
    pub(crate) async fn announce(&self, tenant: TenantId) {
        self.invalidate(tenant);
        let change = Change::of_tenant(Topic::Policy, tenant);
        if let Err(error) = io_postgres::publish(&self.platform.database, change).await {
            tracing::warn!(error = %error, tenant = %tenant, "could not tell others of a new policy");
        }
    }
}
