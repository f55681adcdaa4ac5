//! An import of users, batch by batch.

use std::time::{Duration, Instant};

use core_kernel::Fault;
use io_postgres::{DbError, TenantTx};
use sqlx::Executor as _;
use tokio_util::sync::CancellationToken;

use super::{Ended, ImportWorker};
use crate::blocks::seal_refused;
use crate::store::{self, Claim, NewRefusal, Progress};
use crate::users::{Batch, BatchError, Plan, Refused, Writes, decide, meet, seal, write};

/// How often a batch is decided again before the import waits.
const TRIES: usize = 5;
/// Watchers are woken at most so often.
const WAKE_EVERY: Duration = Duration::from_secs(1);
/// A batch is found by its keys, whatever the planner saw when the tables were young. Planned for any tenant:
/// of this one, which no statistics know yet, the planner would think that it has no rows, and that any index
/// with the tenant in front is as good as the right one. And planned anew: what foreign keys are checked by is
/// kept for as long as a connection lives, also where it was planned while the tables were empty.
const BY_KEYS: &str = "set local enable_seqscan = off; set local enable_mergejoin = off; set local jit = off;
    set local plan_cache_mode = force_generic_plan; discard plans";

impl ImportWorker {
    pub(super) async fn import_users(&self, claim: &Claim, stop: &CancellationToken) -> Result<Ended, Fault> {
        let mut pace = Pace::new(self.options.max_blocks, self.options.batch_time);
        let place = self.place_of(claim).await?;
        let sealer = Sealer { ring: place.reader.ring.clone(), key: place.key.clone() };
        let (mut place, mut batch) = self.next_batch(claim, place, pace.blocks).await?;
        let mut woken = Instant::now();
        while let Some(current) = batch {
            // The next batch is read while this one is written.
            let ahead = self.next_batch(claim, place, pace.blocks);
            let (written, ahead) = tokio::join!(self.write_batch(claim, &sealer, &current, &mut pace), ahead);
            if !written? {
                return Ok(Ended::NotOurs);
            }
            if woken.elapsed() >= WAKE_EVERY {
                woken = Instant::now();
                self.imports.touch(claim.tenant, claim.id);
            }
            (place, batch) = ahead?;
            if stop.is_cancelled() && batch.is_some() {
                return Ok(Ended::Stopped);
            }
        }
        Ok(Ended::Done)
    }

    /// Writes a batch, in turn; false where the import is not ours any more.
    async fn write_batch(&self, claim: &Claim, sealer: &Sealer, batch: &Batch, pace: &mut Pace) -> Result<bool, Fault> {
        let _turn = self.writing.acquire().await.map_err(Fault::internal)?;
        let begun = Instant::now();
        for _ in 0..TRIES {
            match self.try_batch(claim, sealer, batch).await {
                Ok(written) => {
                    pace.took(begun.elapsed());
                    // Logins feel what is written; rows that are there as they are cost them little.
                    if written == Written::Rows {
                        tokio::time::sleep(begun.elapsed().mul_f64(self.options.rest)).await;
                    }
                    return Ok(written != Written::NotOurs);
                }
                Err(BatchError::Fault(fault)) => return Err(fault),
                Err(BatchError::Again) => {}
            }
        }
        Err(Fault::Unavailable)
    }

    async fn try_batch(&self, claim: &Claim, sealer: &Sealer, batch: &Batch) -> Result<Written, BatchError> {
        let mut tx = TenantTx::begin(&self.platform.database, claim.tenant).await?;
        tx.connection().execute(sqlx::raw_sql(BY_KEYS)).await.map_err(DbError::from)?;
        let met = meet(&mut tx, batch).await?;
        let plan = decide(&batch.rows, &met, claim.trust_contacts);
        let progress = progress(batch, &plan);
        let refused: Vec<Refused> = batch.refused.iter().chain(&plan.refused).cloned().collect();
        let (writes, refusals) = self.seal(claim, sealer, plan, refused).await?;
        if !claim.dry_run {
            write(&mut tx, claim, &writes).await?;
        }
        if !refusals.is_empty() {
            store::insert_refusals(&mut tx, claim.id, &refusals).await?;
        }
        // Last: the row is not kept from those who cancel for longer than it must.
        if !store::advance(&mut tx, claim, &progress, self.options.lease.as_secs_f64()).await? {
            tx.rollback().await?;
            return Ok(Written::NotOurs);
        }
        tx.commit().await?;
        self.count(&progress);
        Ok(if progress.created + progress.updated > 0 { Written::Rows } else { Written::Nothing })
    }

    async fn seal(
        &self,
        claim: &Claim,
        sealer: &Sealer,
        plan: Plan,
        refused: Vec<Refused>,
    ) -> Result<(Writes, Vec<NewRefusal>), Fault> {
        let (entropy, now) = (self.platform.entropy.clone(), self.platform.now());
        let (Sealer { ring, key }, dry_run, id) = (sealer.clone(), claim.dry_run, claim.id);
        let work = move || {
            let writes = if dry_run { Writes::default() } else { seal(&plan, &ring, &key, &*entropy, now) };
            let refusals = refused.into_iter().map(|row| {
                let sealed = seal_refused(&key, id, row.line, &row.raw, &*entropy);
                NewRefusal { line: row.line, faults: row.faults, sealed }
            });
            (writes, refusals.collect())
        };
        tokio::task::spawn_blocking(work).await.map_err(Fault::internal)
    }
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    /// The import is not ours any more.
    NotOurs,
    /// Its rows were there as they are, or were refused.
    Nothing,
    /// Users were made or changed, or would be.
    Rows,
}

/// What contacts are sealed with.
#[derive(Clone)]
struct Sealer {
    ring: core_crypto::KeyRing,
    key: std::sync::Arc<core_crypto::DataKey>,
}

fn progress(batch: &Batch, plan: &Plan) -> Progress {
    let int = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    Progress {
        next_block: batch.next_block,
        created: int(plan.created.len()),
        updated: int(plan.updated.len()),
        unchanged: int(plan.unchanged),
        failed: int(batch.refused.len() + plan.refused.len()),
    }
}

/// How many blocks make a batch: as many as are written in the time that a transaction should take.
struct Pace {
    blocks: i64,
    most: i64,
    time: Duration,
}

impl Pace {
    fn new(most: i64, time: Duration) -> Self {
        Self { blocks: 1, most, time }
    }

    fn took(&mut self, time: Duration) {
        if time > self.time {
            self.blocks = (self.blocks / 2).max(1);
        } else if time < self.time / 2 {
            self.blocks = (self.blocks * 2).min(self.most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_while_they_are_quick_and_shrink_when_they_are_slow() {
        let mut pace = Pace::new(8, Duration::from_millis(200));
        let mut blocks = |millis| {
            pace.took(Duration::from_millis(millis));
            pace.blocks
        };
        assert_eq!([blocks(50), blocks(50), blocks(50), blocks(50)], [2, 4, 8, 8]);
        assert_eq!([blocks(150), blocks(250), blocks(900), blocks(900), blocks(900)], [8, 4, 2, 1, 1]);
    }
}
