//! The watchers by what they watch.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use core_kernel::TenantId;
use io_postgres::Thing;
use tokio::sync::Notify;
use uuid::Uuid;

/// The most things that one watcher watches; of what comes after it hears when it looks by itself.
const MOST_KEYS: usize = 16;

/// What is watched; the tenant is part of it, so that nobody is woken by another tenant's touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key {
    One(TenantId, Uuid),
    Every(TenantId, Thing),
}

impl Key {
    const fn tenant(self) -> TenantId {
        match self {
            Self::One(tenant, _) | Self::Every(tenant, _) => tenant,
        }
    }
}

/// A watcher's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Number(u64);

#[derive(Default)]
pub(super) struct Registry {
    /// How many there are: the login path touches without a lock where nobody watches.
    count: AtomicUsize,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    last: u64,
    watchers: HashMap<Number, Entry>,
    by_key: HashMap<Key, Vec<Number>>,
}

struct Entry {
    keys: Vec<Key>,
    /// Holds one wake-up, however many there were.
    woken: Arc<Notify>,
}

impl Registry {
    pub(super) fn len(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn add(&self, key: Key) -> (Number, Arc<Notify>) {
        let mut entries = self.lock();
        entries.last += 1;
        let (number, woken) = (Number(entries.last), Arc::new(Notify::new()));
        entries.watchers.insert(number, Entry { keys: vec![key], woken: woken.clone() });
        entries.by_key.entry(key).or_default().push(number);
        self.count.store(entries.watchers.len(), Ordering::SeqCst);
        (number, woken)
    }

    pub(super) fn also(&self, number: Number, key: Key) {
        let mut entries = self.lock();
        let Some(entry) = entries.watchers.get_mut(&number) else { return };
        if entry.keys.len() < MOST_KEYS && !entry.keys.contains(&key) {
            entry.keys.push(key);
            entries.by_key.entry(key).or_default().push(number);
        }
    }

    pub(super) fn remove(&self, number: Number) {
        let mut entries = self.lock();
        let Some(entry) = entries.watchers.remove(&number) else { return };
        for key in entry.keys {
            entries.forget(key, number);
        }
        self.count.store(entries.watchers.len(), Ordering::SeqCst);
    }

    pub(super) fn wake(&self, key: &Key) {
        if self.is_empty() {
            return;
        }
        let entries = self.lock();
        for number in entries.by_key.get(key).into_iter().flatten() {
            entries.wake(*number);
        }
    }

    pub(super) fn wake_tenant(&self, tenant: TenantId) {
        let entries = self.lock();
        let of_tenant = |entry: &&Entry| entry.keys.iter().any(|key| key.tenant() == tenant);
        entries.watchers.values().filter(of_tenant).for_each(|entry| entry.woken.notify_one());
    }

    pub(super) fn wake_all(&self) {
        self.lock().watchers.values().for_each(|entry| entry.woken.notify_one());
    }

    #[cfg(test)]
    pub(super) fn holds_nothing(&self) -> bool {
        let entries = self.lock();
        entries.watchers.is_empty() && entries.by_key.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn wake(&self, number: Number) {
        if let Some(entry) = self.watchers.get(&number) {
            entry.woken.notify_one();
        }
    }

    fn forget(&mut self, key: Key, number: Number) {
        let Some(numbers) = self.by_key.get_mut(&key) else { return };
        numbers.retain(|other| *other != number);
        if numbers.is_empty() {
            self.by_key.remove(&key);
        }
    }
}
