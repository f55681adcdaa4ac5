//! The account that the server's programs run as.
//!
//! PostgreSQL refuses to run as root, so a root caller lends it an account that owns little else.
//! The account is dropped to with the process's own `setuid` rather than through `su`, which would
//! need a shell, a session and often a password file entry that is not there.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::{Uid, User};

use crate::Error;
use crate::place::data_of;

/// Who runs the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Account {
    /// The caller, who is not root.
    Caller,
    /// Another account; the caller is root.
    Lent { uid: u32, gid: u32, name: String },
}

impl Account {
    /// The owner of the data that exist, else the caller, else (for root) `postgres` or `nobody`.
    pub(crate) fn choose(data_dir: &Path) -> Result<Self, Error> {
        let owner = data_of(data_dir).metadata().ok().map(|data| data.uid());
        let me = Uid::effective();
        if !me.is_root() {
            return match owner {
                Some(uid) if uid != me.as_raw() => Err(Error::OwnedByAnother { folder: data_dir.to_owned() }),
                _ => Ok(Self::Caller),
            };
        }
        let user = match owner.filter(|uid| *uid != 0) {
            Some(uid) => User::from_uid(Uid::from_raw(uid)),
            None => User::from_name("postgres")
                .and_then(|found| found.map_or_else(|| User::from_name("nobody"), |u| Ok(Some(u)))),
        };
        user.ok().flatten().map(Self::from).ok_or(Error::NoAccount)
    }

    /// A command for this account: nothing of the caller's environment but where programs and libraries are,
    /// and nothing on its standard input.
    pub(crate) fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(folder).stdin(Stdio::null());
        command.env("LC_ALL", "C").env("HOME", folder);
        for name in ["PATH", "LD_LIBRARY_PATH"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        if let Self::Lent { uid, gid, .. } = self {
            // The standard library also drops every supplementary group when root sets a user id.
            command.uid(*uid).gid(*gid);
        }
        command
    }

    /// Gives `path` to the account.
    pub(crate) fn give(&self, path: &Path) -> std::io::Result<()> {
        match self {
            Self::Caller => Ok(()),
            Self::Lent { uid, gid, .. } => std::os::unix::fs::chown(path, Some(*uid), Some(*gid)),
        }
    }

    /// Whether the account may enter a folder or run a program: asked of the system itself, which
    /// knows of access lists and mounts that mode bits do not show.
    pub(crate) fn may_execute(&self, path: &Path) -> bool {
        let mut test = self.command(&PathBuf::from("test"), Path::new("/"));
        test.arg("-x").arg(path).stdout(Stdio::null()).stderr(Stdio::null());
        test.status().is_ok_and(|status| status.success())
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Caller => "you",
            Self::Lent { name, .. } => name,
        }
    }
}

impl From<User> for Account {
    fn from(user: User) -> Self {
        Self::Lent { uid: user.uid.as_raw(), gid: user.gid.as_raw(), name: user.name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_runs_as_root() {
        let account = Account::choose(Path::new("/nonexistent/postern")).unwrap();
        let output = account.command(Path::new("id"), Path::new("/")).arg("-u").output().unwrap();
        assert_ne!(String::from_utf8_lossy(&output.stdout).trim(), "0");
    }

    #[test]
    fn a_lent_account_has_no_groups_of_roots() {
        let account = Account::choose(Path::new("/nonexistent/postern")).unwrap();
        let Account::Lent { gid, .. } = account else { return };
        let output = account.command(Path::new("id"), Path::new("/")).arg("-G").output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), gid.to_string());
    }

    #[test]
    fn passes_no_environment_on() {
        let account = Account::choose(Path::new("/nonexistent/postern")).unwrap();
        let output = account.command(Path::new("env"), Path::new("/")).output().unwrap();
        let names = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!names.contains("CARGO") && !names.contains("PGHOST"), "{names}");
    }

    #[test]
    fn knows_where_it_may_not_go() {
        let account = Account::choose(Path::new("/nonexistent/postern")).unwrap();
        assert!(account.may_execute(Path::new("/usr")));
        assert!(!account.may_execute(Path::new("/nonexistent")));
    }
}
