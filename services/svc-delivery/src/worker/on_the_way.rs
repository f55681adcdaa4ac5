//! What is on its way: each message has a place, from its claim until what became of it is recorded,
//! and there are no more than so many places. That is what bounds a worker's memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use uuid::Uuid;

use crate::store::{ClaimedRow, Held, Settlement};

/// How many messages may be on their way at once. Codes and others each have their own, so that
/// neither can take all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slots {
    pub(super) codes: usize,
    pub(super) others: usize,
}

impl Slots {
    pub(super) fn any(self) -> bool {
        self.codes > 0 || self.others > 0
    }

    pub(super) fn all(self) -> usize {
        self.codes + self.others
    }
}

/// An answer, with the place that is free when it is recorded.
pub(super) struct Answer {
    pub(super) settlement: Settlement,
    place: Place,
}

/// One of the places; free when it is dropped.
struct Place {
    permit: Option<OwnedSemaphorePermit>,
    freed: Arc<Notify>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.permit = None;
        self.freed.notify_one();
    }
}

/// The places of a lane, and the leases of attempts that are being made.
pub(super) struct OnTheWay {
    codes: Arc<Semaphore>,
    others: Arc<Semaphore>,
    freed: Arc<Notify>,
    leases: Mutex<HashMap<(Uuid, i16), (Held, Instant)>>,
}

impl OnTheWay {
    pub(super) fn new(slots: Slots) -> Self {
        Self {
            codes: Arc::new(Semaphore::new(slots.codes)),
            others: Arc::new(Semaphore::new(slots.others)),
            freed: Arc::default(),
            leases: Mutex::default(),
        }
    }

    pub(super) fn free(&self) -> Slots {
        Slots { codes: self.codes.available_permits(), others: self.others.available_permits() }
    }

    /// Until a place is free again.
    pub(super) async fn freed(&self) {
        self.freed.notified().await;
    }

    /// Takes a place and the lease of a message that was claimed.
    pub(super) fn take(self: &Arc<Self>, row: &ClaimedRow, now: Instant) -> Attempt {
        let places = if row.is_other { &self.others } else { &self.codes };
        // There is one: no more are claimed than there are, and by one task alone.
        let place = Place { permit: places.clone().try_acquire_owned().ok(), freed: self.freed.clone() };
        let held = Held { tenant: row.tenant_id, month: row.month, message: row.message_id, attempt: row.attempt };
        self.leases().insert((held.message, held.attempt), (held, now));
        Attempt { lease: Lease { way: self.clone(), held }, place }
    }

    /// Those that were claimed, or renewed, longer ago than this; they count as renewed.
    pub(super) fn older_than(&self, age: Duration, now: Instant) -> Vec<Held> {
        let mut leases = self.leases();
        let old = leases.values_mut().filter(|(_, since)| now - *since >= age);
        old.map(|(held, since)| {
            *since = now;
            *held
        })
        .collect()
    }

    fn leases(&self) -> MutexGuard<'_, HashMap<(Uuid, i16), (Held, Instant)>> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An attempt that is being made. Where it breaks off its place is free and its lease runs out: then it
/// is in doubt, as after a crash.
pub(super) struct Attempt {
    lease: Lease,
    place: Place,
}

impl Attempt {
    pub(super) fn answered(self, settlement: Settlement) -> Answer {
        drop(self.lease);
        Answer { settlement, place: self.place }
    }
}

struct Lease {
    way: Arc<OnTheWay>,
    held: Held,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.way.leases().remove(&(self.held.message, self.held.attempt));
    }
}

impl Answer {
    /// What is to be recorded, and the places that are free then.
    pub(super) fn split(answers: Vec<Self>) -> (Vec<Settlement>, impl Sized) {
        answers.into_iter().map(|answer| (answer.settlement, answer.place)).unzip::<_, _, Vec<_>, Vec<_>>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(is_other: bool, message: u128) -> ClaimedRow {
        ClaimedRow { is_other, message_id: Uuid::from_u128(message), ..ClaimedRow::example() }
    }

    #[tokio::test]
    async fn a_place_is_free_when_what_became_of_it_is_recorded_and_not_before() {
        let way = Arc::new(OnTheWay::new(Slots { codes: 2, others: 1 }));
        let now = Instant::now();
        let (one, other) = (way.take(&row(false, 1), now), way.take(&row(true, 2), now));
        assert_eq!(way.free(), Slots { codes: 1, others: 0 });
        let answers = vec![one.answered(Settlement::example()), other.answered(Settlement::example())];
        assert_eq!(way.free(), Slots { codes: 1, others: 0 }, "answered, and not recorded");
        let (settlements, places) = Answer::split(answers);
        assert_eq!(settlements.len(), 2);
        drop(places);
        assert_eq!(way.free(), Slots { codes: 2, others: 1 });
        way.freed().await;
    }

    #[test]
    fn only_attempts_that_are_being_made_are_renewed() {
        let way = Arc::new(OnTheWay::new(Slots { codes: 2, others: 1 }));
        let (now, age) = (Instant::now(), Duration::from_secs(2));
        let (one, other) = (way.take(&row(false, 1), now), way.take(&row(false, 2), now));
        assert_eq!(way.older_than(age, now).len(), 0);
        let answer = one.answered(Settlement::example());
        let old: Vec<Uuid> = way.older_than(age, now + age).iter().map(|held| held.message).collect();
        assert_eq!(old, [Uuid::from_u128(2)]);
        assert_eq!(way.older_than(age, now + age).len(), 0, "it was just renewed");
        drop((answer, other));
        assert_eq!(way.older_than(age, now + 3 * age).len(), 0, "nor is one that broke off");
        assert_eq!(way.free().codes, 2);
    }
}
