//! Administrators, on a platform whose clock is moved by hand.

mod people;

use std::sync::Arc;

use chrono::TimeDelta;
use core_access::{Caller, Operation, Permit, Principal};
use core_kernel::{Clock as _, Fault, ManualClock, SystemClock, TenantId};
use io_limits::{Limits, LimitsConfig, Rate, limit};
use io_postgres::TenantTx;
use svc_admins::{AdminView, Admins, ensure_platform_tenant};
use svc_directory::Directory;
use svc_factors::Factors;
use svc_logins::{CombinerOptions, Logins, RiskSources};
use svc_platform::Platform;
use svc_policy::Policies;

pub use people::{ADMIN_PASSWORD, Person, app_among, app_of};

use crate::{Environment, TestBed};

/// A tenant to administer, and who lets its people in.
pub struct AdminsBed {
    /// Below it all; its own platform has the system's clock.
    pub bed: TestBed,
    /// The platform's.
    pub clock: Arc<ManualClock>,
    /// What the services are made from.
    pub platform: Platform,
    /// Policies.
    pub policies: Policies,
    /// Tenants and their users.
    pub directory: Directory,
    /// Administrators.
    pub admins: Admins,
    /// The tenant, in which nobody is yet.
    pub tenant: TenantId,
}

impl AdminsBed {
    /// With a sandbox tenant.
    ///
    /// # Panics
    /// When there is no PostgreSQL.
    pub async fn new() -> Self {
        Self::of(Environment::Sandbox).await
    }

    /// With such a tenant.
    ///
    /// # Panics
    /// When there is no PostgreSQL.
    pub async fn of(environment: Environment) -> Self {
        let bed = TestBed::new().await;
        // Ahead of the database, so that what it writes lies in the past.
        let clock = Arc::new(ManualClock::starting_at(SystemClock.now() + TimeDelta::seconds(5)));
        let platform = Platform { clock: clock.clone(), ..bed.platform.clone() };
        let policies = Policies::new(platform.clone());
        ensure_platform_tenant(&platform, &policies).await.expect("the platform's tenant");
        let (directory, admins) = services(&platform, &policies);
        let tenant = bed.tenant(environment).await;
        Self { bed, clock, platform, policies, directory, admins, tenant }
    }

    /// The same administrators on another replica, which knows nothing yet.
    #[must_use]
    pub fn replica(&self) -> Admins {
        services(&self.platform, &Policies::new(self.platform.clone())).1
    }

    /// Lets time pass.
    pub fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    /// A transaction of a tenant's.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn tx(&self, tenant: TenantId) -> TenantTx {
        TenantTx::begin(&self.platform.database, tenant).await.expect("a transaction")
    }

    /// What the system itself may do in the tenant.
    ///
    /// # Panics
    /// When it may not.
    #[must_use]
    pub fn system(&self, operation: Operation) -> Permit {
        Caller::system(self.tenant).permit(operation).expect("the system may")
    }

    /// What somebody may do who administers the tenant.
    ///
    /// # Errors
    /// When it may not.
    pub fn as_admin(&self, admin: &AdminView, operation: Operation) -> Result<Permit, Fault> {
        Caller { tenant: self.tenant, principal: Principal::Admin(admin.actor()), actor: None, ip: None }
            .permit(operation)
    }

    /// Actions of a tenant's audit log, the oldest first.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn audit(&self, tenant: TenantId) -> Vec<String> {
        let mut tx = self.tx(tenant).await;
        sqlx::query_scalar("select action from audit_entry where tenant_id = $1 order by entry_id")
            .bind(tenant.0)
            .fetch_all(tx.connection())
            .await
            .expect("the log")
    }
}

fn services(platform: &Platform, policies: &Policies) -> (Directory, Admins) {
    let directory = Directory::new(platform.clone(), policies.clone());
    let factors = Factors::new(platform.clone(), policies.clone());
    let plenty = Rate { rate: 100_000, burst: 100_000 };
    let config = LimitsConfig::default().with(limit::USER_EVALUATE_LOGIN, plenty).expect("a limit");
    let config = config.with(limit::USER_START_CHALLENGE, plenty).expect("a limit");
    let limits = Arc::new(Limits::new(&config, Arc::new(SystemClock)).expect("limits"));
    let options = CombinerOptions { workers: 1, ..CombinerOptions::default() };
    let risk = RiskSources::without_files(platform.clock.clone());
    let logins = Logins::new(platform.clone(), policies.clone(), limits, risk, options);
    let admins = Admins::new(platform.clone(), directory.clone(), factors, logins);
    (directory, admins)
}
