//! What both caches are made of: moka behind keys that carry scope and epoch.
//!
//! The least recently used entry goes first, not the least frequently used: after an invalidation the
//! entries of the epoch before it are the popular ones, and would keep those of the new one out.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use moka::future::Cache;
use moka::policy::EvictionPolicy;
use moka::{Equivalent, Expiry};

use crate::epochs::Epochs;

/// The longest that any value is used, counted from the beginning of its load: what revoking a
/// credential takes at worst, when no notification arrives.
pub const MAX_TTL: Duration = Duration::from_secs(5);

/// What a cache has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheStats {
    /// Values found.
    pub hits: u64,
    /// Values not found, those that another caller was loading already among them.
    pub misses: u64,
    /// About how many entries are held, outdated ones that have not yet run out among them.
    pub entries: u64,
}

#[derive(PartialEq, Eq)]
struct Place<S, K> {
    scope: S,
    key: K,
    epoch: u64,
}

/// A [`Place`] whose key is borrowed, so that a hit clones nothing.
#[derive(Hash)]
struct PlaceRef<'a, S, K> {
    scope: S,
    key: &'a K,
    epoch: u64,
}

impl<S: Copy + Hash, K: Hash> Hash for Place<S, K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        PlaceRef { scope: self.scope, key: &self.key, epoch: self.epoch }.hash(state);
    }
}

impl<S: Eq, K: Eq> Equivalent<Place<S, K>> for PlaceRef<'_, S, K> {
    fn equivalent(&self, place: &Place<S, K>) -> bool {
        self.epoch == place.epoch && self.scope == place.scope && *self.key == place.key
    }
}

struct Kept<V> {
    value: Arc<V>,
    /// How old the value was when its load was done.
    age: Duration,
}

impl<V> Clone for Kept<V> {
    fn clone(&self) -> Self {
        Self { value: Arc::clone(&self.value), age: self.age }
    }
}

/// Counts an entry's life from the beginning of its load: a slow load is no excuse for an old value.
struct SinceLoadBegan(Duration);

impl<S, K, V> Expiry<Place<S, K>, Kept<V>> for SinceLoadBegan {
    fn expire_after_create(&self, _: &Place<S, K>, kept: &Kept<V>, _: Instant) -> Option<Duration> {
        Some(self.0.saturating_sub(kept.age))
    }
}

pub(crate) struct Shelf<S, K, V> {
    pub(crate) name: &'static str,
    pub(crate) epochs: Epochs,
    entries: Cache<Place<S, K>, Kept<V>>,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl<S, K, V> Shelf<S, K, V>
where
    S: Copy + Eq + Hash + Send + Sync + 'static,
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    pub(crate) fn new(name: &'static str, capacity: u64, ttl: Duration) -> Self {
        let entries = Cache::builder()
            .name(name)
            .max_capacity(capacity)
            .eviction_policy(EvictionPolicy::lru())
            .expire_after(SinceLoadBegan(ttl.min(MAX_TTL)))
            .build();
        Self { name, epochs: Epochs::new(), entries, hits: AtomicU64::new(0), misses: AtomicU64::new(0) }
    }

    pub(crate) async fn get_with<E, L>(&self, scope: S, key: &K, load: impl FnOnce() -> L) -> Result<Arc<V>, Arc<E>>
    where
        E: Send + Sync + 'static,
        L: Future<Output = Result<V, E>>,
    {
        // The epoch is read before the load begins: what changes from here on ends it.
        let epoch = self.epochs.of(&scope, key);
        if let Some(value) = self.find(PlaceRef { scope, key, epoch }).await {
            return Ok(value);
        }
        let place = Place { scope, key: key.clone(), epoch };
        // Boxed: nearly everybody finds what is held, and must not carry about what loads it.
        Box::pin(async move { self.entries.try_get_with(place, aged(load())).await }).await.map(|kept| kept.value)
    }

    pub(crate) async fn get(&self, scope: S, key: &K) -> Option<Arc<V>> {
        let epoch = self.epochs.of(&scope, key);
        self.find(PlaceRef { scope, key, epoch }).await
    }

    async fn find(&self, place: PlaceRef<'_, S, K>) -> Option<Arc<V>> {
        let found = self.entries.get(&place).await;
        let counter = if found.is_some() { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        found.map(|kept| kept.value)
    }

    pub(crate) fn stats(&self) -> CacheStats {
        CacheStats {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            entries: self.entries.entry_count(),
        }
    }
}

async fn aged<V, E>(load: impl Future<Output = Result<V, E>>) -> Result<Kept<V>, E> {
    let began = Instant::now();
    let value = Arc::new(load.await?);
    Ok(Kept { value, age: began.elapsed() })
}
