//! The tenants' clocks, as nearly as is known without asking the database: enough to choose the
//! policy in force. Whatever expires is judged by the database's own clock.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use core_kernel::{Fault, TenantId};
use io_cache::{TenantCache, unshare};
use io_postgres::{Database, TenantTx};

use crate::store;

const LIFETIME: Duration = Duration::from_secs(5);
const CAPACITY: u64 = 50_000;

/// By how much sandboxes' clocks were moved; cheap to clone.
#[derive(Clone)]
pub struct TenantClocks(Arc<TenantCache<(), TimeDelta>>);

impl Default for TenantClocks {
    fn default() -> Self {
        Self(Arc::new(TenantCache::new("tenant_clock", CAPACITY, LIFETIME)))
    }
}

impl TenantClocks {
    /// By how much this tenant's clock is ahead of the wall clock.
    ///
    /// # Errors
    /// When the database fails or there is no such tenant.
    pub async fn offset(&self, database: &Database, tenant: TenantId) -> Result<TimeDelta, Fault> {
        let load = || {
            database.in_time(async {
                let mut tx = TenantTx::begin(database, tenant).await?;
                let seconds = store::lookup_clock_offset(&mut tx).await?;
                Ok::<_, Fault>(TimeDelta::seconds(seconds))
            })
        };
        self.0.get_with(tenant, &(), load).await.map(|offset| *offset).map_err(unshare)
    }

    /// Forgets what is known of a tenant's clock, when it was moved.
    pub fn forget(&self, tenant: TenantId) {
        self.0.invalidate_tenant(tenant);
    }

    /// Forgets everything, when notifications may have been missed.
    pub fn forget_all(&self) {
        self.0.invalidate_all();
    }
}
