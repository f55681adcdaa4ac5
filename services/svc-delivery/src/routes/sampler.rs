//! Follows some of the codes that went out: two minutes later it asks whether the right one was given.
//! Bounded: under a crowd it follows some codes of many, which tells as much.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use core_kernel::{Clock, Timestamp};
use io_postgres::{Database, DbError, NoTenant};
use uuid::Uuid;

use super::switch::{Switch, WayKey};
use crate::store;

/// By then nearly everybody who received a code has typed it.
const LATER: TimeDelta = TimeDelta::seconds(120);
/// How often due codes are looked at.
const EVERY: Duration = Duration::from_secs(10);
/// After so many looks it is said what was found.
const TOLD_EVERY: u32 = 6;
/// The most that are followed at a time.
const MOST: usize = 2_000;
/// The most of one question to the database.
const BATCH: usize = 200;

struct Sample {
    way: WayKey,
    tenant: Uuid,
    challenge: Uuid,
    due: Timestamp,
}

/// The codes that are followed. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Sampler {
    samples: Arc<Mutex<VecDeque<Sample>>>,
    clock: Arc<dyn Clock>,
}

impl Sampler {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { samples: Arc::default(), clock }
    }

    /// Follows a code that a provider took, if there is room.
    pub(crate) fn follow(&self, way: WayKey, tenant: Uuid, challenge: Uuid) {
        let due = self.clock.now() + LATER;
        let mut samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        if samples.len() < MOST {
            samples.push_back(Sample { way, tenant, challenge, due });
        }
    }

    /// Until it is dropped.
    pub(crate) async fn run(&self, database: &Database, switch: &Switch) {
        for look in 1_u32.. {
            tokio::time::sleep(EVERY).await;
            if let Err(error) = self.look(database, switch).await {
                tracing::warn!(error = %error, "could not ask which codes were given");
            }
            if look.is_multiple_of(TOLD_EVERY) {
                switch.tell_conversions();
            }
        }
    }

    async fn look(&self, database: &Database, switch: &Switch) -> Result<(), DbError> {
        loop {
            let due = self.take_due();
            if due.is_empty() {
                return Ok(());
            }
            let pairs: Vec<(Uuid, Uuid)> = due.iter().map(|sample| (sample.tenant, sample.challenge)).collect();
            let mut connection = NoTenant::acquire(database).await?;
            let verified = store::challenges_verified(connection.connection(), &pairs).await?;
            due.iter().zip(verified).for_each(|(sample, verified)| switch.note_code(&sample.way, verified));
        }
    }

    fn take_due(&self) -> Vec<Sample> {
        let now = self.clock.now();
        let mut samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        let due = samples.iter().take(BATCH).take_while(|sample| sample.due <= now).count();
        samples.drain(..due).collect()
    }
}

#[cfg(test)]
mod tests {
    use core_kernel::ManualClock;

    use super::*;
    use crate::model::MessageChannel;
    use crate::providers::Carrier;

    #[test]
    fn codes_come_due_in_their_time_and_not_too_many_at_once() {
        let clock = Arc::new(ManualClock::starting_at(Timestamp::from_timestamp(1_790_000_000, 0).unwrap()));
        let sampler = Sampler::new(clock.clone());
        let way = WayKey { carrier: Carrier::Twilio, account: None, channel: MessageChannel::Sms, country: None };
        for number in 0..3_000 {
            sampler.follow(way.clone(), Uuid::nil(), Uuid::from_u128(number));
        }
        assert_eq!(sampler.take_due().len(), 0);
        clock.advance(LATER);
        let due: usize = std::iter::repeat_with(|| sampler.take_due().len()).take_while(|due| *due > 0).sum();
        assert_eq!(due, MOST);
    }
}
