//! The end of a simulation: suspects are judged by what they have today, and the findings written.

use std::collections::HashMap;

use chrono::DateTime;
use core_kernel::{Fault, Timestamp};
use core_policy::{AudiencePolicy, Policy};
use io_postgres::TenantTx;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::SimulationWorker;
use super::run::Ended;
use crate::replay::{Replay, Suspect, is_locked_out};
use crate::store::{self, Claim};

/// Suspects who are judged at once.
const JUDGED: usize = 1_000;

impl SimulationWorker {
    pub(super) async fn conclude(
        &self,
        claim: &Claim,
        replay: Replay,
        stop: &CancellationToken,
    ) -> Result<Ended, Fault> {
        let progress = replay.progress();
        let (report, suspects) = replay.finish();
        let mut suspects = suspects.into_iter();
        let mut locked_out = 0;
        loop {
            let some: HashMap<Uuid, Suspect> = suspects.by_ref().take(JUDGED).collect();
            if some.is_empty() {
                break;
            }
            match self.judge(claim, progress, &some).await? {
                Some(found) => locked_out += found,
                None => return Ok(Ended::NotOurs),
            }
            if stop.is_cancelled() {
                return Ok(Ended::Stopped);
            }
        }
        let mut tx = TenantTx::begin(&self.platform.database, claim.tenant).await?;
        let completed = store::complete(&mut tx, claim, &report, locked_out).await?;
        tx.commit().await?;
        Ok(if completed { Ended::Completed } else { Ended::NotOurs })
    }

    /// How many of these are locked out; none where the simulation is not ours any more.
    async fn judge(
        &self,
        claim: &Claim,
        progress: (i32, i32),
        suspects: &HashMap<Uuid, Suspect>,
    ) -> Result<Option<i32>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, claim.tenant).await?;
        // First of all: what a worker whose lease ran out finds must not stand beside another's.
        if !store::keep(&mut tx, claim, progress, self.options.lease.as_secs_f64()).await? {
            return Ok(None);
        }
        let now = tx.tenant_now().await?;
        let policy = as_published(&claim.policy, now);
        let users: Vec<Uuid> = suspects.keys().copied().collect();
        let people = store::list_people(&mut tx, &users).await?;
        let guilty = people.into_iter().filter(|person| {
            suspects.get(&person.user).is_some_and(|suspect| is_locked_out(&policy, &person.facts, *suspect, now))
        });
        let locked_out: Vec<Uuid> = guilty.map(|person| person.user).collect();
        store::insert_locked_out(&mut tx, claim.id, &locked_out).await?;
        tx.commit().await?;
        Ok(Some(i32::try_from(locked_out.len()).unwrap_or(i32::MAX)))
    }
}

/// The draft as it would be in force if it were published now: *at once* is now.
fn as_published(draft: &Policy, now: Timestamp) -> Policy {
    let at_once = |audience: &AudiencePolicy| {
        let since_ever = audience.mandatory_from == Some(DateTime::UNIX_EPOCH);
        AudiencePolicy {
            mandatory_from: if since_ever { Some(now) } else { audience.mandatory_from },
            ..audience.clone()
        }
    };
    Policy { internal: at_once(&draft.internal), external: at_once(&draft.external), ..draft.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_once_is_now_and_a_date_stays_a_date() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let mut draft = Policy::default();
        draft.internal.mandatory_from = Some(at(1_000));
        draft.external.mandatory_from = Some(DateTime::UNIX_EPOCH);
        let published = as_published(&draft, at(2_000));
        assert_eq!(published.internal.mandatory_from, Some(at(1_000)));
        assert_eq!(published.external.mandatory_from, Some(at(2_000)));
        draft.external.mandatory_from = None;
        assert_eq!(as_published(&draft, at(2_000)).external.mandatory_from, None);
    }
}
