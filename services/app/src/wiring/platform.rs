//! What everything stands on.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use core_kernel::{SystemClock, SystemEntropy};
use io_postgres::{Database, DatabaseOptions};
use svc_platform::{Keys, Platform};

use crate::config::Config;
use crate::master_key::master_source;

/// The platform of a process that serves: the unprivileged role's pool and the unsealed keys.
///
/// # Errors
/// When a setting is missing, or the database or its keys cannot be read.
pub async fn open_platform(config: &Config) -> anyhow::Result<Platform> {
    let url = config.database_url.as_ref().context("database_url is not set")?;
    let mut options = DatabaseOptions::new(url.expose());
    options.max_connections = config.database_max_connections;
    options.acquire_timeout = Duration::from_millis(config.database_timeout_ms.into());
    options.direct_url = config.database_direct_url.as_ref().map(|url| url.expose().clone());
    let database = Database::connect_lazy(&options).context("database_url")?;
    let keys =
        Keys::load_from(&database, master_source(config)).await.context("the installation's keys cannot be read")?;
    Ok(Platform::new(database, Arc::new(SystemClock), Arc::new(SystemEntropy), keys, &public_url(config)))
}

/// Where users reach this installation.
#[must_use]
pub fn public_url(config: &Config) -> String {
    match &config.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => format!("http://localhost:{}", config.listen.first().map_or(8080, std::net::SocketAddr::port)),
    }
}
