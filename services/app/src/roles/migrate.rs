//! `postern migrate`: the schema, and the keys that a new installation lacks.

use anyhow::Context as _;
use core_kernel::{Clock as _, SystemClock, SystemEntropy};

use crate::config::Config;
use crate::wiring::master_key;

/// Brings the database up to date.
pub(crate) async fn run(config: &Config) -> anyhow::Result<()> {
    let master = master_key(config)?;
    let mut owner = super::owner(config).await?;
    io_postgres::migrate(&mut owner).await.context("the migration failed and was rolled back")?;
    svc_platform::ensure_installation_keys(&mut owner, &master, &SystemEntropy, SystemClock.now()).await?;
    tracing::info!("the database is up to date");
    Ok(())
}
