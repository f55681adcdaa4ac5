//! An import of a partner's tenants, row by row. A block of such a file holds few rows, and what is noted of
//! it is noted when it is through; a crash in between finds the tenants that it made, and goes on.

use std::time::{Duration, Instant};

use core_kernel::{Fault, Stop};
use io_postgres::TenantTx;
use tokio_util::sync::CancellationToken;

use super::{Ended, ImportWorker, Seen};
use crate::blocks::{self, open_block, seal_refused};
use crate::csv::{Header, Row};
use crate::store::{self, Claim, NewRefusal, Progress, SealedBlock};
use crate::tenants::{Applied, Applier, COLUMNS, faults, read};

const WAKE_EVERY: Duration = Duration::from_secs(1);

impl ImportWorker {
    pub(super) async fn import_tenants(&self, claim: &Claim, stop: &CancellationToken) -> Result<Ended, Fault> {
        let partner = claim.partner.ok_or_else(|| Fault::internal("an import of tenants is nobody's"))?;
        let applier = Applier::new(&self.platform, &self.directory, &self.admins, claim, partner);
        let header = Header::of(claim.header.clone(), &COLUMNS);
        let header = header.map_err(|_| Fault::internal("the header of an import cannot be read any more"))?;
        let key = self.platform.keys.data_key(&self.platform.database, claim.tenant).await?;
        let mut seen = Seen::for_rows(claim.total_rows);
        let (mut next, mut woken) = (0, Instant::now());
        while let Some(block) = self.block(claim, next).await? {
            next = block.block_no + 1;
            let opened = open_block(&key, claim.id, block.block_no, &block.sealed).map_err(Fault::internal)?;
            let mut done = Done { progress: Progress { next_block: next, ..Progress::default() }, refused: Vec::new() };
            for row in blocks::rows(&opened)? {
                let row_read = read(&header, &row, &mut seen);
                if block.block_no < claim.next_block {
                    continue;
                }
                let applied = match row_read {
                    Ok(read) => applier.apply(&read).await,
                    Err(faults) => {
                        done.refuse(&row, faults);
                        continue;
                    }
                };
                match applied {
                    Ok(applied) => done.count(applied),
                    Err(Stop::Refused(refusals)) => done.refuse(&row, faults(refusals)),
                    Err(Stop::Fault(fault)) => return Err(fault),
                }
            }
            if block.block_no >= claim.next_block && !self.note(claim, &key, done).await? {
                return Ok(Ended::NotOurs);
            }
            if woken.elapsed() >= WAKE_EVERY {
                woken = Instant::now();
                self.imports.touch(claim.tenant, claim.id);
            }
            if stop.is_cancelled() {
                return Ok(Ended::Stopped);
            }
        }
        Ok(Ended::Done)
    }

    async fn block(&self, claim: &Claim, from: i32) -> Result<Option<SealedBlock>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, claim.tenant).await?;
        let mut found = store::list_blocks(&mut tx, claim.id, from, 1).await?;
        tx.rollback().await?;
        Ok(found.pop())
    }

    async fn note(&self, claim: &Claim, key: &core_crypto::DataKey, done: Done) -> Result<bool, Fault> {
        let entropy = &*self.platform.entropy;
        let refusals = done.refused.into_iter().map(|(line, faults, raw)| {
            let sealed = seal_refused(key, claim.id, line, &raw, entropy);
            NewRefusal { line, faults, sealed }
        });
        let refusals: Vec<NewRefusal> = refusals.collect();
        let mut tx = TenantTx::begin(&self.platform.database, claim.tenant).await?;
        if !store::advance(&mut tx, claim, &done.progress, self.options.lease.as_secs_f64()).await? {
            tx.rollback().await?;
            return Ok(false);
        }
        if !refusals.is_empty() {
            store::insert_refusals(&mut tx, claim.id, &refusals).await?;
        }
        tx.commit().await?;
        self.count(&done.progress);
        Ok(true)
    }
}

/// What a block came to.
struct Done {
    progress: Progress,
    refused: Vec<(i32, Vec<crate::model::RowFault>, Vec<u8>)>,
}

impl Done {
    fn count(&mut self, applied: Applied) {
        match applied {
            Applied::Created => self.progress.created += 1,
            Applied::Updated => self.progress.updated += 1,
            Applied::Unchanged => self.progress.unchanged += 1,
        }
    }

    fn refuse(&mut self, row: &Row<'_>, faults: Vec<crate::model::RowFault>) {
        self.progress.failed += 1;
        self.refused.push((i32::try_from(row.line).unwrap_or(i32::MAX), faults, row.bytes.to_vec()));
    }
}
