//! What other processes are still to be told, bounded.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use io_postgres::Touch;
use tokio::time::Instant;

/// Beyond it others are told to look at everything.
const MOST: usize = 4_096;

#[derive(Default)]
pub(super) struct Outbox {
    /// Whether somebody elsewhere watches, or did: the login path touches without a lock where nobody does.
    opened: AtomicBool,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// Until then somebody elsewhere watches.
    open_until: Option<Instant>,
    touches: HashSet<Touch>,
    everything: bool,
}

impl Outbox {
    /// Keeps a touch to be told, if it is worth telling; whether it is.
    pub(super) fn put(&self, touch: Touch) -> bool {
        if !self.opened.load(Ordering::Relaxed) {
            return false;
        }
        let mut kept = self.lock();
        let open = kept.open_until.is_some_and(|until| Instant::now() < until);
        self.opened.store(open, Ordering::Relaxed);
        if open && !kept.everything {
            kept.touches.insert(touch);
            kept.everything = kept.touches.len() > MOST;
            if kept.everything {
                kept.touches = HashSet::new();
            }
        }
        open
    }

    pub(super) fn open_until(&self, until: Instant) {
        let mut kept = self.lock();
        kept.open_until = Some(until);
        self.opened.store(true, Ordering::Relaxed);
    }

    /// What was kept could not be told.
    pub(super) fn give_up(&self) {
        let mut kept = self.lock();
        kept.everything = kept.open_until.is_some();
    }

    /// What is to be told, and whether it is all.
    pub(super) fn take(&self) -> (Vec<Touch>, bool) {
        let mut kept = self.lock();
        (kept.touches.drain().collect(), std::mem::take(&mut kept.everything))
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
