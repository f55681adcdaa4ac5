//! Who watches what. A command touches what it changed, after its commit; every watcher of that thing,
//! in this process or another, is woken and reads it anew with its own rights.
//!
//! * A touch is a hint, never the truth: a process may die between commit and touch, a notification may
//!   get lost. Whoever watches looks again every few seconds besides, and is woken when the connection
//!   that hears of changes was lost.
//! * A watcher that is slow is woken once for any number of touches: nothing queues up.
//! * A process without watchers costs the others nothing: what is touched is told to other processes
//!   only while one of them has said, within the last seconds, that somebody watches there.

mod outbox;
mod registry;

use std::sync::Arc;
use std::time::Duration;

use core_kernel::TenantId;
use io_postgres::{Announcement, Database, Thing, Touch, publish_touches};
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use self::outbox::Outbox;
use self::registry::{Key, Number, Registry};

/// NOTIFY takes a lock of the whole database at commit: one for all touches of this long.
const DEBOUNCE: Duration = Duration::from_millis(50);
/// How often others are told that somebody watches here.
const ANNOUNCE_EVERY: Duration = Duration::from_secs(5);
/// For how long that is believed.
const BELIEVED_FOR: Duration = Duration::from_secs(15);
/// How many watchers read at the same time, so that they never take the pool from logins.
const READERS: usize = 4;

/// The watchers of one process; cheap to clone.
#[derive(Clone)]
pub struct Watch(Arc<Inner>);

struct Inner {
    /// By which others tell this process from themselves.
    process: Uuid,
    registry: Registry,
    outbox: Outbox,
    /// Rung when there is something to tell others.
    bell: Notify,
    readers: Semaphore,
}

impl Watch {
    /// Nobody watches yet; `process` is this process's name for others.
    #[must_use]
    pub fn new(process: Uuid) -> Self {
        let readers = Semaphore::new(READERS);
        let (registry, outbox) = (Registry::default(), Outbox::default());
        Self(Arc::new(Inner { process, registry, outbox, bell: Notify::new(), readers }))
    }

    /// Something was changed and committed here: wakes its watchers, here and elsewhere.
    pub fn touch(&self, touch: Touch) {
        self.hear(touch);
        if self.0.outbox.put(touch) {
            self.0.bell.notify_one();
        }
    }

    /// Something was changed and committed elsewhere.
    pub fn hear(&self, touch: Touch) {
        self.0.registry.wake(&Key::One(touch.tenant, touch.id));
        self.0.registry.wake(&Key::Every(touch.tenant, touch.thing));
    }

    /// Another process says that somebody watches there.
    pub fn hear_watching(&self, process: Uuid) {
        if process != self.0.process {
            self.0.outbox.open_until(Instant::now() + BELIEVED_FOR);
        }
    }

    /// Wakes every watcher: something may have gone unheard.
    pub fn look_again(&self) {
        self.0.registry.wake_all();
    }

    /// Wakes every watcher of this tenant's things: its clock may have moved.
    pub fn look_again_at(&self, tenant: TenantId) {
        self.0.registry.wake_tenant(tenant);
    }

    /// Watches one thing, and what is added to it. It is watched from now on: what is read afterwards
    /// cannot have changed unseen.
    #[must_use]
    pub fn one(&self, tenant: TenantId, id: impl Into<Uuid>) -> Watcher {
        self.watch(tenant, Key::One(tenant, id.into()))
    }

    /// Watches all things of a kind.
    #[must_use]
    pub fn every(&self, tenant: TenantId, thing: Thing) -> Watcher {
        self.watch(tenant, Key::Every(tenant, thing))
    }

    /// How many watch in this process.
    #[must_use]
    pub fn watchers(&self) -> usize {
        self.0.registry.len()
    }

    fn watch(&self, tenant: TenantId, key: Key) -> Watcher {
        let was_nobody = self.0.registry.is_empty();
        let (number, woken) = self.0.registry.add(key);
        if was_nobody {
            self.0.bell.notify_one();
        }
        Watcher { watch: self.clone(), tenant, number, woken }
    }

    /// Tells other processes what was touched here, and that somebody watches here, until the task is
    /// dropped.
    pub async fn tell_others(&self, database: &Database) {
        loop {
            let _ = timeout(ANNOUNCE_EVERY, self.0.bell.notified()).await;
            let announcement = self.announcement();
            if let Err(error) = publish_touches(database, &announcement).await {
                tracing::warn!(error = %error, "could not tell others of what was touched");
                self.0.outbox.give_up();
            }
            tokio::time::sleep(DEBOUNCE).await;
        }
    }

    fn announcement(&self) -> Announcement {
        let (touches, everything) = self.0.outbox.take();
        let watching = (!self.0.registry.is_empty()).then_some(self.0.process);
        Announcement { touches, everything, watching }
    }
}

/// Somebody who watches; until it is dropped.
pub struct Watcher {
    watch: Watch,
    tenant: TenantId,
    number: Number,
    woken: Arc<Notify>,
}

impl Watcher {
    /// Watches this one as well, a message of a watched challenge say.
    pub fn also(&mut self, id: impl Into<Uuid>) {
        self.watch.0.registry.also(self.number, Key::One(self.tenant, id.into()));
    }

    /// Waits until something watched was touched since this was waited for last.
    pub async fn touched(&self) {
        self.woken.notified().await;
    }

    /// A turn to read: few read at a time.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // Never closed.
        self.watch.0.readers.acquire().await.ok()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.watch.0.registry.remove(self.number);
    }
}

#[cfg(test)]
mod tests;
