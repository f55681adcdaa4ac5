//! The handle.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use core_access::{Actor, ApiScope, Caller, Operation, Permit, Principal, ScopeSet};
use core_kernel::{AdminId, ApiKeyId, Fault, PLATFORM_TENANT, TenantId};
use io_cache::TenantCache;
use io_postgres::{Change, DbError, TenantTx, Topic};
use svc_directory::Directory;
use svc_factors::Factors;
use svc_logins::Logins;
use svc_platform::Platform;

use crate::AdminView;
use crate::passwords::HashingRoom;

const CAPACITY: u64 = 50_000;
/// With every notification lost, a removed administrator is known after this long.
const LIFETIME: Duration = Duration::from_secs(5);

/// Commands and queries of administrators and their sessions; cheap to clone.
#[derive(Clone)]
pub struct Admins {
    pub(crate) platform: Platform,
    pub(crate) directory: Directory,
    pub(crate) factors: Factors,
    pub(crate) logins: Logins,
    pub(crate) actors: Arc<TenantCache<String, Actor>>,
    pub(crate) views: Arc<TenantCache<AdminId, AdminView>>,
    pub(crate) hashing: HashingRoom,
}

impl Admins {
    /// Makes the handle, with empty caches.
    #[must_use]
    pub fn new(platform: Platform, directory: Directory, factors: Factors, logins: Logins) -> Self {
        Self {
            platform,
            directory,
            factors,
            logins,
            actors: Arc::new(TenantCache::new("actor", CAPACITY, LIFETIME)),
            views: Arc::new(TenantCache::new("admin", CAPACITY, LIFETIME)),
            hashing: HashingRoom::default(),
        }
    }

    /// Forgets a tenant's administrators: one was removed or has another role.
    pub fn invalidate(&self, tenant: TenantId) {
        self.actors.invalidate_tenant(tenant);
        self.views.invalidate_tenant(tenant);
    }

    /// Forgets all of them: changes may have gone unheard.
    pub fn invalidate_all(&self) {
        self.actors.invalidate_all();
        self.views.invalidate_all();
    }

    /// After a commit: this replica knows at once, the others within a second.
    pub(crate) async fn announce(&self, tenant: TenantId) {
        self.invalidate(tenant);
        let change = Change::of_tenant(Topic::Admin, tenant);
        if let Err(error) = io_postgres::publish(&self.platform.database, change).await {
            tracing::warn!(error = %error, tenant = %tenant, "could not tell others of changed administrators");
        }
    }

    pub(crate) async fn tx(&self, tenant: TenantId) -> Result<TenantTx, DbError> {
        TenantTx::begin(&self.platform.database, tenant).await
    }

    /// The tenant of accounts, sessions and the administrators' own second factors.
    pub(crate) async fn platform_tx(&self) -> Result<TenantTx, DbError> {
        self.tx(PLATFORM_TENANT).await
    }
}

/// The console as the integrator that it is in the platform tenant: with LOGIN and nothing more, so
/// that a sign-in can do to an account's factors what a login can, and no help desk's act.
pub(crate) fn console(ip: Option<IpAddr>, operation: Operation) -> Result<Permit, Fault> {
    let principal = Principal::ApiKey {
        id: ApiKeyId(PLATFORM_TENANT.0),
        name: "console".to_owned(),
        scopes: ScopeSet::of(&[ApiScope::Login]),
        partner: None,
    };
    Caller { tenant: PLATFORM_TENANT, principal, actor: None, ip }.permit(operation)
}
