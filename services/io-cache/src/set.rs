//! All caches of a process, as the listener for notifications sees them.

use std::fmt;
use std::sync::Arc;

use core_kernel::TenantId;

use crate::shelf::CacheStats;

/// A cache that can be told of changes.
pub trait Invalidate: Send + Sync + 'static {
    /// Its name, for metrics.
    fn name(&self) -> &'static str;

    /// From now on nobody is given a value of this tenant whose load began before.
    fn invalidate_tenant(&self, tenant: TenantId);

    /// From now on nobody is given any value whose load began before.
    fn invalidate_all(&self);

    /// What it has done so far.
    fn stats(&self) -> CacheStats;
}

/// Which caches depend on which topic of notifications.
#[derive(Default)]
pub struct CacheSet(Vec<(&'static str, Arc<dyn Invalidate>)>);

impl CacheSet {
    /// Makes `cache` follow `topic`; a cache may follow several.
    #[must_use]
    pub fn following(mut self, topic: &'static str, cache: Arc<dyn Invalidate>) -> Self {
        self.0.push((topic, cache));
        self
    }

    /// Something of this topic changed for a tenant; `false` if no cache follows the topic.
    pub fn changed(&self, tenant: TenantId, topic: &str) -> bool {
        let mut followed = false;
        for (_, cache) in self.0.iter().filter(|(followed, _)| *followed == topic) {
            cache.invalidate_tenant(tenant);
            followed = true;
        }
        followed
    }

    /// Changes may have gone unheard: everything is dropped. Call it when the connection is lost and
    /// again when a new one listens, since changes in between are unheard too.
    pub fn connection_lost(&self) {
        for (_, cache) in &self.0 {
            cache.invalidate_all();
        }
    }

    /// Name and figures of each cache, once per topic that it follows.
    pub fn stats(&self) -> impl Iterator<Item = (&'static str, CacheStats)> + '_ {
        self.0.iter().map(|(_, cache)| (cache.name(), cache.stats()))
    }
}

impl fmt::Debug for CacheSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|(topic, cache)| (topic, cache.name()))).finish()
    }
}
