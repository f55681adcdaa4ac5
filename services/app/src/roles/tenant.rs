//! `postern tenant`: what only the operator does to a tenant.

use anyhow::Context as _;
use io_postgres::{Database, DatabaseOptions};
use svc_directory::{TenantStatus, find_tenant, set_tenant_status};

use crate::config::Config;

/// Denies every login of the tenant from now on.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn suspend(config: &Config, named: &str) -> anyhow::Result<()> {
    match set(config, named, TenantStatus::Suspended).await? {
        true => println!("{named} is suspended: its logins are denied, its data stays readable."),
        false => println!("{named} was suspended before."),
    }
    Ok(())
}

/// Serves the tenant again.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn resume(config: &Config, named: &str) -> anyhow::Result<()> {
    match set(config, named, TenantStatus::Active).await? {
        true => println!("{named} is served again."),
        false => println!("{named} was not suspended."),
    }
    Ok(())
}

async fn set(config: &Config, named: &str, status: TenantStatus) -> anyhow::Result<bool> {
    let url = config.migration_database_url.as_ref().context("migration_database_url is not set")?;
    let owner = Database::connect_lazy(&DatabaseOptions::new(url.expose())).context("migration_database_url")?;
    let tenant = find_tenant(&owner, named).await.map_err(super::told).with_context(|| named.to_owned())?;
    let changed = set_tenant_status(&owner, tenant, status).await.map_err(super::told)?;
    owner.close().await;
    Ok(changed)
}
