//! The two caches: one that knows the tenant, one for what is looked up to find it.

use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use core_kernel::TenantId;

use crate::set::Invalidate;
use crate::shelf::{CacheStats, Shelf};

/// A cache of what belongs to tenants. Where a tenant has one value of a kind, `K` is `()`.
pub struct TenantCache<K, V>(Shelf<TenantId, K, V>);

impl<K, V> TenantCache<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// A cache of at most `capacity` entries, each used no longer than `ttl`, at most
    /// [`MAX_TTL`](crate::MAX_TTL), after its load began.
    #[must_use]
    pub fn new(name: &'static str, capacity: u64, ttl: Duration) -> Self {
        Self(Shelf::new(name, capacity, ttl))
    }

    /// The tenant's value, loaded if it is not held. Callers that miss at the same time share one load;
    /// if the caller that leads it goes away, another goes on with its own. On a hit `load` is not
    /// called; what it returns must not have begun before (be no handle of a running task).
    ///
    /// Cache no absence that a stranger can cause: answer it as an error, which is never kept.
    ///
    /// # Errors
    /// Those of `load`, shared by all who waited for it; see [`unshare`](crate::unshare).
    pub async fn get_with<E, L>(&self, tenant: TenantId, key: &K, load: impl FnOnce() -> L) -> Result<Arc<V>, Arc<E>>
    where
        E: Send + Sync + 'static,
        L: Future<Output = Result<V, E>>,
    {
        self.0.get_with(tenant, key, load).await
    }

    /// The tenant's value, if it is held.
    pub async fn get(&self, tenant: TenantId, key: &K) -> Option<Arc<V>> {
        self.0.get(tenant, key).await
    }

    /// From now on nobody is given a value of this key whose load began before.
    pub fn invalidate(&self, tenant: TenantId, key: &K) {
        self.0.epochs.end_for_key(&tenant, key);
    }

    /// The same for all keys of a tenant.
    pub fn invalidate_tenant(&self, tenant: TenantId) {
        self.0.epochs.end_for_scope(&tenant);
    }

    /// The same for everything.
    pub fn invalidate_all(&self) {
        self.0.epochs.end_for_all();
    }

    /// What it has done so far.
    #[must_use]
    pub fn stats(&self) -> CacheStats {
        self.0.stats()
    }
}

/// A cache of what is looked up before the tenant is known, such as an API key by its digest. Its keys
/// must be unique across tenants by themselves, and nobody's to choose.
pub struct GlobalCache<K, V>(Shelf<(), K, V>);

impl<K, V> GlobalCache<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// As [`TenantCache::new`].
    #[must_use]
    pub fn new(name: &'static str, capacity: u64, ttl: Duration) -> Self {
        Self(Shelf::new(name, capacity, ttl))
    }

    /// As [`TenantCache::get_with`].
    ///
    /// # Errors
    /// Those of `load`, shared by all who waited for it.
    pub async fn get_with<E, L>(&self, key: &K, load: impl FnOnce() -> L) -> Result<Arc<V>, Arc<E>>
    where
        E: Send + Sync + 'static,
        L: Future<Output = Result<V, E>>,
    {
        self.0.get_with((), key, load).await
    }

    /// The value, if it is held.
    pub async fn get(&self, key: &K) -> Option<Arc<V>> {
        self.0.get((), key).await
    }

    /// From now on nobody is given a value of this key whose load began before.
    pub fn invalidate(&self, key: &K) {
        self.0.epochs.end_for_key(&(), key);
    }

    /// The same for everything.
    pub fn invalidate_all(&self) {
        self.0.epochs.end_for_all();
    }

    /// What it has done so far.
    #[must_use]
    pub fn stats(&self) -> CacheStats {
        self.0.stats()
    }
}

impl<K, V> Invalidate for TenantCache<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    fn name(&self) -> &'static str {
        self.0.name
    }

    fn invalidate_tenant(&self, tenant: TenantId) {
        Self::invalidate_tenant(self, tenant);
    }

    fn invalidate_all(&self) {
        Self::invalidate_all(self);
    }

    fn stats(&self) -> CacheStats {
        Self::stats(self)
    }
}

impl<K, V> Invalidate for GlobalCache<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    fn name(&self) -> &'static str {
        self.0.name
    }

    /// Which entries are the tenant's is not known here, so all go. That costs one load of each key in
    /// use, which the time they live costs every few seconds anyway.
    fn invalidate_tenant(&self, _: TenantId) {
        self.invalidate_all();
    }

    fn invalidate_all(&self) {
        Self::invalidate_all(self);
    }

    fn stats(&self) -> CacheStats {
        Self::stats(self)
    }
}

impl<K, V> fmt::Debug for TenantCache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TenantCache").field(&self.0.name).finish()
    }
}

impl<K, V> fmt::Debug for GlobalCache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GlobalCache").field(&self.0.name).finish()
    }
}
