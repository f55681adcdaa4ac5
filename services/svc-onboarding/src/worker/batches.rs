//! From blocks to batches: what was stored is opened, read and checked, on a thread that may be kept busy.

use std::sync::Arc;

use core_crypto::DataKey;
use core_kernel::{Fault, ImportId};
use io_postgres::TenantTx;

use super::{ImportWorker, Seen};
use crate::blocks::{self, open_block};
use crate::csv::Header;
use crate::store::{self, Claim, SealedBlock};
use crate::users::{Batch, COLUMNS, Reader};

/// Blocks of earlier attempts that are looked through at once.
const PASSED_OVER: i64 = 32;

/// Where an import's reading stands.
pub(super) struct Place {
    pub(super) reader: Reader,
    pub(super) key: Arc<DataKey>,
    id: ImportId,
    seen: Seen,
    next_block: i32,
}

impl ImportWorker {
    /// The place at which the last attempt stopped. What came before is looked through once more, since its
    /// identifiers must not come again.
    pub(super) async fn place_of(&self, claim: &Claim) -> Result<Place, Fault> {
        let key = self.platform.keys.data_key(&self.platform.database, claim.tenant).await?;
        let snapshot = self.policies.snapshot(claim.tenant).await?;
        let now = self.platform.now() + self.platform.clocks.offset(&self.platform.database, claim.tenant).await?;
        let countries = snapshot.require(now)?.policy.phone_countries.clone().into();
        let header = Header::of(claim.header.clone(), &COLUMNS);
        let header = header.map_err(|_| Fault::internal("the header of an import cannot be read any more"))?;
        let ring = self.platform.keys.ring();
        let reader = Reader { tenant: claim.tenant, header: Arc::new(header), ring, countries };
        let seen = Seen::for_rows(claim.total_rows);
        let mut place = Place { reader, key, id: claim.id, seen, next_block: 0 };
        while place.next_block < claim.next_block {
            let left = i64::from(claim.next_block - place.next_block);
            let found = self.blocks(claim, place.next_block, PASSED_OVER.min(left)).await?;
            if found.is_empty() {
                return Err(Fault::internal("the blocks of an import are gone"));
            }
            place = self.think(place, move |place| place.pass_over(&found)).await?.0;
        }
        Ok(place)
    }

    /// The next batch, of at most so many blocks; none at the end of the file.
    pub(super) async fn next_batch(
        &self,
        claim: &Claim,
        place: Place,
        blocks: i64,
    ) -> Result<(Place, Option<Batch>), Fault> {
        let found = self.blocks(claim, place.next_block, blocks).await?;
        if found.is_empty() {
            return Ok((place, None));
        }
        let (place, batch) = self.think(place, move |place| place.read(&found)).await?;
        Ok((place, Some(batch)))
    }

    async fn blocks(&self, claim: &Claim, from: i32, limit: i64) -> Result<Vec<SealedBlock>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, claim.tenant).await?;
        let found = store::list_blocks(&mut tx, claim.id, from, limit).await?;
        tx.rollback().await?;
        Ok(found)
    }

    /// Keeps a thread busy, one at a time.
    pub(super) async fn think<S: Send + 'static, T: Send + 'static>(
        &self,
        mut state: S,
        work: impl FnOnce(&mut S) -> Result<T, Fault> + Send + 'static,
    ) -> Result<(S, T), Fault> {
        let _turn = self.thinking.acquire().await.map_err(Fault::internal)?;
        let task = tokio::task::spawn_blocking(move || {
            let done = work(&mut state);
            done.map(|done| (state, done))
        });
        task.await.map_err(Fault::internal)?
    }
}

impl Place {
    fn read(&mut self, found: &[SealedBlock]) -> Result<Batch, Fault> {
        let mut batch = Batch::default();
        for sealed in found {
            let block = self.open(sealed)?;
            for row in blocks::rows(&block)? {
                self.reader.take(&row, &mut self.seen, &mut batch);
            }
        }
        batch.next_block = self.next_block;
        Ok(batch)
    }

    fn pass_over(&mut self, found: &[SealedBlock]) -> Result<(), Fault> {
        for sealed in found {
            let block = self.open(sealed)?;
            for row in blocks::rows(&block)? {
                self.reader.pass_over(&row, &mut self.seen);
            }
        }
        Ok(())
    }

    fn open(&mut self, sealed: &SealedBlock) -> Result<Vec<u8>, Fault> {
        self.next_block = sealed.block_no + 1;
        open_block(&self.key, self.id, sealed.block_no, &sealed.sealed).map_err(Fault::internal)
    }
}
