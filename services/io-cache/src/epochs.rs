//! Counters that say since when a cached value may be used.
//!
//! There is not one counter per tenant and key, which would grow with both, but a fixed number of
//! stripes; two that share a stripe only reload once more than needed.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

const SCOPE_STRIPES: usize = 256;
const KEY_STRIPES: usize = 1024;

pub(crate) struct Epochs {
    hasher: RandomState,
    scopes: Box<[AtomicU64]>,
    keys: Box<[AtomicU64]>,
}

impl Epochs {
    pub(crate) fn new() -> Self {
        Self { hasher: RandomState::new(), scopes: stripes(SCOPE_STRIPES), keys: stripes(KEY_STRIPES) }
    }

    /// The epoch of a key within its scope. Both counters only grow, so their sum is another one after
    /// every invalidation of either.
    pub(crate) fn of<S: Hash, K: Hash>(&self, scope: &S, key: &K) -> u64 {
        let scope_epoch = self.scope(scope).load(Ordering::SeqCst);
        scope_epoch.wrapping_add(self.key(scope, key).load(Ordering::SeqCst))
    }

    pub(crate) fn end_for_key<S: Hash, K: Hash>(&self, scope: &S, key: &K) {
        self.key(scope, key).fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn end_for_scope<S: Hash>(&self, scope: &S) {
        self.scope(scope).fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn end_for_all(&self) {
        for stripe in &self.scopes {
            stripe.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn scope<S: Hash>(&self, scope: &S) -> &AtomicU64 {
        pick(&self.scopes, self.hasher.hash_one(scope))
    }

    fn key<S: Hash, K: Hash>(&self, scope: &S, key: &K) -> &AtomicU64 {
        pick(&self.keys, self.hasher.hash_one((scope, key)))
    }
}

fn stripes(count: usize) -> Box<[AtomicU64]> {
    (0..count).map(|_| AtomicU64::new(0)).collect()
}

fn pick(stripes: &[AtomicU64], hash: u64) -> &AtomicU64 {
    &stripes[(hash % stripes.len() as u64) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_invalidation_of_whatever_reach_begins_a_new_epoch() {
        let epochs = Epochs::new();
        let mut last = epochs.of(&1, &"a");
        for end in [
            |epochs: &Epochs| epochs.end_for_key(&1, &"a"),
            |epochs: &Epochs| epochs.end_for_scope(&1),
            |epochs: &Epochs| epochs.end_for_all(),
        ] {
            end(&epochs);
            let now = epochs.of(&1, &"a");
            assert!(now > last);
            last = now;
        }
    }

    #[test]
    fn most_others_are_left_alone() {
        let epochs = Epochs::new();
        epochs.end_for_scope(&0);
        epochs.end_for_key(&1, &0);
        let touched = (1..1_000).filter(|n| epochs.of(n, n) != 0).count();
        assert!(touched < 100, "{touched}");
    }
}
