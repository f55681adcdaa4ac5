//! What other processes are still to be told, bounded.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use io_postgres::Touch;
use tokio::time::Instant;

/// Beyond it others are told to look at everything.
const MOST: usize = 4_096;

#[derive(Default)]
pub(super) struct Outbox(Mutex<Kept>);

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
        let mut kept = self.lock();
        let open = kept.open_until.is_some_and(|until| Instant::now() < until);
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
        self.lock().open_until = Some(until);
    }

    /// What was kept could not be told.
    pub(super) fn give_up(&self) {
        let mut kept = self.lock();
        kept.everything = kept.open_until.is_some();
    }

    /// What is to be told, and whether it is less than all.
    pub(super) fn take(&self) -> (Vec<Touch>, bool) {
        let mut kept = self.lock();
        (kept.touches.drain().collect(), std::mem::take(&mut kept.everything))
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
