//! `postern provider`: a tenant's own account, which then carries its texts and calls.

use std::io::Read as _;

use anyhow::Context as _;
use svc_delivery::{TenantAccount, bring_account, withdraw_account};

use super::named;
use crate::config::Config;
use crate::wiring::open_platform;

/// What was said of the account; its token comes by standard input, where no list of processes shows it.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) account_sid: String,
    pub(crate) from: String,
    pub(crate) voice_from: String,
}

/// Seals the account under the tenant's key; workers use it within seconds.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn set(config: &Config, named: &str, account: Account) -> anyhow::Result<()> {
    let tenant = named::tenant(config, named).await?;
    eprintln!("The account's auth token, then the end of input (Ctrl-D):");
    let mut token = String::new();
    std::io::stdin().read_to_string(&mut token).context("the token, from standard input")?;
    let account = TenantAccount {
        account_sid: account.account_sid,
        auth_token: token.trim().to_owned(),
        from: account.from,
        voice_from: account.voice_from,
    };
    let platform = open_platform(config).await?;
    bring_account(&platform, tenant, &account).await.map_err(super::told)?;
    platform.database.close().await;
    println!("{named}: texts and calls go out by {} from now on.", account.account_sid);
    Ok(())
}

/// Sends by the installation's own providers again.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn remove(config: &Config, named: &str) -> anyhow::Result<()> {
    let tenant = named::tenant(config, named).await?;
    let platform = open_platform(config).await?;
    let had_one = withdraw_account(&platform, tenant).await.map_err(super::told)?;
    platform.database.close().await;
    let said =
        if had_one { "texts and calls go out by the installation's providers again" } else { "it had no account" };
    println!("{named}: {said}.");
    Ok(())
}
