//! A file on its way into the database: cut into rows, packed, sealed, and sent on a mebibyte at a time. No
//! more of it is ever in memory than that, and a row.

use std::sync::Arc;
use std::time::Instant;

use core_crypto::DataKey;
use core_kernel::{Fault, ImportId, Stop};
use io_postgres::TenantTx;

use crate::Imports;
use crate::blocks::{self, BLOCK_BYTES};
use crate::csv::{Header, Row, RowForm, Splitter};
use crate::model::{ImportError, ImportKind, RowFault};
use crate::refusals::{broken_off, too_many_rows};
use crate::store::{self, Arrived, NewJob, SealedBlock};
use crate::{tenants, users};

/// So many bytes go in one transaction.
const PART_BYTES: usize = 1 << 20;
const TENANT_BLOCK_BYTES: usize = 512;

/// What is being taken.
pub(super) struct Upload<'a> {
    imports: &'a Imports,
    key: Arc<DataKey>,
    id: ImportId,
    splitter: Splitter,
    rows: Rows,
    sent: i32,
    renewed: Instant,
}

/// Rows in blocks.
struct Rows {
    kind: ImportKind,
    header: Option<Result<Header, Vec<ImportError>>>,
    count: u32,
    block: Vec<u8>,
    full: Vec<Vec<u8>>,
    bytes: usize,
}

impl<'a> Upload<'a> {
    pub(super) fn new(imports: &'a Imports, key: Arc<DataKey>, new: &NewJob) -> Self {
        let (splitter, rows) = (Splitter::default(), Rows::new(new.kind));
        Self { imports, key, id: new.id, splitter, rows, sent: 0, renewed: Instant::now() }
    }

    pub(super) async fn push(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        // In pieces: a sender may put megabytes into one.
        for piece in bytes.chunks(BLOCK_BYTES) {
            let rows = &mut self.rows;
            self.splitter.push(piece, |row| rows.take(&row));
            self.send(PART_BYTES).await?;
        }
        self.renew().await
    }

    /// A file may take its time: it is not taken for broken off.
    async fn renew(&mut self) -> Result<(), Stop> {
        if self.renewed.elapsed() < self.imports.limits.renew_every {
            return Ok(());
        }
        self.renewed = Instant::now();
        let mut tx = TenantTx::begin(&self.imports.platform.database, self.key.tenant()).await?;
        if !store::still_arriving(&mut tx, self.id).await? {
            return Err(broken_off().into());
        }
        Ok(tx.commit().await?)
    }

    pub(super) async fn finish(mut self) -> Result<Arrived, Stop> {
        let rows = &mut self.rows;
        std::mem::take(&mut self.splitter).finish(|row| rows.take(&row));
        self.rows.close();
        self.send(1).await?;
        Ok(self.rows.arrived())
    }

    /// Sends what is full, where it comes to so many bytes.
    async fn send(&mut self, at_least: usize) -> Result<(), Stop> {
        if self.rows.count > self.imports.limits.max_rows {
            return Err(too_many_rows(self.imports.limits.max_rows).into());
        }
        if self.rows.bytes < at_least {
            return Ok(());
        }
        let full = self.rows.take_full();
        let first = self.sent;
        self.sent += i32::try_from(full.len()).map_err(Fault::internal)?;
        let entropy = &*self.imports.platform.entropy;
        let sealed = full.iter().zip(first..).map(|(block, block_no)| {
            let sealed = blocks::seal_block(&self.key, self.id, block_no, block, entropy);
            SealedBlock { block_no, sealed }
        });
        let sealed: Vec<SealedBlock> = sealed.collect();
        let mut tx = TenantTx::begin(&self.imports.platform.database, self.key.tenant()).await?;
        if !store::insert_blocks(&mut tx, self.id, &sealed).await? {
            return Err(broken_off().into());
        }
        Ok(tx.commit().await?)
    }
}

impl Rows {
    fn new(kind: ImportKind) -> Self {
        Self { kind, header: None, count: 0, block: Vec::new(), full: Vec::new(), bytes: 0 }
    }

    fn take(&mut self, row: &Row<'_>) {
        match &self.header {
            None => self.header = Some(self.read_header(row)),
            // Nothing of the file can be read: it is only waited for.
            Some(Err(_)) => self.count = self.count.saturating_add(1),
            Some(Ok(_)) => {
                self.count = self.count.saturating_add(1);
                blocks::append(&mut self.block, row);
                if self.block.len() >= self.block_bytes() {
                    self.close();
                }
            }
        }
    }

    fn read_header(&self, row: &Row<'_>) -> Result<Header, Vec<ImportError>> {
        let line = i32::try_from(row.line).unwrap_or(i32::MAX);
        let refused = |faults: Vec<RowFault>| faults.into_iter().map(|fault| ImportError { line, fault }).collect();
        if [&b"\xFF\xFE"[..], b"\xFE\xFF"].iter().any(|mark| row.bytes.starts_with(mark)) {
            return Err(refused(vec![RowFault::of_row("The file is UTF-16. Save it as UTF-8.")]));
        }
        if row.form != RowForm::Good {
            return Err(refused(vec![RowFault::of_row("The first line is no header: it cannot be read as CSV.")]));
        }
        let columns = match self.kind {
            ImportKind::Users => &users::COLUMNS[..],
            ImportKind::Tenants => &tenants::COLUMNS[..],
        };
        Header::read(row.bytes, columns).map_err(refused)
    }

    /// A tenant is more than a row: an import of them moves forward a few rows at a time.
    fn block_bytes(&self) -> usize {
        match self.kind {
            ImportKind::Users => BLOCK_BYTES,
            ImportKind::Tenants => TENANT_BLOCK_BYTES,
        }
    }

    fn close(&mut self) {
        if !self.block.is_empty() {
            self.bytes += self.block.len();
            self.full.push(std::mem::take(&mut self.block));
        }
    }

    fn take_full(&mut self) -> Vec<Vec<u8>> {
        self.bytes = 0;
        std::mem::take(&mut self.full)
    }

    fn arrived(self) -> Arrived {
        let empty = || {
            let fault = RowFault::of_row("The file is empty: it has no header.");
            Err(vec![ImportError { line: 1, fault }])
        };
        match self.header.unwrap_or_else(empty) {
            Ok(header) => Arrived { header: header.names().to_vec(), rows: self.count, failure: Vec::new() },
            Err(failure) => Arrived { header: Vec::new(), rows: self.count, failure },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(file: &[u8]) -> Rows {
        let mut rows = Rows::new(ImportKind::Users);
        let mut splitter = Splitter::default();
        splitter.push(file, |row| rows.take(&row));
        splitter.finish(|row| rows.take(&row));
        rows.close();
        rows
    }

    fn failure(file: &[u8]) -> (i32, Option<String>) {
        let failure = rows(file).arrived().failure;
        failure.into_iter().next().map(|error| (error.line, error.fault.column)).expect("a failure")
    }

    #[test]
    fn rows_are_counted_without_the_header() {
        let arrived = rows(b"kind,External_ID\nINTERNAL,a\n\nEXTERNAL,b").arrived();
        assert_eq!((arrived.rows, arrived.header), (2, vec!["kind".to_owned(), "external_id".to_owned()]));
        assert!(arrived.failure.is_empty());
    }

    #[test]
    fn blocks_hold_whole_rows() {
        let file = format!("external_id,kind\n{}", format!("{},INTERNAL\n", "x".repeat(30_000)).repeat(7));
        let rows = rows(file.as_bytes());
        let of_each: Vec<usize> = rows.full.iter().map(|block| blocks::rows(block).unwrap().len()).collect();
        assert_eq!(of_each, [3, 3, 1]);
    }

    #[test]
    fn what_cannot_be_read_at_all_is_told_by_line_and_column() {
        assert_eq!(failure(b""), (1, None));
        assert_eq!(failure(b"\n\n"), (1, None));
        assert_eq!(failure(b"\nexternal_id,kind,telefon\na,INTERNAL,1"), (2, Some("telefon".to_owned())));
        assert_eq!(failure(b"\xFF\xFEe\0x\0"), (1, None));
        assert_eq!(failure(b"external_id,\"kind\nx,y"), (1, None));
    }
}
