//! A sandbox tenant with users who have factors, and the login path on it.
#![allow(dead_code, unused_imports, missing_docs, reason = "each test file uses a part of it")]
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

mod login_path;
mod people;
mod told;

use std::sync::Arc;
use std::time::Duration;

use core_access::{ApiScope, Caller, Operation, Permit};
use core_kernel::{SystemClock, TenantId};
use core_policy::Policy;
use core_risk::Weights;
use io_geo::Atlas;
use io_limits::{Limits, LimitsConfig};
use io_postgres::TenantTx;
use sqlx::{Connection, PgConnection};
use svc_factors::Factors;
use svc_logins::{CombinerOptions, Logins, RiskSources};
use svc_policy::Policies;
use testkit::{Environment, TestBed, caller};
use uuid::Uuid;

pub use login_path::input;
pub use told::{Memory, code_of, decision, signals, tally};

pub struct Fixture {
    pub bed: TestBed,
    pub tenant: TenantId,
    pub logins: Logins,
    pub policies: Policies,
}

impl Fixture {
    pub async fn new() -> Self {
        Self::with(CombinerOptions::default()).await
    }

    pub async fn with(options: CombinerOptions) -> Self {
        let bed = TestBed::new().await;
        let risk = RiskSources::without_files(bed.platform.clock.clone());
        Self::on(bed, risk, options).await
    }

    /// Where addresses are in the cities of the demo.
    pub async fn in_the_world() -> Self {
        Self::in_the_world_with(CombinerOptions::default()).await
    }

    pub async fn in_the_world_with(options: CombinerOptions) -> Self {
        let bed = TestBed::new().await;
        let risk = RiskSources { atlas: demo_atlas(&bed), weights: Weights::default() };
        Self::on(bed, risk, options).await
    }

    async fn on(bed: TestBed, risk: RiskSources, options: CombinerOptions) -> Self {
        let tenant = bed.tenant(Environment::Sandbox).await;
        let limits = Arc::new(Limits::new(&generous(), Arc::new(SystemClock)).unwrap());
        let policies = Policies::new(bed.platform.clone());
        let logins = Logins::new(bed.platform.clone(), policies.clone(), limits, risk, options);
        Self { bed, tenant, logins, policies }
    }

    /// Changes the policy in force; what `change` leaves alone is as for a new tenant.
    pub async fn policy(&self, change: impl FnOnce(&mut Policy)) {
        let mut policy = Policy::new_tenant(self.bed.now(self.tenant).await - chrono::Duration::seconds(1));
        change(&mut policy);
        self.bed.policy(self.tenant, &policy).await;
        self.policies.invalidate(self.tenant);
    }

    pub fn permit(&self, operation: Operation) -> Permit {
        login_caller(self.tenant).permit(operation).unwrap()
    }

    pub async fn tx(&self) -> TenantTx {
        TenantTx::begin(&self.bed.platform.database, self.tenant).await.unwrap()
    }

    pub fn factors(&self) -> Factors {
        Factors::new(self.bed.platform.clone(), self.policies.clone())
    }

    /// Runs one statement with the tenant as $1 and an identifier as $2.
    pub async fn run(&self, sql: &'static str, id: Uuid) {
        let mut tx = self.tx().await;
        sqlx::query(sql).bind(self.tenant.0).bind(id).execute(tx.connection()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn superuser(&self) -> PgConnection {
        PgConnection::connect(&self.bed.database.superuser_url()).await.unwrap()
    }

    /// Waits until somebody waits for a lock in this database.
    pub async fn somebody_waits(&self) {
        let mut superuser = self.superuser().await;
        let sql = "select exists (select from pg_stat_activity
                     where datname = current_database() and wait_event_type = 'Lock' and usename = 'postern_app')";
        for _ in 0..500 {
            if sqlx::query_scalar(sql).fetch_one(&mut superuser).await.unwrap() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nobody waits for a lock");
    }

    pub async fn scalar<T>(&self, sql: &'static str, id: Uuid) -> T
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        let mut tx = self.tx().await;
        sqlx::query_scalar(sql).bind(self.tenant.0).bind(id).fetch_one(tx.connection()).await.unwrap()
    }
}

/// The demo's databases; they are copied when they are opened.
fn demo_atlas(bed: &TestBed) -> Atlas {
    let folder = tempfile::tempdir().unwrap();
    let options = io_geo::demo::write(folder.path(), bed.platform.now()).unwrap();
    Atlas::open(options, bed.platform.clock.clone())
}

/// Rates are tested elsewhere; here they must not be in the way.
fn generous() -> LimitsConfig {
    use io_limits::{Rate, limit};
    LimitsConfig::default()
        .with(limit::USER_EVALUATE_LOGIN, Rate { rate: 100_000, burst: 100_000 })
        .unwrap()
        .with(limit::USER_START_CHALLENGE, Rate { rate: 100_000, burst: 100_000 })
        .unwrap()
}

pub fn login_caller(tenant: TenantId) -> Caller {
    caller(tenant, &[ApiScope::Login, ApiScope::Read])
}
