//! What one request is to spend of one limit.

use crate::keys::LimitKey;
use crate::table::Limit;

/// So many units of one key's budget under one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    pub(crate) index: usize,
    pub(crate) key: LimitKey,
    pub(crate) units: u32,
}

impl Charge {
    /// One unit.
    pub fn one<K: Into<LimitKey>>(limit: Limit<K>, key: K) -> Self {
        Self::of(limit, key, 1)
    }

    /// `units` at once, all or none. Zero is always allowed. What is dearer than the whole burst takes
    /// the whole burst: how dear one request may be is another limit's business, and a wait that never
    /// ends is no answer.
    pub fn of<K: Into<LimitKey>>(limit: Limit<K>, key: K, units: u32) -> Self {
        Self { index: limit.index(), key: key.into(), units }
    }
}
