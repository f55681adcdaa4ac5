//! Tenants, partners and users as somebody at a terminal names them.

use anyhow::Context as _;
use core_kernel::{PartnerId, TenantId, TypedId as _};
use io_postgres::{Database, DatabaseOptions};
use svc_directory::{Directory, UserRef, find_tenant};

use crate::config::Config;

/// The database as the tables' owner, who alone looks for a slug among all tenants.
pub(super) fn owner(config: &Config) -> anyhow::Result<Database> {
    let url = config.migration_database_url.as_ref().context("migration_database_url is not set")?;
    Database::connect_lazy(&DatabaseOptions::new(url.expose())).context("migration_database_url")
}

/// The tenant of this slug or identifier.
pub(super) async fn tenant(config: &Config, named: &str) -> anyhow::Result<TenantId> {
    let owner = owner(config).context("a tenant is looked for as the database's owner")?;
    let found = find_tenant(&owner, named).await.map_err(super::told).with_context(|| named.to_owned());
    owner.close().await;
    found
}

/// The partner of this identifier.
pub(super) async fn partner(directory: &Directory, named: &str) -> anyhow::Result<PartnerId> {
    let id = PartnerId::from_text(named).with_context(|| format!("{named} is not a partner's identifier"))?;
    let found = directory.find_partner(id).await?;
    anyhow::ensure!(found.is_some(), "{named}: There is no such partner.");
    Ok(id)
}

/// A user by our identifier or the tenant's own.
pub(super) fn user(named: &str) -> UserRef {
    match core_kernel::UserId::from_text(named) {
        Some(_) => UserRef::Id(named.to_owned()),
        None => UserRef::ExternalId(named.to_owned()),
    }
}
