//! Migrations, run by the tables' owner and by nobody else.
//!
//! Numbered files run once. The functions of the login path (`migrations/hot_path`) are replaced
//! whole at every run, so that they are read and reviewed as code and not as a series of patches.

use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

const FUNCTIONS: [(&str, &str); 13] = [
    ("10_helpers", include_str!("../../../migrations/hot_path/10_helpers.sql")),
    ("15_history", include_str!("../../../migrations/hot_path/15_history.sql")),
    ("20_send_code", include_str!("../../../migrations/hot_path/20_send_code.sql")),
    ("30_load", include_str!("../../../migrations/hot_path/30_load.sql")),
    ("40_record_login", include_str!("../../../migrations/hot_path/40_record_login.sql")),
    ("50_start_challenge", include_str!("../../../migrations/hot_path/50_start_challenge.sql")),
    ("60_verify", include_str!("../../../migrations/hot_path/60_verify.sql")),
    ("65_confirm", include_str!("../../../migrations/hot_path/65_confirm.sql")),
    ("70_delivery", include_str!("../../../migrations/hot_path/70_delivery.sql")),
    ("80_ledger", include_str!("../../../migrations/hot_path/80_ledger.sql")),
    ("82_templates", include_str!("../../../migrations/hot_path/82_templates.sql")),
    ("84_rollout", include_str!("../../../migrations/hot_path/84_rollout.sql")),
    ("90_grants", include_str!("../../../migrations/hot_path/90_grants.sql")),
];

const BOOTSTRAP: &str = include_str!("../../../infra/bootstrap.sql");
const BOOTSTRAP_DATABASE: &str = include_str!("../../../infra/bootstrap_database.sql");

/// The text of every migration and function, by which a prepared database is recognised as current.
pub fn migration_texts() -> impl Iterator<Item = String> {
    let versioned = MIGRATOR.iter().map(|migration| migration.sql.as_str().to_owned());
    let functions = FUNCTIONS.iter().map(|(_, sql)| *sql).chain([BOOTSTRAP, BOOTSTRAP_DATABASE]);
    versioned.chain(functions.map(str::to_owned))
}

/// The numbers of the migrations that this program knows, in their order.
pub(crate) fn versions() -> Vec<i64> {
    MIGRATOR.iter().map(|migration| migration.version).collect()
}

/// Brings the database up to date, as its owner.
///
/// # Errors
/// When a migration fails; it is rolled back then.
pub async fn migrate(owner: &mut PgConnection) -> anyhow::Result<()> {
    owner.execute("set lock_timeout = '10s'").await?;
    MIGRATOR.run_direct(None, &mut *owner, false).await?;
    let mut transaction = owner.begin().await?;
    for (name, sql) in FUNCTIONS {
        transaction.execute(sql).await.map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Makes the roles of an installation and what the owner needs in this database; by a superuser.
/// Safe to repeat, also at the same time from several processes.
///
/// # Errors
/// When the connection is not a superuser's.
pub async fn bootstrap(superuser: &mut PgConnection) -> anyhow::Result<()> {
    let mut transaction = superuser.begin().await?;
    // Roles belong to the cluster: two databases being prepared at once must not both make them.
    transaction.execute("select pg_advisory_xact_lock(7262626261)").await?;
    transaction.execute(BOOTSTRAP).await?;
    let database: String =
        sqlx::query_scalar("select quote_ident(current_database())").fetch_one(&mut *transaction).await?;
    let grants = BOOTSTRAP_DATABASE.replace(":database", &database);
    transaction.execute(sqlx::raw_sql(AssertSqlSafe(grants))).await?;
    transaction.commit().await?;
    Ok(())
}
