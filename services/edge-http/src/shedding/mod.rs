//! Who is told to come back when more is asked than can be answered in time. Requests are counted, not queued:
//! one that would wait for its turn is refused at once, the least urgent first, and what proves a login never
//! ([`graphql::Urgency`]). How many may be at work is found out ([`limit`]), since it depends on the machine, the
//! database and what is asked.

mod limit;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use core_kernel::Fault;
use graphql::Urgency;

use limit::{Change, Limit};

/// The door behind which requests are at work; cheap to clone.
#[derive(Clone)]
pub(crate) struct Door(Option<Arc<Mutex<Limit>>>);

impl Door {
    /// A door that keeps logins' calls within `target`, and lets at most `most` in; without a target, everyone.
    pub(crate) fn new(target: Option<Duration>, most: usize) -> Self {
        Self(target.map(|target| Arc::new(Mutex::new(Limit::new(target, most, Instant::now())))))
    }

    /// A turn, held until the work is done.
    ///
    /// # Errors
    /// UNAVAILABLE where requests of this urgency have to wait.
    pub(crate) fn enter(&self, urgency: Urgency) -> Result<Turn, Fault> {
        let began = Instant::now();
        if let Some(limit) = &self.0 {
            let (is_in, change) = locked(limit).enter(urgency, began);
            tell(change);
            if !is_in {
                return Err(Fault::Unavailable);
            }
        }
        Ok(Turn { limit: self.0.clone(), urgency, began })
    }
}

/// A request's turn at work; dropping it says that it is done.
#[derive(Debug)]
pub(crate) struct Turn {
    limit: Option<Arc<Mutex<Limit>>>,
    urgency: Urgency,
    began: Instant,
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(limit) = &self.limit {
            let now = Instant::now();
            let change = locked(limit).leave(self.urgency, now.duration_since(self.began), now);
            tell(change);
        }
    }
}

/// Counters are right at every moment: a panic elsewhere spoils none.
fn locked(limit: &Mutex<Limit>) -> MutexGuard<'_, Limit> {
    limit.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tell(change: Option<Change>) {
    match change {
        Some(Change::Begins) => tracing::warn!("more is asked than can be answered in time: what can wait is refused"),
        Some(Change::Ends) => tracing::info!("everything is answered in time again"),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_target_everyone_gets_in() {
        let door = Door::new(None, 0);
        let turns: Vec<_> = (0..100).map(|_| door.enter(Urgency::Rest)).collect();
        assert!(turns.iter().all(Result::is_ok));
    }

    #[test]
    fn a_turn_is_given_back_when_it_is_dropped() {
        let door = Door::new(Some(Duration::from_secs(1)), 2);
        let first = door.enter(Urgency::Rest).unwrap();
        assert!(matches!(door.enter(Urgency::Rest), Err(Fault::Unavailable)), "half of two");
        assert!(door.enter(Urgency::Prove).is_ok());
        drop(first);
        assert!(door.enter(Urgency::Rest).is_ok());
    }
}
