//! What was seen of a user, and on which day last.

use std::cmp::Reverse;

use core_kernel::Timestamp;

use crate::{SeenKey, day_of};

/// How many days what was seen is remembered.
pub const SEEN_DAYS: u16 = 90;

/// How many of a kind are remembered, those seen last.
pub const SEEN_PER_KIND: usize = 16;

/// Countries, networks, devices and address prefixes of completed logins, each with its last day, as
/// the numbers of [`SeenKey`]. Stored numbers that mean nothing are equal to no key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen(Vec<i64>);

impl Seen {
    /// As stored; any numbers in any order.
    #[must_use]
    pub const fn from_packed(elements: Vec<i64>) -> Self {
        Self(elements)
    }

    /// As it is stored.
    #[must_use]
    pub fn packed(&self) -> &[i64] {
        &self.0
    }

    /// Whether `key` was seen within [`SEEN_DAYS`] days up to today. A day after today counts: the
    /// clock was set back, which makes nobody a stranger.
    #[must_use]
    pub fn contains(&self, key: SeenKey, now: Timestamp) -> bool {
        let oldest = oldest_day(now);
        let is_it = |(seen, day)| seen == key && day >= oldest;
        self.0.iter().any(|element| SeenKey::unpack(*element).is_some_and(is_it))
    }

    /// With what a completed login adds ([`Attempt::seen_keys`](crate::Attempt::seen_keys)).
    ///
    /// Of one key the latest day stays; negative numbers and what is older than [`SEEN_DAYS`] days go;
    /// of each kind, unknown ones included, the [`SEEN_PER_KIND`] seen last stay, of equal days those
    /// with the smaller value. The result is in order of kind, latest day, value.
    #[must_use]
    pub fn merge(&self, added: &[i64], now: Timestamp) -> Self {
        let oldest = oldest_day(now);
        let all = self.0.iter().chain(added).filter_map(|element| SeenKey::unpack(*element));
        let mut entries: Vec<_> = all.filter(|(_, day)| *day >= oldest).collect();
        entries.sort_unstable_by_key(|(key, day)| (*key, Reverse(*day)));
        entries.dedup_by_key(|(key, _)| *key);
        entries.sort_unstable_by_key(|(key, day)| (key.kind(), Reverse(*day), *key));
        let kinds = entries.chunk_by(|(one, _), (other, _)| one.kind() == other.kind());
        Self(kinds.flat_map(|kind| kind.iter().take(SEEN_PER_KIND)).map(|(key, day)| key.packed(*day)).collect())
    }
}

fn oldest_day(now: Timestamp) -> u16 {
    day_of(now).saturating_sub(SEEN_DAYS)
}
