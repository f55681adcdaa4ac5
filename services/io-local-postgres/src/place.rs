//! The server's folder: what lies where, and who may enter.
//!
//! ```text
//! FOLDER/                     the caller's; the server's account may pass through, not list
//!   data/                     the server's, 0700
//!   socket/                   the server's, 0700 (elsewhere when the path is too long for a socket)
//!   superuser-password        the caller's, 0600
//!   settings  owner.lock  server.log
//! ```

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use core_kernel::Redacted;

use crate::account::Account;
use crate::error::Context;
use crate::{Binaries, Error, Options};

/// Where a root caller's servers go when their account cannot reach the folder asked for.
const MOVED_TO: &str = "/var/lib/postern";

/// The data folder of the server in `base`.
pub(crate) fn data_of(base: &Path) -> PathBuf {
    base.join("data")
}

/// The server's folder, ready to be used.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    base: PathBuf,
    account: Account,
    moved_from: Option<PathBuf>,
}

impl Place {
    /// Makes the folder; elsewhere if the server's account could not reach it.
    pub(crate) fn prepare(wanted: &Path, account: Account) -> Result<Self, Error> {
        let base = make(wanted, &account)?;
        if account.may_execute(&base) {
            return Ok(Self { base, account, moved_from: None });
        }
        let moved = make(&moved_name(&base), &account)?;
        // The account is chosen by the owner of the data, which are in the other place.
        let account = Account::choose(&moved)?;
        Ok(Self { base: moved, account, moved_from: Some(base) })
    }

    pub(crate) fn base(&self) -> &Path {
        &self.base
    }

    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    pub(crate) fn data(&self) -> PathBuf {
        data_of(&self.base)
    }

    pub(crate) fn log_file(&self, options: &Options) -> PathBuf {
        options.log_file.clone().unwrap_or_else(|| self.base.join("server.log"))
    }

    /// The programs asked for, else the best that can read the data and be run by the account.
    pub(crate) fn binaries(&self, options: &Options) -> Result<Binaries, Error> {
        let major = self.data_major();
        let found = options.binaries.clone().map_or_else(|| Binaries::find(&options.tools_dirs, major), Ok);
        let binaries = match (found, major) {
            (Ok(binaries), Some(major)) if binaries.version().major != major => Err(self.other_major(major)),
            (Err(Error::NotFound), Some(major)) => Err(self.other_major(major)),
            (found, _) => found,
        }?;
        if self.account.may_execute(&binaries.program("postgres")) {
            return Ok(binaries);
        }
        let account = self.account.name().to_owned();
        Err(Error::UnreachablePrograms { folder: binaries.folder().to_owned(), account })
    }

    fn other_major(&self, major: u16) -> Error {
        Error::OtherMajor { folder: self.base.clone(), major }
    }

    /// The major version that wrote the data; `None` when there are none yet.
    pub(crate) fn data_major(&self) -> Option<u16> {
        fs::read_to_string(self.data().join("PG_VERSION")).ok()?.trim().parse().ok()
    }

    /// Takes the folder for this process.
    pub(crate) fn lock(&self) -> Result<File, Error> {
        let file = self.lock_file()?;
        file.try_lock().map_err(|_| Error::InUse { folder: self.base.clone() })?;
        Ok(file)
    }

    pub(crate) fn lock_file(&self) -> Result<File, Error> {
        let path = self.base.join("owner.lock");
        private_file().open(&path).context("cannot open", &path)
    }

    pub(crate) fn password(&self) -> Result<Redacted<String>, Error> {
        let path = self.base.join("superuser-password");
        fs::read_to_string(&path).map(Redacted::new).context("cannot read", &path)
    }

    pub(crate) fn write_password(&self, password: &Redacted<String>) -> Result<(), Error> {
        write_private(&self.base.join("superuser-password"), password.expose())
    }

    /// What the running server was started with; empty when that is unknown.
    pub(crate) fn settings(&self) -> String {
        fs::read_to_string(self.base.join("settings")).unwrap_or_default()
    }

    pub(crate) fn write_settings(&self, settings: &str) -> Result<(), Error> {
        write_private(&self.base.join("settings"), settings)
    }

    pub(crate) fn notes(&self) -> Vec<String> {
        let note = |from: &PathBuf| {
            let (account, to) = (self.account.name(), self.base.display());
            format!("the account `{account}` cannot enter {}: PostgreSQL's files are in {to}", from.display())
        };
        self.moved_from.iter().map(note).collect()
    }
}

/// Makes a folder and what is missing above it, in such a way that the server's account can pass.
fn make(wanted: &Path, account: &Account) -> Result<PathBuf, Error> {
    let missing: Vec<_> = wanted.ancestors().take_while(|p| !p.as_os_str().is_empty() && !p.exists()).collect();
    fs::create_dir_all(wanted).context("cannot create", wanted)?;
    for folder in missing {
        let mode = folder.metadata().context("cannot read", folder)?.permissions().mode();
        let mode = if folder == wanted { 0o700 } else { mode };
        let passage = if *account == Account::Caller { 0 } else { 0o011 };
        fs::set_permissions(folder, Permissions::from_mode(mode | passage)).context("cannot open up", folder)?;
    }
    wanted.canonicalize().context("cannot find", wanted)
}

/// The other place of `base`: always the same for the same folder.
fn moved_name(base: &Path) -> PathBuf {
    let fnv = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = base.as_os_str().as_encoded_bytes().iter().fold(0xcbf2_9ce4_8422_2325, fnv);
    Path::new(MOVED_TO).join(format!("{hash:016x}"))
}

/// How a file that only the caller reads is opened: made if missing, never truncated.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600);
    options
}

/// Writes a file that only the caller reads, at once: a crash leaves the old one or the new one.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), Error> {
    let fresh = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let _ = fs::remove_file(&fresh);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, path)
    };
    write().context("cannot write", path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_place_is_the_same_each_time_and_differs_between_folders() {
        let (a, b) = (moved_name(Path::new("/root/a")), moved_name(Path::new("/root/b")));
        assert_eq!(a, moved_name(Path::new("/root/a")));
        assert_ne!(a, b);
        assert!(a.starts_with(MOVED_TO) && a.as_os_str().len() < 50);
    }

    #[test]
    fn private_files_are_private_and_replaced_whole() {
        let path = std::env::temp_dir().join(format!("postern-private-{}", std::process::id()));
        write_private(&path, "first, and longer").unwrap();
        write_private(&path, "second").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        fs::remove_file(&path).unwrap();
    }
}
