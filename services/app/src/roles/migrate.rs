//! `postern migrate`: the schema, the keys that a new installation lacks, the price list and the plans.

use anyhow::Context as _;
use core_kernel::{Clock as _, SystemClock, SystemEntropy};

use crate::config::Config;
use crate::master_key::master_key;

/// Brings the database up to date.
pub(crate) async fn run(config: &Config) -> anyhow::Result<()> {
    let master = master_key(config).await?;
    let mut owner = super::owner(config).await?;
    io_postgres::migrate(&mut owner).await.context("the migration failed and was rolled back")?;
    svc_platform::ensure_installation_keys(&mut owner, &master, &SystemEntropy, SystemClock.now()).await?;
    let prices = svc_billing::PriceList::shipped()?;
    svc_billing::ensure_price_list(&mut owner, &prices).await?;
    svc_billing::ensure_plans(&mut owner, &svc_billing::PlanList::shipped(&prices)?).await?;
    tracing::info!("the database is up to date");
    Ok(())
}
