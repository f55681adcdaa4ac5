//! What was seen of a user, and on which day last.

use std::cmp::Reverse;

use core_kernel::Timestamp;

use crate::seen_key::day_in;
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
        self.0.iter().any(|element| SeenKey::of(*element) == key && day_in(*element) >= oldest)
    }

    /// With what a completed login adds ([`Attempt::seen_keys`](crate::Attempt::seen_keys)). The login
    /// path does the same in SQL (`merge_seen` in migrations/hot_path); this is what that must equal.
    ///
    /// Of one key the latest day stays; what is older than [`SEEN_DAYS`] days goes; of each kind the
    /// [`SEEN_PER_KIND`] seen last stay, of equal days the greater values. Kinds that this release does
    /// not know are kept alike: they may be a later one's. The result is in ascending order.
    #[must_use]
    pub fn merge(&self, added: &[i64], now: Timestamp) -> Self {
        let oldest = oldest_day(now);
        let all = self.0.iter().chain(added).copied();
        let mut elements: Vec<_> = all.filter(|element| day_in(*element) >= oldest).collect();
        elements.sort_unstable_by_key(|element| Reverse(*element));
        elements.dedup_by_key(|element| SeenKey::of(*element));
        elements.sort_unstable_by_key(|element| (SeenKey::of(*element).kind(), Reverse((day_in(*element), *element))));
        let kinds = elements.chunk_by(|one, other| SeenKey::of(*one).kind() == SeenKey::of(*other).kind());
        let mut kept: Vec<_> = kinds.flat_map(|kind| kind.iter().take(SEEN_PER_KIND)).copied().collect();
        kept.sort_unstable();
        Self(kept)
    }
}

fn oldest_day(now: Timestamp) -> u16 {
    day_of(now).saturating_sub(SEEN_DAYS)
}
