//! A tenant with something in every corner, and questions to the database that no role of ours may ask.
#![allow(dead_code, clippy::unwrap_used, reason = "tests stop at the first surprise; each file uses some of it")]

use chrono::TimeDelta;
use core_access::{ApiScope, Operation, Permit};
use core_kernel::{TenantId, Timestamp, UserId};
use core_policy::UserKind;
use io_postgres::{Database, DatabaseOptions, TenantTx};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use svc_directory::{Directory, UpsertUserInput};
use svc_lifecycle::{Caretaker, Retention};
use svc_policy::Policies;
use testkit::{Environment, TestBed, caller};
use uuid::Uuid;

/// A database with the services on it.
pub struct Fixture {
    pub bed: TestBed,
    pub directory: Directory,
    pub owner: Database,
    pub caretaker: Caretaker,
}

impl Fixture {
    pub async fn new() -> Self {
        Self::with(Retention::default()).await
    }

    pub async fn with(retention: Retention) -> Self {
        let bed = TestBed::new().await;
        let directory = Directory::new(bed.platform.clone(), Policies::new(bed.platform.clone()));
        let owner = Database::connect_lazy(&DatabaseOptions::new(bed.database.owner_url())).unwrap();
        let caretaker = Caretaker::new(bed.platform.clone(), retention);
        Self { bed, directory, owner, caretaker }
    }

    pub fn now(&self) -> Timestamp {
        self.bed.platform.now()
    }

    pub fn in_days(&self, days: i64) -> Timestamp {
        self.now() + TimeDelta::days(days)
    }

    pub async fn superuser(&self) -> PgConnection {
        PgConnection::connect(&self.bed.database.superuser_url()).await.unwrap()
    }

    /// A tenant with users, logins, messages and an administrator.
    pub async fn full_tenant(&self, environment: Environment) -> TenantId {
        let tenant = self.bed.tenant(environment).await;
        for name in ["ann", "bob", "cleo"] {
            let user = self.user(tenant, name).await;
            self.run(tenant, LOGIN, user.0).await;
            self.run(tenant, MESSAGE, user.0).await;
            self.run(tenant, FACTOR, user.0).await;
            self.run(tenant, LINK, user.0).await;
        }
        self.run(tenant, ADMIN, Uuid::nil()).await;
        self.run(tenant, CHARGE, Uuid::from_u128(7)).await;
        tenant
    }

    pub async fn user(&self, tenant: TenantId, name: &str) -> UserId {
        let input = UpsertUserInput {
            external_id: name.to_owned(),
            kind: UserKind::External,
            display_name: Some(format!("{name} Example")),
            email: name.chars().all(char::is_alphanumeric).then(|| format!("{name}@example.com")),
            advisor_email: None,
            language: None,
            disabled: None,
        };
        let permit = caller(tenant, &[ApiScope::Users]).permit(Operation::UpsertUser).unwrap();
        self.directory.upsert_user(&permit, input).await.unwrap().user.record.user_id
    }

    /// Runs a statement whose first two parameters are the tenant and an identifier.
    pub async fn run(&self, tenant: TenantId, sql: &'static str, id: Uuid) {
        let mut tx = TenantTx::begin(&self.bed.platform.database, tenant).await.unwrap();
        sqlx::query(sql).bind(tenant.0).bind(id).execute(tx.connection()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn number(&self, tenant: TenantId, sql: &'static str) -> i64 {
        let mut tx = TenantTx::begin(&self.bed.platform.database, tenant).await.unwrap();
        sqlx::query_scalar(sql).bind(tenant.0).fetch_one(tx.connection()).await.unwrap()
    }

    /// All tables of tenants, those that are partitions left to their parents.
    pub async fn tables(&self) -> Vec<String> {
        sqlx::query_scalar(
            "select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
              where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
              order by 1",
        )
        .fetch_all(&mut self.superuser().await)
        .await
        .unwrap()
    }

    /// Everything that a tenant has, each table as one text.
    pub async fn everything(&self, tenant: TenantId) -> Vec<(String, String)> {
        let mut superuser = self.superuser().await;
        let mut all = Vec::new();
        for table in self.tables().await {
            let sql = format!(
                "select coalesce(string_agg(x::text, ' ' order by x::text), '') from {table} x where tenant_id = $1"
            );
            let text: String =
                sqlx::query_scalar(AssertSqlSafe(sql)).bind(tenant.0).fetch_one(&mut superuser).await.unwrap();
            all.push((table, text));
        }
        all
    }
}

/// What a tenant permits its operator.
pub fn operator(tenant: TenantId, operation: Operation) -> Permit {
    core_access::Caller::system(tenant).permit(operation).unwrap()
}

pub const LOGIN: &str =
    "insert into login (tenant_id, month, login_id, user_id, purpose, first_factor, outcome, reasons,
        level, policy_version, ip_address, user_agent, max_attempts, created_at, expires_at, facts)
    values ($1, this_month(), uuid_v7(), $2, 'SIGN_IN', 'PASSWORD', 'ALLOW', '{LOW_RISK}', 'STANDARD', 1,
            '198.51.100.77', 'Browser/9', 5, tenant_now($1), tenant_now($1), '{\"a\": 1}')";

pub const MESSAGE: &str = "insert into message (tenant_id, month, message_id, user_id, channel, purpose, priority, country,
        destination_sealed, template, params, created_at, claimable_at, status)
    values ($1, this_month(), uuid_v7(), $2, 'EMAIL', 'ONE_TIME_LINK', 1, null, '\\x0102', 'one_time_link', '{\"a\": 1}',
            tenant_now($1), clock_timestamp(), 'QUEUED')";

pub const FACTOR: &str =
    "insert into factor (tenant_id, factor_id, user_id, kind, status, line, country, secret_sealed,
        blind_index, created_at)
    values ($1, uuid_v7(), $2, 'PHONE_PRIMARY', 'ACTIVE', 'MOBILE', 'US', '\\x0102', '\\x03', tenant_now($1))";

pub const LINK: &str =
    "insert into one_time_link (tenant_id, link_id, user_id, digest, return_url, created_at, expires_at)
    values ($1, uuid_v7(), $2, uuid_send(uuid_v7()), 'https://client.example/after', tenant_now($1), tenant_now($1))";

pub const ADMIN: &str = "with a as (insert into tenant_admin (tenant_id, admin_id, account_id, email, email_folded, role, created_at)
        select $1, uuid_v7(), uuid_v7(), 'owner@firm.example', 'owner@firm.example', 'OWNER', now() where $2::uuid is not null)
    select add_audit($1, 'admin:owner@firm.example', 'admin.invited', 'admin_x', '{\"email\": \"owner@firm.example\"}', '192.0.2.7')";

pub const CHARGE: &str =
    "insert into usage_ledger (tenant_id, month, message_id, entry, kind, charged_at, period, channel,
        purpose, country, country_group, units, price, amount, currency, price_version)
    values ($1, this_month(), $2, 0, 'CHARGE', now(), this_month(), 'SMS', 'CODE', 'US', 'US', 1, 5, 5, 'USD', 1)";
