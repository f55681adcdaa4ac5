//! What a process can be.

pub(crate) mod admin;
pub(crate) mod audit;
pub(crate) mod billing;
pub(crate) mod bootstrap;
pub(crate) mod doctor;
pub(crate) mod export;
mod export_file;
mod health;
pub(crate) mod key;
pub(crate) mod keys;
pub(crate) mod migrate;
mod named;
pub(crate) mod partner;
pub(crate) mod provider;
pub(crate) mod rotate;
pub(crate) mod serve;
pub(crate) mod tenant;
pub(crate) mod worker;

use anyhow::Context as _;
use core_kernel::{Redacted, Stop};
use io_postgres::{fitness, pooler};
use sqlx::{Connection as _, PgConnection};

use crate::config::Config;

/// A connection of the tables' owner.
async fn owner(config: &Config) -> anyhow::Result<PgConnection> {
    let url = config.migration_database_url.as_ref().context("migration_database_url is not set")?;
    connect(url, "migration_database_url").await
}

/// A connection outside any pool; `what` names it in an error, which never shows the URL.
pub(crate) async fn connect(url: &Redacted<String>, what: &str) -> anyhow::Result<PgConnection> {
    PgConnection::connect(url.expose()).await.with_context(|| format!("{what}: the database cannot be reached"))
}

/// What keeps this installation from serving.
pub(crate) async fn faults(config: &Config) -> anyhow::Result<Vec<String>> {
    let url = config.database_url.as_ref().context("database_url is not set")?;
    let direct = config.database_direct_url.as_ref();
    let looked = pooler::faults(url.expose(), direct.map(|url| url.expose().as_str())).await;
    let mut faults = looked.context("database_url: the database cannot be reached")?;
    let (url, key) = direct.map_or((url, "database_url"), |direct| (direct, "database.direct_url"));
    if faults.is_empty() {
        faults.extend(fitness::faults(&mut connect(url, key).await?).await?);
    }
    Ok(faults)
}

/// Refuses to go on with a database that could lose or leak what it is given.
pub(crate) async fn refuse_unfit(config: &Config) -> anyhow::Result<()> {
    let faults = faults(config).await?;
    if faults.is_empty() {
        return Ok(());
    }
    let list: String = faults.iter().map(|fault| format!("\n  - {fault}")).collect();
    anyhow::bail!("this database must not be served from:{list}")
}

/// A command's refusals as sentences for the person at the terminal.
fn told(stop: Stop) -> anyhow::Error {
    match stop {
        Stop::Refused(refusals) => {
            let sentences: Vec<_> = refusals.into_iter().map(|refusal| refusal.message).collect();
            anyhow::anyhow!(sentences.join(" "))
        }
        Stop::Fault(fault) => fault.into(),
    }
}
