//! A platform on a test's own database, with tenants and users made by hand.

use std::sync::Arc;
use std::time::Duration;

use core_access::{ApiScope, Caller, PartnerCaller, PartnerPrincipal, Principal, ScopeSet};
use core_kernel::{
    ApiKeyId, Entropy, PartnerId, PolicyId, SystemClock, SystemEntropy, TenantId, Timestamp, UserId, fold_identifier,
};
use core_policy::{Policy, UserKind};
use io_postgres::{Database, DatabaseOptions, TenantTx};
use sqlx::types::Json;
use svc_platform::{Keys, Platform};
use uuid::Uuid;

use crate::{TestDatabase, test_master_key};

/// Which kind of tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Reaches real people.
    Live,
    /// Has a clock that can be moved.
    Sandbox,
}

/// A platform on a private database.
pub struct TestBed {
    /// What services are made from.
    pub platform: Platform,
    /// The database, dropped with this.
    pub database: TestDatabase,
}

impl TestBed {
    /// A new database and a platform on it, connected as the unprivileged role.
    ///
    /// # Panics
    /// When there is no PostgreSQL.
    pub async fn new() -> Self {
        let database = TestDatabase::create().await;
        // A crowd of connections on a busy machine must not look like a dead database.
        let acquire_timeout = Duration::from_secs(30);
        let options = DatabaseOptions { acquire_timeout, ..DatabaseOptions::new(database.app_url()) };
        let pool = Database::connect_lazy(&options).expect("a valid URL");
        let keys = Keys::load(&pool, test_master_key()).await.expect("the installation's keys");
        let platform =
            Platform::new(pool, Arc::new(SystemClock), Arc::new(SystemEntropy), keys, "http://localhost:8080");
        Self { platform, database }
    }

    /// A tenant with a data key and the default policy as version 1.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn tenant(&self, environment: Environment) -> TenantId {
        let tenant = TenantId::new(&SystemEntropy, self.platform.now());
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await.expect("a transaction");
        let environment = if environment == Environment::Live { "LIVE" } else { "SANDBOX" };
        sqlx::query("insert into tenant (tenant_id, slug, name, environment, return_urls) values ($1, $2, $3, $4, $5)")
            .bind(tenant.0)
            .bind(format!("t-{}", tenant.0.simple()))
            .bind("Test Tenant")
            .bind(environment)
            .bind(vec!["https://client.example/after".to_owned()])
            .execute(tx.connection())
            .await
            .expect("a tenant");
        self.platform.keys.create_data_key(&mut tx, &SystemEntropy).await.expect("a data key");
        tx.commit().await.expect("commit");
        self.policy(tenant, &Policy::new_tenant(self.platform.now() - chrono::Duration::seconds(1))).await;
        tenant
    }

    /// Puts a policy in force as the next version, past all checks.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn policy(&self, tenant: TenantId, policy: &Policy) -> i32 {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await.expect("a transaction");
        let id = PolicyId::new(&SystemEntropy, self.platform.now());
        let version = sqlx::query_scalar(
            "insert into policy_version (tenant_id, version, policy_id, document, effective_at, published_at)
             select $1, coalesce(max(version), 0) + 1, $2, $3, tenant_now($1) - interval '1 millisecond', tenant_now($1)
               from policy_version where tenant_id = $1
             returning version",
        )
        .bind(tenant.0)
        .bind(id.0)
        .bind(Json(policy))
        .fetch_one(tx.connection())
        .await
        .expect("a policy version");
        tx.commit().await.expect("commit");
        version
    }

    /// A user without any factor.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn user(&self, tenant: TenantId, external_id: &str, kind: UserKind) -> UserId {
        let user = UserId::new(&SystemEntropy, self.platform.now());
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await.expect("a transaction");
        sqlx::query(
            "insert into tenant_user (tenant_id, user_id, external_id, external_id_folded, kind, created_at)
             values ($1, $2, $3, $4, $5, tenant_now($1))",
        )
        .bind(tenant.0)
        .bind(user.0)
        .bind(external_id)
        .bind(fold_identifier(external_id))
        .bind(kind.as_str())
        .execute(tx.connection())
        .await
        .expect("a user");
        tx.commit().await.expect("commit");
        user
    }

    /// Moves a sandbox tenant's clock forward.
    ///
    /// # Panics
    /// When the database fails or the tenant is LIVE.
    pub async fn advance(&self, tenant: TenantId, seconds: i64) {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await.expect("a transaction");
        sqlx::query("update tenant set clock_offset_seconds = clock_offset_seconds + $2 where tenant_id = $1")
            .bind(tenant.0)
            .bind(seconds)
            .execute(tx.connection())
            .await
            .expect("a sandbox tenant");
        tx.commit().await.expect("commit");
        self.platform.clocks.forget(tenant);
    }

    /// See [`settled`].
    ///
    /// # Panics
    /// See [`settled`].
    pub async fn settled(&self) {
        settled(&self.platform.database).await;
    }

    /// Now, as the tenant sees it.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn now(&self, tenant: TenantId) -> Timestamp {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await.expect("a transaction");
        tx.tenant_now().await.expect("the tenant's clock")
    }
}

/// Waits until all connections are back in the pool. A transaction that was given up, as by whoever is refused,
/// holds its rows a moment longer, and a worker passes over rows that somebody holds.
///
/// # Panics
/// When one is still in use after ten seconds.
pub async fn settled(database: &Database) {
    let back = async {
        while database.pool_use().in_use > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), back).await.expect("all transactions are over");
}

/// A tenant's API key with these scopes.
#[must_use]
pub fn caller(tenant: TenantId, scopes: &[ApiScope]) -> Caller {
    let principal = Principal::ApiKey {
        id: ApiKeyId(random()),
        name: "test".to_owned(),
        scopes: ScopeSet::of(scopes),
        partner: None,
    };
    Caller { tenant, principal, actor: None, ip: None }
}

/// A partner's API key with these scopes.
#[must_use]
pub fn partner_caller(partner: PartnerId, scopes: &[ApiScope]) -> PartnerCaller {
    let (id, scopes) = (ApiKeyId(random()), ScopeSet::of(scopes));
    let principal = PartnerPrincipal::ApiKey { id, name: "partner".to_owned(), scopes };
    PartnerCaller { partner, principal, ip: None }
}

fn random() -> Uuid {
    SystemEntropy.uuid_v7(core_kernel::Clock::now(&SystemClock))
}
