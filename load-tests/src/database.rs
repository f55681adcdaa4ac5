//! A private PostgreSQL with a migrated database on it.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use core_crypto::MasterKey;
use core_kernel::{Clock, SystemClock, SystemEntropy};
use io_local_postgres::{LocalPostgres, Options};
use io_postgres::{Database, DatabaseOptions, bootstrap, migrate};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use svc_platform::{Keys, Platform};

/// The password of the roles on a server that nobody else can reach.
const PASSWORD: &str = "only-for-measuring";

/// A role that row-level security does not bind, with the rights of the one that serves: what
/// row-level security costs is the difference between the two. It exists on this server alone.
pub const ROLE_WITHOUT_RLS: &str = "bench_without_rls";

/// Durability is as in production. Memory and log are large enough that the data fit, as the active part
/// of an installation's does, and that no checkpoint falls into a measurement; vacuum runs between
/// measurements instead of within them.
const SETTINGS: [(&str, &str); 7] = [
    ("shared_buffers", "4GB"),
    ("max_wal_size", "8GB"),
    ("checkpoint_timeout", "30min"),
    ("autovacuum", "off"),
    ("max_connections", "300"),
    ("track_functions", "pl"),
    ("maintenance_work_mem", "256MB"),
];

/// A private server, stopped when this is dropped.
#[derive(Debug)]
pub struct BenchServer {
    postgres: LocalPostgres,
    master: MasterKey,
}

impl BenchServer {
    /// Starts a server in `folder`. What a former run left there is removed first: the figures of a
    /// run come from that run.
    ///
    /// # Errors
    /// When there is no PostgreSQL, or the folder is in use.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        Self::start_with(folder, &[]).await
    }

    /// The same with other settings beside [`SETTINGS`], over which they go.
    ///
    /// # Errors
    /// See [`Self::start`].
    pub async fn start_with(folder: &Path, more: &[(&str, &str)]) -> anyhow::Result<Self> {
        let settings = SETTINGS.iter().chain(more);
        let options = settings.fold(Options::new(folder), |options, (name, value)| options.setting(name, value));
        let postgres = tokio::task::spawn_blocking(move || LocalPostgres::start(options)).await??;
        let server = Self { postgres, master: MasterKey::generate(&SystemEntropy) };
        let mut connection = PgConnection::connect(server.postgres.superuser_url().expose()).await?;
        let old: Vec<String> = sqlx::query_scalar("select datname from pg_database where datname like 'bench\\_%'")
            .fetch_all(&mut connection)
            .await?;
        for name in old {
            run(&mut connection, format!("drop database \"{name}\" with (force)")).await?;
        }
        connection.close().await?;
        Ok(server)
    }

    /// Makes the database `bench_NAME`, migrated and with keys of its own.
    ///
    /// # Errors
    /// When PostgreSQL fails.
    pub async fn create(&self, name: &str) -> anyhow::Result<BenchDatabase> {
        let name = format!("bench_{name}");
        let mut connection = PgConnection::connect(self.postgres.superuser_url().expose()).await?;
        run(&mut connection, format!("create database {name}")).await?;
        connection.close().await?;
        let url = |role: &str, password: &str| self.postgres.connection_url(&name, role, password).expose().clone();
        let superuser = self.postgres.superuser_url().expose().replace("/postgres?", &format!("/{name}?"));
        let mut inside = PgConnection::connect(&superuser).await?;
        bootstrap(&mut inside).await?;
        for role in ["postern_owner", "postern_app"] {
            run(&mut inside, format!("alter role {role} password '{PASSWORD}'")).await?;
        }
        let mut owner = PgConnection::connect(&url("postern_owner", PASSWORD)).await?;
        migrate(&mut owner).await?;
        svc_platform::ensure_installation_keys(&mut owner, &self.master, &SystemEntropy, SystemClock.now()).await?;
        let prices = svc_billing::PriceList::shipped()?;
        svc_billing::ensure_price_list(&mut owner, &prices).await?;
        svc_billing::ensure_plans(&mut owner, &svc_billing::PlanList::shipped(&prices)?).await?;
        owner.close().await?;
        run(&mut inside, role_without_rls()).await?;
        let modules = "create extension if not exists pg_walinspect; create extension if not exists pg_prewarm";
        run(&mut inside, modules.to_owned())
            .await
            .context("pg_walinspect and pg_prewarm, which come with PostgreSQL's contrib modules")?;
        let app_url = url("postern_app", PASSWORD);
        let without_rls_url = url(ROLE_WITHOUT_RLS, PASSWORD);
        Ok(BenchDatabase { name, superuser, app_url, without_rls_url, master: self.master.clone() })
    }

    /// Stops the server.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn stop(self) -> anyhow::Result<()> {
        Ok(tokio::task::spawn_blocking(move || self.postgres.stop()).await??)
    }
}

fn role_without_rls() -> String {
    format!(
        "do $$ begin
            if to_regrole('{ROLE_WITHOUT_RLS}') is null then
                create role {ROLE_WITHOUT_RLS} login bypassrls password '{PASSWORD}' in role postern_app;
            end if;
         end $$"
    )
}

/// One migrated database.
#[derive(Debug, Clone)]
pub struct BenchDatabase {
    /// Its name.
    pub name: String,
    /// A superuser's URL: to fill the database and to read counters.
    pub superuser: String,
    /// The URL of the role that serves.
    pub app_url: String,
    /// The URL of [`ROLE_WITHOUT_RLS`].
    pub without_rls_url: String,
    /// The master key of its keys.
    pub master: MasterKey,
}

impl BenchDatabase {
    /// A superuser's connection.
    ///
    /// # Errors
    /// When PostgreSQL is gone.
    pub async fn superuser(&self) -> anyhow::Result<PgConnection> {
        Ok(PgConnection::connect(&self.superuser).await?)
    }

    /// A platform on this database, connected as the role of `url`.
    ///
    /// # Errors
    /// When PostgreSQL is gone.
    pub async fn platform(&self, url: &str) -> anyhow::Result<Platform> {
        // A crowd of connections on a busy machine must not look like a dead database.
        let options = DatabaseOptions { acquire_timeout: Duration::from_secs(30), ..DatabaseOptions::new(url) };
        let pool = Database::connect_lazy(&options)?;
        let keys = Keys::load(&pool, self.master.clone()).await?;
        let (clock, entropy) = (std::sync::Arc::new(SystemClock), std::sync::Arc::new(SystemEntropy));
        Ok(Platform::new(pool, clock, entropy, keys, "http://localhost:8080"))
    }

    /// Makes what follows comparable: nothing to vacuum, current statistics, every page in memory (what
    /// was copied in bulk has passed it by), and all pages written, so that the next checkpoint is half
    /// an hour away.
    ///
    /// # Errors
    /// When PostgreSQL is gone.
    pub async fn settle(&self) -> anyhow::Result<()> {
        let mut connection = self.superuser().await?;
        let vacuum = "vacuum (analyze) tenant, tenant_user, factor, destination_send, login, challenge, message";
        let warm = "select count(pg_prewarm(c.oid)) from pg_class c
                     where c.relkind in ('r', 'i') and c.relnamespace = 'public'::regnamespace";
        for statement in [vacuum, warm, "checkpoint"] {
            connection.execute(statement).await?;
        }
        Ok(connection.close().await?)
    }

    /// Forgets when codes went to whom: a measurement is not to be held back by the limits on sends,
    /// which follow real time.
    ///
    /// # Errors
    /// When PostgreSQL is gone.
    pub async fn forget_sends(&self) -> anyhow::Result<()> {
        let mut connection = self.superuser().await?;
        connection.execute("truncate destination_send").await?;
        Ok(connection.close().await?)
    }

    /// Writes all pages.
    ///
    /// # Errors
    /// When PostgreSQL is gone.
    pub async fn checkpoint(&self) -> anyhow::Result<()> {
        let mut connection = self.superuser().await?;
        connection.execute("checkpoint").await?;
        Ok(connection.close().await?)
    }
}

/// Runs statements that are put together here, never from input.
pub(crate) async fn run(connection: &mut PgConnection, sql: String) -> anyhow::Result<()> {
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
    Ok(())
}
