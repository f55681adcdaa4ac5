//! What became of the configured files: for `postern doctor`, the log and the console.

use std::fmt;
use std::path::PathBuf;

use core_kernel::Timestamp;

/// Databases are made anew every week or month; one that is older than this is out of use somewhere.
pub const OLD_AFTER_DAYS: i64 = 60;

/// What holds where no file is configured.
pub const NONE_CONFIGURED: &str = "no address database is configured (geoip.city, geoip.asn, geoip.anonymizer): \
                                   travel, country and network signals are absent";

/// How many numbers of bad lines a sentence shows.
const LINES_SHOWN: usize = 5;

/// What a file is asked for first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceKind {
    /// Places.
    City,
    /// Networks.
    Asn,
    /// What hides who is behind an address.
    Anonymizer,
}

impl fmt::Display for SourceKind {
    /// The setting that names files of the kind.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::City => "geoip.city",
            Self::Asn => "geoip.asn",
            Self::Anonymizer => "geoip.anonymizer",
        })
    }
}

/// What became of one configured file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceStatus {
    /// What it is for.
    pub kind: SourceKind,
    /// Its path, as configured.
    pub path: PathBuf,
    /// Whether it is in use.
    pub state: SourceState,
}

/// Whether a file is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceState {
    /// In use as it is on disk.
    Loaded(Loaded),
    /// What was loaded before stays in use: the file is gone or wrong since.
    Kept {
        /// What is in use.
        loaded: Loaded,
        /// What is wrong with the file now.
        reason: String,
    },
    /// Nothing of it is in use.
    Missing {
        /// Why.
        reason: String,
    },
}

/// What was loaded from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// When its maker built it; a list was built when it was last written.
    pub built_at: Option<Timestamp>,
    /// When this process took it up.
    pub loaded_at: Timestamp,
    /// How much is in it: nodes of a database's tree, networks of a list.
    pub entries: u64,
    /// The maker's name for this kind of database; `list` for a list.
    pub database_type: String,
    /// The maker's sentence about it, which may name the license; empty for a list.
    pub description: String,
    /// Whether it had to be read into memory, since no folder takes a private copy.
    pub in_memory: bool,
    /// The numbers, from 1, of a list's lines that could not be understood and are left out.
    pub bad_lines: Vec<usize>,
}

impl SourceStatus {
    /// What is in use of the file.
    #[must_use]
    pub fn loaded(&self) -> Option<&Loaded> {
        match &self.state {
            SourceState::Loaded(loaded) | SourceState::Kept { loaded, .. } => Some(loaded),
            SourceState::Missing { .. } => None,
        }
    }

    /// What there is to know, for a person; nothing where nothing is loaded.
    #[must_use]
    pub fn summary(&self) -> Option<String> {
        let loaded = self.loaded()?;
        let built = loaded.built_at.map(|at| format!(" of {}", at.format("%Y-%m-%d"))).unwrap_or_default();
        let place = if loaded.in_memory { ", held in memory, since no folder takes a copy" } else { "" };
        Some(self.say(&format!("{}{built}, {} entries{place}", loaded.database_type, loaded.entries)))
    }

    /// What somebody should see to, as sentences; empty when all is well.
    #[must_use]
    pub fn concerns(&self, now: Timestamp) -> Vec<String> {
        let age = self.loaded().and_then(|loaded| loaded.age_concern(now));
        self.troubles().into_iter().chain(age.map(|concern| self.say(&concern))).collect()
    }

    /// The same without age, which comes by itself and is no news.
    pub(crate) fn troubles(&self) -> Vec<String> {
        let state = match &self.state {
            SourceState::Loaded(_) => None,
            SourceState::Kept { loaded, reason } => {
                let since = loaded.loaded_at.format("%Y-%m-%d %H:%M UTC");
                Some(format!("{reason}; what was loaded at {since} stays in use"))
            }
            SourceState::Missing { reason } => Some(format!("{reason}; it is not in use")),
        };
        let lines = self.loaded().and_then(Loaded::lines_concern);
        state.into_iter().chain(lines).map(|concern| self.say(&concern)).collect()
    }

    fn say(&self, what: &str) -> String {
        format!("{} {}: {what}", self.kind, self.path.display())
    }
}

impl Loaded {
    fn age_concern(&self, now: Timestamp) -> Option<String> {
        let days = (now - self.built_at?).num_days();
        (days > OLD_AFTER_DAYS).then(|| format!("it is {days} days old; addresses have moved since"))
    }

    fn lines_concern(&self) -> Option<String> {
        let count = self.bad_lines.len();
        let shown: Vec<String> = self.bad_lines.iter().take(LINES_SHOWN).map(usize::to_string).collect();
        let more = if count > LINES_SHOWN { format!(" and {} more", count - LINES_SHOWN) } else { String::new() };
        let what = "left out, as neither network nor address nor AS and a number";
        (count > 0).then(|| format!("{what}: line {}{more}", shown.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Duration};

    fn now() -> Timestamp {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }

    fn loaded() -> Loaded {
        Loaded {
            built_at: Some(now() - Duration::days(OLD_AFTER_DAYS)),
            loaded_at: now(),
            entries: 7,
            database_type: "Test-City".into(),
            description: "A test".into(),
            in_memory: false,
            bad_lines: Vec::new(),
        }
    }

    fn status(state: SourceState) -> SourceStatus {
        SourceStatus { kind: SourceKind::City, path: "/data/city.mmdb".into(), state }
    }

    #[test]
    fn all_is_well() {
        let status = status(SourceState::Loaded(loaded()));
        assert_eq!(status.concerns(now()), [""; 0]);
        let summary = status.summary().unwrap();
        assert_eq!(summary, "geoip.city /data/city.mmdb: Test-City of 2026-07-23, 7 entries");
    }

    #[test]
    fn what_is_missing_is_said_with_its_reason() {
        let status = status(SourceState::Missing { reason: "no such file".into() });
        assert_eq!(status.summary(), None);
        assert_eq!(status.concerns(now()), ["geoip.city /data/city.mmdb: no such file; it is not in use"]);
    }

    #[test]
    fn what_is_kept_is_said_with_its_age() {
        let status = status(SourceState::Kept { loaded: loaded(), reason: "gone".into() });
        let later = now() + Duration::days(1);
        let concerns = status.concerns(later);
        assert_eq!(
            concerns,
            [
                "geoip.city /data/city.mmdb: gone; what was loaded at 2026-09-21 14:13 UTC stays in use",
                "geoip.city /data/city.mmdb: it is 61 days old; addresses have moved since",
            ]
        );
    }

    #[test]
    fn bad_lines_are_numbered_up_to_a_few() {
        let few = Loaded { bad_lines: vec![3, 9], ..loaded() };
        let many = Loaded { bad_lines: (1..=40).collect(), ..loaded() };
        let said = |loaded| status(SourceState::Loaded(loaded)).concerns(now()).remove(0);
        assert!(said(few).contains("a number: line 3, 9"));
        assert!(said(many).contains(": line 1, 2, 3, 4, 5 and 35 more"));
    }

    #[test]
    fn memory_is_mentioned() {
        let status = status(SourceState::Loaded(Loaded { in_memory: true, ..loaded() }));
        assert!(status.summary().unwrap().ends_with("held in memory, since no folder takes a copy"));
    }
}
