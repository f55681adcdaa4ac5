//! One change of a user at a time within this process.
//!
//! The database's locks are what makes changes of one user follow each other. But whoever waits for
//! such a lock holds a connection, so that a burst of calls for one factor could hold all of them and
//! starve everybody else. They wait here instead, where waiting costs nothing.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use core_kernel::TenantId;
use tokio::sync::{Mutex, MutexGuard};

/// Enough that two users seldom share one.
const LANES: usize = 256;

/// The lanes of one process; cheap to clone.
#[derive(Clone)]
pub(crate) struct Lanes(Arc<Vec<Mutex<()>>>);

impl Lanes {
    pub(crate) fn new() -> Self {
        Self(Arc::new((0..LANES).map(|_| Mutex::new(())).collect()))
    }

    /// Waits until nobody else is in the lane of this tenant's `name`, be it a user's or a factor's.
    pub(crate) async fn enter(&self, tenant: TenantId, name: &str) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        (tenant, name).hash(&mut hasher);
        let lane = usize::try_from(hasher.finish() % LANES as u64).unwrap_or_default();
        self.0[lane].lock().await
    }
}
