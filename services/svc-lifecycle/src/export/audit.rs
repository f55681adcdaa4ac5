//! The audit log, oldest first.
//!
//! JSON Lines carry the chain's seals, and end in a signed head, so that whoever holds the file can prove that
//! nothing in it was changed (`postern audit verify`). Their order is the chain's. CSV is for reading: a
//! spreadsheet changes what it opens.

use chrono::SecondsFormat;
use core_audit::Line;
use core_kernel::{AuditEntryId, Fault, Timestamp, TypedId};
use io_postgres::TenantTx;
use svc_audit::chain::{ClosedChain, SealedEntry, list_sealed};

use super::cell::{Cell, Row};
use super::{ExportFormat, PAGE, Pages};

const COLUMNS: [&str; 7] = ["id", "at", "actor", "action", "target", "ip_address", "detail"];
const SEALED_COLUMNS: [&str; 13] = [
    "id",
    "at",
    "actor",
    "action",
    "target",
    "ip_address",
    "detail",
    "sequence",
    "salt",
    "commitment",
    "hash",
    "head",
    "checkpoint",
];

pub(super) struct Audit {
    chain: ClosedChain,
    format: ExportFormat,
    after: i64,
}

impl Audit {
    pub(super) fn new(chain: ClosedChain, format: ExportFormat) -> Self {
        let after = chain.after;
        Self { chain, format, after }
    }

    fn row(&mut self, entry: SealedEntry) -> Result<Row, Fault> {
        let (entry, seal, head) = entry.read()?;
        self.after = seal.sequence.cast_signed();
        if self.format == ExportFormat::Csv {
            return Ok(read_row(&entry));
        }
        let mut line = Line { head, ..Line::of(&entry, &seal) };
        line.checkpoint = self.chain.checkpoint.take();
        if self.after == self.chain.last {
            line.head = Some(self.chain.end.clone());
        }
        Ok(sealed_row(line))
    }
}

impl Pages for Audit {
    fn columns(&self) -> &'static [&'static str] {
        match self.format {
            ExportFormat::Csv => &COLUMNS,
            ExportFormat::Jsonl => &SEALED_COLUMNS,
        }
    }

    async fn next(&mut self, tx: &mut TenantTx) -> Result<Vec<Row>, Fault> {
        let entries = list_sealed(tx, self.after, self.chain.last, PAGE).await?;
        entries.into_iter().map(|entry| self.row(entry)).collect()
    }
}

/// To the microsecond: what was hashed.
fn exact(at: Timestamp) -> Cell {
    Cell::Text(at.to_rfc3339_opts(SecondsFormat::Micros, true))
}

fn read_row(entry: &core_audit::Entry) -> Row {
    vec![
        AuditEntryId(entry.id).to_text().into(),
        exact(entry.at),
        entry.actor.clone().into(),
        entry.action.clone().into(),
        entry.target.clone().into(),
        entry.ip_address.clone().into(),
        entry.detail.clone().into(),
    ]
}

fn sealed_row(line: Line) -> Row {
    vec![
        line.id.into(),
        line.at.into(),
        line.actor.into(),
        line.action.into(),
        line.target.into(),
        line.ip_address.into(),
        line.detail.into(),
        line.sequence.cast_signed().into(),
        line.salt.into(),
        line.commitment.into(),
        line.hash.into(),
        line.head.into(),
        line.checkpoint.into(),
    ]
}
