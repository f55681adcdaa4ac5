//! The names of the signals, spelt as the API and the database spell them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What can be unusual about a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SignalKind {
    /// Too far from the last login to have been travelled.
    ImpossibleTravel,
    /// From where people hide.
    Anonymizer,
    /// Nothing to compare with.
    FirstLogin,
    /// A country not seen in 90 days.
    NewCountry,
    /// A kind of device not seen in 90 days.
    NewDevice,
    /// No login completed in 90 days.
    DormantUser,
    /// Wrong codes in the last hour.
    FailedAttempts,
    /// A factor changed elsewhere in the last 72 hours.
    FactorRecentlyChanged,
    /// An autonomous system not seen in 90 days.
    NewNetwork,
    /// An hour at which the user hardly ever comes.
    UnusualTime,
}

impl SignalKind {
    /// Every signal, in the order in which findings are listed.
    pub const ALL: &'static [Self] = &[
        Self::ImpossibleTravel,
        Self::Anonymizer,
        Self::FirstLogin,
        Self::NewCountry,
        Self::NewDevice,
        Self::DormantUser,
        Self::FailedAttempts,
        Self::FactorRecentlyChanged,
        Self::NewNetwork,
        Self::UnusualTime,
    ];

    /// The name as the API and the database spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ImpossibleTravel => "IMPOSSIBLE_TRAVEL",
            Self::Anonymizer => "ANONYMIZER",
            Self::FirstLogin => "FIRST_LOGIN",
            Self::NewCountry => "NEW_COUNTRY",
            Self::NewDevice => "NEW_DEVICE",
            Self::DormantUser => "DORMANT_USER",
            Self::FailedAttempts => "FAILED_ATTEMPTS",
            Self::FactorRecentlyChanged => "FACTOR_RECENTLY_CHANGED",
            Self::NewNetwork => "NEW_NETWORK",
            Self::UnusualTime => "UNUSUAL_TIME",
        }
    }

    /// Reads exactly what [`Self::as_str`] writes; `None` for any other spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }
}

impl fmt::Display for SignalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_spelling_everywhere() {
        for kind in SignalKind::ALL {
            assert_eq!(SignalKind::parse(kind.as_str()), Some(*kind));
            assert_eq!(serde_json::to_value(kind).expect("JSON"), kind.as_str());
            assert_eq!(kind.to_string(), kind.as_str());
        }
        for other in ["", "new_country", "NewCountry", "NEW_COUNTRY ", "NEW-COUNTRY"] {
            assert_eq!(SignalKind::parse(other), None, "{other}");
        }
    }

    #[test]
    fn there_are_ten_and_none_twice() {
        let names: std::collections::BTreeSet<_> = SignalKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!((SignalKind::ALL.len(), names.len()), (10, 10));
    }
}
