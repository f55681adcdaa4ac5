//! The folder of the server's socket.
//!
//! A socket's path must fit into 104 bytes (108 on Linux) and the server is told it as a setting, so
//! a long or unprintable folder name gets a short random one under `/tmp` instead. It is made anew
//! with mode 0700 and never taken over: a folder somebody prepared there would be a trap.

use std::fs::{self, DirBuilder};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use core_kernel::Entropy;

use crate::error::Context;
use crate::initialise::random_hex;
use crate::place::Place;
use crate::{Error, PORT};

/// The longest path of a socket that every system takes, without the closing zero.
const LONGEST: usize = 103;

const SHORT_PREFIX: &str = "/tmp/postern-pg-";

/// Makes the folder and gives it to the server's account.
pub(crate) fn prepare(place: &Place, entropy: &dyn Entropy) -> Result<PathBuf, Error> {
    let wanted = place.base().join("socket");
    let folder = if usable(&wanted) {
        wanted
    } else {
        PathBuf::from(format!("{SHORT_PREFIX}{}", random_hex(entropy, 8).expose()))
    };
    // What a crashed server left in it may be a link by now; a new folder is sure.
    let _ = fs::remove_dir_all(&folder);
    DirBuilder::new().mode(0o700).create(&folder).context("cannot create", &folder)?;
    place.account().give(&folder).context("cannot give away", &folder)?;
    Ok(folder)
}

/// Removes the folder of a server that has stopped.
pub(crate) fn remove(folder: &Path) {
    let short = folder.to_str().is_some_and(|path| path.starts_with(SHORT_PREFIX));
    if short || folder.ends_with("socket") {
        // A leftover folder is harmless; the next one has another name or replaces it.
        let _ = fs::remove_dir_all(folder);
    }
}

/// The socket in `folder`.
pub(crate) fn file(folder: &Path) -> PathBuf {
    folder.join(format!(".s.PGSQL.{PORT}"))
}

fn usable(folder: &Path) -> bool {
    let plain = folder.to_str().is_some_and(|path| !path.chars().any(char::is_control));
    plain && file(folder).as_os_str().as_bytes().len() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;

    #[test]
    fn long_unprintable_or_foreign_names_are_not_used() {
        assert!(usable(Path::new("/srv/a folder, with \"quotes\"/socket")));
        assert!(!usable(Path::new(&format!("/{}/socket", "x".repeat(90)))));
        assert!(!usable(Path::new("/srv/a\nb/socket")));
        assert!(!usable(Path::new(OsStr::from_bytes(b"/srv/\xff/socket"))));
    }

    #[test]
    fn the_limit_counts_the_sockets_own_name() {
        let own_name = "/.s.PGSQL.54329".len();
        assert!(usable(Path::new(&format!("/{}", "x".repeat(LONGEST - own_name - 1)))));
        assert!(!usable(Path::new(&format!("/{}", "x".repeat(LONGEST - own_name)))));
    }
}
