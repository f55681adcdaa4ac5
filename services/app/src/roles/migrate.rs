//! `postern migrate`: the schema, the keys that a new installation lacks, and the price list.

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
    svc_billing::ensure_price_list(&mut owner, &svc_billing::PriceList::shipped()?).await?;
    tracing::info!("the database is up to date");
    Ok(())
}
