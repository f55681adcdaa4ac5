//! A copy of the migrated template, dropped with its test.

use std::hash::{DefaultHasher, Hash, Hasher};

use core_crypto::MasterKey;
use core_kernel::{Clock, Entropy, SeededEntropy, SystemClock, SystemEntropy};
use io_postgres::{bootstrap, migrate};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use url::Url;

use crate::fault;

/// The password of the roles on the test server.
pub const APP_PASSWORD: &str = "only-for-tests";

/// Held while the cluster's roles or a template are made.
const LOCK: i64 = 715_293;

/// A database of one test.
#[derive(Debug)]
pub struct TestDatabase {
    superuser: Url,
    name: String,
}

/// The master key under which the template's keys are sealed.
///
/// # Panics
/// Never.
#[must_use]
pub fn test_master_key() -> MasterKey {
    MasterKey::generate(&SeededEntropy::new(4711))
}

impl TestDatabase {
    /// Makes a copy of the migrated template.
    ///
    /// # Panics
    /// When there is no PostgreSQL or a migration fails: a test that cannot run fails.
    pub async fn create() -> Self {
        let superuser = tokio::task::spawn_blocking(io_local_postgres::test_cluster)
            .await
            .expect("the task that starts PostgreSQL")
            .expect("PostgreSQL for the tests");
        let superuser: Url = superuser.expose().parse().expect("a URL");
        let template = ensure_template(&superuser).await.expect("the migrated template database");
        let mut suffix = [0_u8; 8];
        SystemEntropy.fill(&mut suffix);
        let name = format!("test_{:016x}", u64::from_le_bytes(suffix));
        let mut connection = connect(&superuser).await.expect("a superuser's connection");
        run(&mut connection, format!("create database {name} template {template}"))
            .await
            .expect("a copy of the template");
        let database = Self { superuser, name };
        fault::seed(&database.superuser_url()).await.expect("the seeded fault");
        database
    }

    /// The URL of the role that serves.
    #[must_use]
    pub fn app_url(&self) -> String {
        self.url_of("postern_app")
    }

    /// The URL of the tables' owner.
    #[must_use]
    pub fn owner_url(&self) -> String {
        self.url_of("postern_owner")
    }

    /// The URL of a superuser, for tests that break rules on purpose.
    #[must_use]
    pub fn superuser_url(&self) -> String {
        with_database(&self.superuser, &self.name).to_string()
    }

    fn url_of(&self, role: &str) -> String {
        url_as(&with_database(&self.superuser, &self.name), role).to_string()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (superuser, name) = (self.superuser.clone(), self.name.clone());
        // A runtime may be running on this thread, and it cannot be entered again.
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut connection = connect(&superuser).await?;
                run(&mut connection, format!("drop database if exists {name} with (force)")).await
            })
        });
        if let Ok(Err(error)) = thread.join() {
            eprintln!("the test database {} stays behind: {error}", self.name);
        }
    }
}

async fn ensure_template(superuser: &Url) -> anyhow::Result<String> {
    let template = format!("template_{:016x}", migrations_digest());
    let mut connection = connect(superuser).await?;
    sqlx::query("select pg_advisory_lock($1)").bind(LOCK).execute(&mut connection).await?;
    let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(&template)
        .fetch_one(&mut connection)
        .await?;
    if !exists {
        make_template(superuser, &mut connection, &template).await?;
    }
    connection.close().await?;
    Ok(template)
}

/// Made under another name and renamed when it is complete: a killed run leaves no half template.
async fn make_template(superuser: &Url, connection: &mut PgConnection, template: &str) -> anyhow::Result<()> {
    run(connection, format!("drop database if exists {template}_new with (force)")).await?;
    run(connection, format!("create database {template}_new")).await?;
    let database = with_database(superuser, &format!("{template}_new"));
    let mut inside = connect(&database).await?;
    bootstrap(&mut inside).await?;
    for role in ["postern_owner", "postern_app"] {
        run(&mut inside, format!("alter role {role} password '{APP_PASSWORD}'")).await?;
    }
    inside.close().await?;
    let mut owner = connect(&url_as(&database, "postern_owner")).await?;
    migrate(&mut owner).await?;
    svc_platform::ensure_installation_keys(&mut owner, &test_master_key(), &SystemEntropy, SystemClock.now()).await?;
    let prices = svc_billing::PriceList::shipped()?;
    svc_billing::ensure_price_list(&mut owner, &prices).await?;
    svc_billing::ensure_plans(&mut owner, &svc_billing::PlanList::shipped(&prices)?).await?;
    owner.close().await?;
    run(connection, format!("alter database {template}_new rename to {template}")).await?;
    Ok(())
}

/// Changes with every migration, function, price list and plan, so that an old template is never used.
fn migrations_digest() -> u64 {
    let mut hasher = DefaultHasher::new();
    io_postgres::migration_texts().for_each(|text| text.hash(&mut hasher));
    svc_billing::PRICES.hash(&mut hasher);
    svc_billing::PLANS.hash(&mut hasher);
    hasher.finish()
}

async fn connect(url: &Url) -> anyhow::Result<PgConnection> {
    Ok(PgConnection::connect(url.as_str()).await?)
}

async fn run(connection: &mut PgConnection, sql: String) -> anyhow::Result<()> {
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
    Ok(())
}

fn with_database(url: &Url, database: &str) -> Url {
    let mut url = url.clone();
    url.set_path(&format!("/{database}"));
    url
}

fn url_as(url: &Url, role: &str) -> Url {
    let mut url = url.clone();
    let set = url.set_username(role).and_then(|()| url.set_password(Some(APP_PASSWORD)));
    assert!(set.is_ok(), "a URL with a host takes a user name");
    url
}
