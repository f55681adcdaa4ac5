//! The handle.

use std::sync::Arc;
use std::time::Duration;

use core_kernel::{PartnerId, TenantId};
use io_cache::{GlobalCache, TenantCache};
use io_postgres::{Change, Topic};
use svc_platform::{Platform, meter_cache};
use svc_policy::Policies;

use crate::api_keys::{KeyUses, KnownKey};
use crate::tenants::TenantSettings;

const TENANTS: u64 = 50_000;
const KEYS: u64 = 100_000;
/// With every notification lost, a revoked key or a suspended tenant is known after this long.
const LIFETIME: Duration = Duration::from_secs(5);

/// Commands and queries of partners, tenants, API keys and users; cheap to clone.
#[derive(Clone)]
pub struct Directory {
    pub(crate) platform: Platform,
    pub(crate) policies: Policies,
    pub(crate) settings: Arc<TenantCache<(), TenantSettings>>,
    pub(crate) known_keys: Arc<GlobalCache<[u8; 32], KnownKey>>,
    pub(crate) owners: Arc<TenantCache<PartnerId, ()>>,
    pub(crate) key_uses: Arc<KeyUses>,
}

impl Directory {
    /// Makes the handle, with empty caches.
    #[must_use]
    pub fn new(platform: Platform, policies: Policies) -> Self {
        let settings: Arc<TenantCache<(), TenantSettings>> = Arc::new(TenantCache::new("tenant", TENANTS, LIFETIME));
        let known_keys: Arc<GlobalCache<[u8; 32], KnownKey>> = Arc::new(GlobalCache::new("api_key", KEYS, LIFETIME));
        let metered = (settings.clone(), known_keys.clone());
        meter_cache(&platform.meters, "tenant", move || metered.0.stats());
        meter_cache(&platform.meters, "api_key", move || metered.1.stats());
        Self {
            platform,
            policies,
            settings,
            known_keys,
            owners: Arc::new(TenantCache::new("tenant_owner", TENANTS, LIFETIME)),
            key_uses: Arc::default(),
        }
    }

    /// Forgets a tenant's settings: its settings, status or clock changed.
    pub fn invalidate_tenant(&self, tenant: TenantId) {
        self.settings.invalidate_tenant(tenant);
        self.owners.invalidate_tenant(tenant);
        self.platform.clocks.forget(tenant);
    }

    /// Forgets all API keys: one changed. Whose each entry is cannot be told from its digest, and
    /// all of them go every few seconds anyway.
    pub fn invalidate_api_keys(&self) {
        self.known_keys.invalidate_all();
    }

    /// Forgets everything: changes may have gone unheard.
    pub fn invalidate_all(&self) {
        self.settings.invalidate_all();
        self.owners.invalidate_all();
        self.known_keys.invalidate_all();
        self.platform.clocks.forget_all();
    }

    /// After a commit: this replica knows at once, the others within a second. Where they cannot be
    /// told, they know within 5 s all the same, so the command has succeeded.
    pub(crate) async fn announce(&self, change: Change) {
        match change.topic {
            Topic::ApiKey => self.invalidate_api_keys(),
            _ => self.invalidate_tenant(TenantId(change.subject)),
        }
        if let Err(error) = io_postgres::publish(&self.platform.database, change).await {
            tracing::warn!(error = %error, subject = %change.subject, "could not tell others of a change");
        }
    }
}
