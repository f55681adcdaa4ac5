//! Which PostgreSQL releases are good enough.

use std::fmt;

/// A PostgreSQL release, such as 15.14.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The major version.
    pub major: u16,
    /// The minor release; 0 for a pre-release.
    pub minor: u16,
}

/// How well a release may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Support {
    /// Row-level security can be got around (CVE-2024-10976), or older than PostgreSQL 15.
    Refused,
    /// Statistics leak rows (CVE-2025-8713): used, with a warning.
    Outdated,
    /// Nothing known against it.
    Full,
}

/// Major version, first minor release that is not refused, first one without a warning.
const FIXED_IN: [(u16, u16, u16); 3] = [(15, 9, 14), (16, 5, 10), (17, 1, 6)];

impl Version {
    /// Reads the answer of `postgres --version`, such as `postgres (PostgreSQL) 15.14 (Debian …)`.
    #[must_use]
    pub fn parse(answer: &str) -> Option<Self> {
        let number = answer.split_once("(PostgreSQL) ")?.1.split_whitespace().next()?;
        let mut parts = number.split('.');
        let major = leading_digits(parts.next()?)?;
        let minor = parts.next().and_then(leading_digits).unwrap_or(0);
        Some(Self { major, minor })
    }

    /// Reads the server's own `server_version_num`, such as 150014.
    #[must_use]
    pub fn from_number(number: u32) -> Self {
        let part = |value: u32| u16::try_from(value).unwrap_or(u16::MAX);
        Self { major: part(number / 10_000), minor: part(number % 10_000) }
    }

    /// Whether this release may be used.
    #[must_use]
    pub fn support(self) -> Support {
        let Some((_, refused_below, outdated_below)) = FIXED_IN.iter().find(|row| row.0 == self.major) else {
            return if self.major > 17 { Support::Full } else { Support::Refused };
        };
        match self.minor {
            minor if minor < *refused_below => Support::Refused,
            minor if minor < *outdated_below => Support::Outdated,
            _ => Support::Full,
        }
    }

    pub(crate) fn warning(self) -> Option<String> {
        (self.support() == Support::Outdated).then(|| {
            format!("PostgreSQL {self} lets statistics leak rows (CVE-2025-8713); install its newest minor release")
        })
    }
}

fn leading_digits(text: &str) -> Option<u16> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).map_or(text, |end| &text[..end]);
    digits.parse().ok()
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn support(major: u16, minor: u16) -> Support {
        Version { major, minor }.support()
    }

    #[test]
    fn reads_what_distributions_print() {
        let read = |text| Version::parse(text).map(|v| (v.major, v.minor));
        assert_eq!(read("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n"), Some((15, 20)));
        assert_eq!(read("postgres (PostgreSQL) 17.10"), Some((17, 10)));
        assert_eq!(read("postgres (PostgreSQL) 18beta1"), Some((18, 0)));
        assert_eq!(read("postgres (PostgreSQL) devel"), None);
        assert_eq!(read("mysqld  Ver 8.0"), None);
    }

    #[test]
    fn reads_the_servers_number() {
        assert_eq!(Version::from_number(150_014), Version { major: 15, minor: 14 });
        assert_eq!(Version::from_number(170_010).to_string(), "17.10");
    }

    #[test]
    fn refuses_what_lets_row_level_security_be_got_around() {
        for (major, minor) in [(9, 6), (14, 30), (15, 8), (16, 4), (17, 0)] {
            assert_eq!(support(major, minor), Support::Refused, "{major}.{minor}");
        }
    }

    #[test]
    fn warns_about_leaking_statistics() {
        for (major, minor) in [(15, 9), (15, 13), (16, 5), (16, 9), (17, 1), (17, 5)] {
            assert_eq!(support(major, minor), Support::Outdated, "{major}.{minor}");
            assert!(Version { major, minor }.warning().is_some());
        }
    }

    #[test]
    fn takes_the_rest_without_a_word() {
        for (major, minor) in [(15, 14), (16, 10), (17, 6), (18, 0), (19, 1)] {
            assert_eq!(support(major, minor), Support::Full, "{major}.{minor}");
            assert!(Version { major, minor }.warning().is_none());
        }
    }
}
