//! What can go wrong, each as a sentence for the person at the terminal.

use std::io;
use std::path::{Path, PathBuf};

use crate::Version;

/// Why there is no private server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No server programs on this machine.
    #[error(
        "no PostgreSQL server was found: install PostgreSQL 15.14 or newer (Debian and Ubuntu: `apt-get install postgresql`), or set POSTERN_PG_BIN to the folder that holds `initdb` and `postgres`"
    )]
    NotFound,
    /// Only versions with known leaks of data.
    #[error(
        "PostgreSQL {version} in {folder} has a known security fault (CVE-2024-10976); install its newest minor release"
    )]
    TooOld {
        /// What was found.
        version: Version,
        /// Where it was found.
        folder: PathBuf,
    },
    /// `POSTERN_PG_BIN` names a folder without the programs.
    #[error("{folder} (from POSTERN_PG_BIN) holds no usable `initdb` and `postgres`")]
    NoProgramsThere {
        /// The folder named.
        folder: PathBuf,
    },
    /// The data were written by another major version.
    #[error(
        "the data in {folder} belong to PostgreSQL {major}, which is not installed: install PostgreSQL {major}, or remove the folder to begin anew"
    )]
    OtherMajor {
        /// The server's folder.
        folder: PathBuf,
        /// The major version that wrote it.
        major: u16,
    },
    /// Root has no account to run the server as.
    #[error(
        "PostgreSQL does not run as root, and neither of the accounts `postgres` and `nobody` exists: create one, or run as an ordinary user"
    )]
    NoAccount,
    /// The folder belongs to somebody else.
    #[error("{folder} belongs to another user: run as that user or as root, or remove the folder to begin anew")]
    OwnedByAnother {
        /// The folder.
        folder: PathBuf,
    },
    /// The programs lie where the server's account may not go.
    #[error(
        "the account `{account}` may not run the programs in {folder}: install PostgreSQL system-wide, or move the folder out of a private home"
    )]
    UnreachablePrograms {
        /// The programs' folder.
        folder: PathBuf,
        /// The account the server would run as.
        account: String,
    },
    /// Another process manages this folder now.
    #[error("another process already runs the PostgreSQL in {folder}: stop it first")]
    InUse {
        /// The server's folder.
        folder: PathBuf,
    },
    /// A setting that would lose acknowledged commits.
    #[error("the setting `{name}` would weaken durability; it stays on")]
    WeakensDurability {
        /// The setting's name.
        name: String,
    },
    /// Not the name of a setting.
    #[error("`{name}` is not the name of a PostgreSQL setting")]
    BadSetting {
        /// What was given.
        name: String,
    },
    /// `initdb` or the server failed.
    #[error("{program} failed: {detail}")]
    Program {
        /// Which program.
        program: &'static str,
        /// The last lines it said.
        detail: String,
    },
    /// The server did not end.
    #[error("the PostgreSQL server with process id {pid} does not stop")]
    DoesNotStop {
        /// Its process id.
        pid: i32,
    },
    /// A file could not be read or written.
    #[error("{what} {path}: {source}")]
    Io {
        /// What was tried, such as `cannot create`.
        what: &'static str,
        /// On which path.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

/// Names the attempt and the path in an input/output error.
pub(crate) trait Context<T> {
    /// Turns an [`io::Error`] into an [`Error::Io`].
    fn context(self, what: &'static str, path: &Path) -> Result<T, Error>;
}

impl<T> Context<T> for io::Result<T> {
    fn context(self, what: &'static str, path: &Path) -> Result<T, Error> {
        self.map_err(|source| Error::Io { what, path: path.to_owned(), source })
    }
}
