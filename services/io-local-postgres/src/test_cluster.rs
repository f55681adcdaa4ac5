//! One server for the whole test suite.
//!
//! Every test process asks for it; the first one starts it and it stays, so that a thousand tests
//! pay for one start. A lock file orders those who ask at the same time. The Makefile starts it
//! before the tests and removes it afterwards; an IDE that runs one test needs neither.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use core_kernel::Redacted;

use crate::account::Account;
use crate::error::Context;
use crate::place::{Place, private_file};
use crate::{Error, Lifetime, LocalPostgres, Options, postmaster};

/// Names a server to be used by the tests instead: a superuser's URL.
pub const SUPERUSER_URL_VARIABLE: &str = "POSTERN_TEST_SUPERUSER_URL";

/// The superuser's URL of the test server, which is started if it does not run.
///
/// # Errors
/// As [`LocalPostgres::start`].
pub fn test_cluster() -> Result<Redacted<String>, Error> {
    match env::var(SUPERUSER_URL_VARIABLE) {
        Ok(url) if !url.is_empty() => Ok(Redacted::new(url)),
        _ => test_cluster_in(&default_folder()?),
    }
}

/// Stops the test server, keeping its databases for a look at a failure.
///
/// # Errors
/// When it does not stop.
pub fn stop_test_cluster() -> Result<(), Error> {
    stop_in(&default_folder()?).map(drop)
}

/// Stops the test server and removes its databases.
///
/// # Errors
/// When it does not stop or its files cannot be removed.
pub fn reset_test_cluster() -> Result<(), Error> {
    let folder = default_folder()?;
    reset_in(&folder)
}

/// As [`test_cluster`], in `folder`.
pub(crate) fn test_cluster_in(folder: &Path) -> Result<Redacted<String>, Error> {
    let _lock = lock(folder)?;
    let mut options = Options::new(folder).setting("max_connections", "400");
    options.tools_dirs = tools_dirs();
    options.lifetime = Lifetime::Detached;
    Ok(LocalPostgres::start(options)?.superuser_url())
}

fn stop_in(folder: &Path) -> Result<Place, Error> {
    let _lock = lock(folder)?;
    let place = Place::prepare(folder, Account::choose(folder)?)?;
    postmaster::stop_leftover(&place)?;
    Ok(place)
}

pub(crate) fn reset_in(folder: &Path) -> Result<(), Error> {
    let place = stop_in(folder)?;
    fs::remove_dir_all(place.base()).context("cannot remove", place.base())
}

/// Waits for everybody else who starts or stops the test server.
fn lock(folder: &Path) -> Result<fs::File, Error> {
    let path = folder.with_extension("lock");
    let parent = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).context("cannot create", parent)?;
    let file = private_file().open(&path).context("cannot open", &path)?;
    file.lock().context("cannot lock", &path)?;
    Ok(file)
}

/// `test-postgres` in cargo's target folder.
fn default_folder() -> Result<PathBuf, Error> {
    let target = env::var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty()).unwrap_or_else(|| "target".into());
    // An absolute path replaces the root it is joined to.
    Ok(workspace_root()?.join(target).join("test-postgres"))
}

/// Where `make` installs the server's programs on machines without a package for them.
fn tools_dirs() -> Vec<PathBuf> {
    workspace_root().map(|root| root.join(".postern/tools")).into_iter().collect()
}

/// The nearest folder above the crate under test whose manifest declares a workspace.
fn workspace_root() -> Result<PathBuf, Error> {
    let here = Path::new(".");
    let start = env::var_os("CARGO_MANIFEST_DIR").map_or_else(env::current_dir, |dir| Ok(dir.into()));
    let start = start.context("cannot find", here)?;
    let declares = |folder: &&Path| {
        fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|manifest| manifest.contains("[workspace]"))
    };
    Ok(start.ancestors().find(declares).unwrap_or(&start).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_above_this_crate() {
        let root = workspace_root().unwrap();
        assert!(root.join("services/io-local-postgres/Cargo.toml").is_file());
    }

    #[test]
    fn the_folder_is_in_cargos_target_folder() {
        assert!(default_folder().unwrap().ends_with("test-postgres"));
        assert!(default_folder().unwrap().is_absolute());
    }
}
