//! How long things are kept.
//!
//! What grows without end lies in partitions by month, and goes with the month in which the last of it
//! is over: nothing is deleted row by row, and nothing younger than its term goes. What is over sooner is
//! removed in small batches. Times are the tenant's, as is everything that expires; months are real.

mod partitions;
mod rules;
mod sweep;

use std::fmt;

pub use sweep::Swept;

/// The shortest term of what lies in partitions, in days: a login, a code and its message look back two
/// months.
const FEWEST: u32 = 62;
/// The longest: a hundred years.
const MOST: u32 = 36_500;

/// A term of what lies in partitions by month, in days: 62 to 36,500.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeptDays(u32);

impl KeptDays {
    /// The term in days.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for KeptDays {
    type Error = OutOfRange;

    fn try_from(days: u32) -> Result<Self, OutOfRange> {
        if (FEWEST..=MOST).contains(&days) { Ok(Self(days)) } else { Err(OutOfRange) }
    }
}

/// Not a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfRange;

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of days from 62 to 36500")
    }
}

impl std::error::Error for OutOfRange {}

/// How long what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Logins and their challenges.
    pub logins: KeptDays,
    /// Messages, but for where they went.
    pub messages: KeptDays,
    /// Where messages went and what they said, and factors that were removed; in days.
    pub destinations: u32,
    /// The audit log.
    pub audit: KeptDays,
    /// What was charged.
    pub ledger: KeptDays,
    /// Events and their deliveries to webhooks.
    pub events: KeptDays,
    /// Temporary access that is over, its requests, and one-time links; in days.
    pub temporary_access: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            logins: KeptDays(400),
            messages: KeptDays(400),
            destinations: 30,
            audit: KeptDays(400),
            ledger: KeptDays(3653),
            events: KeptDays(90),
            temporary_access: 90,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_use_has_no_shorter_term_than_two_months() {
        for (days, fits) in [(0, false), (61, false), (62, true), (400, true), (36_500, true), (36_501, false)] {
            assert_eq!(KeptDays::try_from(days).is_ok(), fits, "{days}");
        }
        assert_eq!(KeptDays::try_from(400).map(KeptDays::get), Ok(Retention::default().logins.get()));
    }
}
