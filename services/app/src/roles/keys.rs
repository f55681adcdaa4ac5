//! `postern keys`: the master key's file, and the keys that sign.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use core_crypto::MasterKey;
use core_kernel::{Clock as _, PLATFORM_TENANT, SystemClock, SystemEntropy};
use io_postgres::{Change, Database, DatabaseOptions, Topic, publish};

use crate::config::Config;
use crate::wiring::master_key;

/// Makes the master key's file.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) fn new_master(config: &Config) -> anyhow::Result<()> {
    let path = config.keys_master_file.as_ref().context("keys.master_file is not set: where shall it be?")?;
    anyhow::ensure!(write_master(path)?, "{} is there already; it was left as it is", path.display());
    println!("{} holds a new master key. Keep a copy of it elsewhere: without it no secret opens.", path.display());
    Ok(())
}

/// Writes a new key where there is no file; whether it did.
pub(crate) fn write_master(path: &Path) -> anyhow::Result<bool> {
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(false),
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    };
    let key = MasterKey::generate(&SystemEntropy);
    writeln!(file, "{}", key.to_text().as_str())?;
    file.sync_all()?;
    Ok(true)
}

/// Publishes a new signing key, and tells the gateways to read it.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn rotate_signing(config: &Config) -> anyhow::Result<()> {
    let master = master_key(config)?;
    let mut owner = super::owner(config).await?;
    let kid = svc_platform::rotate_signing_key(&mut owner, &master, &SystemEntropy, SystemClock.now()).await?;
    let url = config.database_url.as_ref().or(config.migration_database_url.as_ref()).context("database_url")?;
    let database = Database::connect_lazy(&DatabaseOptions::new(url.expose()))?;
    publish(&database, Change::of_tenant(Topic::Keys, PLATFORM_TENANT)).await?;
    println!("{kid} is published and signs in a quarter of an hour.");
    Ok(())
}
