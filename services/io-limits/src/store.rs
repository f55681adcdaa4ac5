//! Where limiters keep what each key has spent: sharded, and bounded.
//!
//! `governor`'s own stores grow with every new key until somebody sweeps them; whoever sends from many
//! addresses decides how large they become. Here a full shard forgets the keys that owe the least.
//! Mostly those owe nothing, so that forgetting them changes nothing; and a key that is being refused
//! owes the most, so that no flood of fresh keys washes it out and gives it a new burst.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;

const SHARDS: usize = 64;

/// For each key the time at which it will owe nothing (the theoretical arrival time of GCRA).
type Shard<K> = HashMap<K, Nanos, RandomState>;

pub(crate) struct BoundedStore<K> {
    hasher: RandomState,
    shards: Vec<Mutex<Shard<K>>>,
    keys_per_shard: usize,
    shed: Arc<AtomicU64>,
}

impl<K: Hash + Eq + Clone> BoundedStore<K> {
    /// A store of about `max_keys` keys that counts in `shed` those it forgot for want of room; the
    /// limiter owns the store and does not lend it.
    pub(crate) fn new(max_keys: usize, shed: Arc<AtomicU64>) -> Self {
        let hasher = RandomState::new();
        let shards = (0..SHARDS).map(|_| Mutex::new(Shard::with_hasher(hasher.clone()))).collect();
        Self { hasher, shards, keys_per_shard: max_keys.div_ceil(SHARDS).max(1), shed }
    }

    fn shard(&self, key: &K) -> MutexGuard<'_, Shard<K>> {
        // Bits that the map inside does not use: it takes the lowest and the topmost.
        let middle = (self.hasher.hash_one(key) >> 32) as usize;
        lock(&self.shards[middle % SHARDS])
    }

    /// Forgets the quarter of a full shard that owes the least.
    fn make_room(&self, shard: &mut Shard<K>) {
        if shard.len() < self.keys_per_shard {
            return;
        }
        let mut owed: Vec<Nanos> = shard.values().copied().collect();
        let excess = owed.len() / 4;
        let bound = *owed.select_nth_unstable(excess).1;
        // Many keys may owe the same; only as many as needed go.
        let mut left = excess + 1;
        shard.retain(|_, until| {
            let goes = left > 0 && *until <= bound;
            left -= usize::from(goes);
            !goes
        });
        self.shed.fetch_add((excess + 1 - left) as u64, Ordering::Relaxed);
    }
}

fn lock<K>(shard: &Mutex<Shard<K>>) -> MutexGuard<'_, Shard<K>> {
    // Nothing is half done when a holder panics: a map is read, then written once.
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<K: Hash + Eq + Clone> StateStore for BoundedStore<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut shard = self.shard(key);
        if let Some(until) = shard.get_mut(key) {
            let (allowed, next) = decide(Some(*until))?;
            *until = next;
            return Ok(allowed);
        }
        let (allowed, next) = decide(None)?;
        self.make_room(&mut shard);
        shard.insert(key.clone(), next);
        Ok(allowed)
    }
}

impl<K: Hash + Eq + Clone> ShrinkableKeyedStateStore<K> for BoundedStore<K> {
    fn retain_recent(&self, drop_below: Nanos) {
        for shard in &self.shards {
            let mut shard = lock(shard);
            shard.retain(|_, until| *until > drop_below);
            // Memory of a past flood goes back, but not so eagerly that a steady load reallocates.
            if shard.capacity() > 4 * shard.len().max(16) {
                shard.shrink_to_fit();
            }
        }
    }

    fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(max_keys: usize) -> (BoundedStore<u32>, Arc<AtomicU64>) {
        let shed = Arc::new(AtomicU64::new(0));
        (BoundedStore::new(max_keys, shed.clone()), shed)
    }

    fn put(store: &BoundedStore<u32>, key: u32, until: u64) {
        store.measure_and_replace(&key, |_| Ok::<_, ()>(((), Nanos::new(until)))).unwrap();
    }

    fn get(store: &BoundedStore<u32>, key: u32) -> Option<u64> {
        store.measure_and_replace(&key, |until| Err::<((), Nanos), _>(until.map(Nanos::as_u64))).unwrap_err()
    }

    #[test]
    fn a_refusal_leaves_no_trace() {
        let (store, _) = store(100);
        assert_eq!(get(&store, 1), None);
        assert!(store.is_empty());
        put(&store, 1, 5);
        assert_eq!((get(&store, 1), store.len()), (Some(5), 1));
    }

    #[test]
    fn a_flood_stays_within_the_bound_and_is_counted() {
        let (store, shed) = store(1_000);
        (0..100_000).for_each(|key| put(&store, key, u64::from(key)));
        let bound = 1_000_usize.div_ceil(SHARDS) * SHARDS;
        assert!(store.len() <= bound, "{}", store.len());
        assert_eq!(store.len() as u64 + shed.load(Ordering::Relaxed), 100_000);
    }

    #[test]
    fn a_flood_of_equal_keys_does_not_empty_the_store() {
        let (store, _) = store(1_000);
        (0..100_000).for_each(|key| put(&store, key, 7));
        assert!(store.len() >= 500, "{}", store.len());
    }

    #[test]
    fn whoever_owes_the_most_is_remembered_through_a_flood() {
        let (store, _) = store(1_000);
        put(&store, u32::MAX, 1_000_000);
        (0..100_000).for_each(|key| put(&store, key, u64::from(key)));
        assert_eq!(get(&store, u32::MAX), Some(1_000_000));
    }

    #[test]
    fn a_store_of_one_key_a_shard_still_works() {
        let (store, _) = store(1);
        (0..1_000).for_each(|key| put(&store, key, 1));
        assert!((1..=SHARDS).contains(&store.len()));
    }

    #[test]
    fn sweeping_drops_what_is_past() {
        let (store, shed) = store(1_000);
        (1..=10).for_each(|key| put(&store, key, u64::from(key)));
        store.retain_recent(Nanos::new(7));
        assert_eq!(store.len(), 3);
        assert_eq!((get(&store, 7), get(&store, 8)), (None, Some(8)));
        assert_eq!(shed.load(Ordering::Relaxed), 0, "a sweep forgets nothing that is owed");
    }
}
