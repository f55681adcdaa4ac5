//! `postern billing`: setting Stripe up, and comparing its books with ours.

use std::process::ExitCode;

use anyhow::Context as _;
use svc_billing::Collector;

use crate::config::Config;
use crate::stripe;
use crate::wiring::open_platform;

/// Makes at Stripe what bills are made of.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn set_up(config: &Config) -> anyhow::Result<()> {
    let prices = collector(config).await?.set_up().await?;
    println!("Stripe has a meter for each channel and country group, and the {prices} prices of the plans.");
    Ok(())
}

/// Compares the ledger, what Stripe was told, and what it has; fails where they do not agree.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn reconcile(config: &Config) -> anyhow::Result<ExitCode> {
    let report = collector(config).await?.reconcile().await?;
    println!("{report}");
    Ok(if report.agrees() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn collector(config: &Config) -> anyhow::Result<Collector> {
    super::refuse_unfit(config).await?;
    let platform = open_platform(config).await?;
    let client = stripe::client(config, platform.entropy.clone())?.context("stripe.secret_key is not set")?;
    Ok(stripe::collector(config, platform, client))
}
