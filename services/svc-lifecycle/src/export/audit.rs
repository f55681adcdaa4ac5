//! The audit log, oldest first.

use chrono::NaiveDate;
use core_kernel::{AuditEntryId, Fault, Timestamp, TypedId};
use io_postgres::{DbError, TenantTx};
use serde_json::Value;
use uuid::Uuid;

use super::cell::Row;
use super::{PAGE, Pages};

const COLUMNS: [&str; 7] = ["id", "at", "actor", "action", "target", "ip_address", "detail"];

#[derive(Default)]
pub(super) struct Audit {
    after: Option<(NaiveDate, Uuid)>,
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    month: NaiveDate,
    entry_id: Uuid,
    at: Timestamp,
    actor: String,
    action: String,
    target: Option<String>,
    ip_address: Option<String>,
    detail: Value,
}

impl Pages for Audit {
    fn columns(&self) -> &'static [&'static str] {
        &COLUMNS
    }

    async fn next(&mut self, tx: &mut TenantTx) -> Result<Vec<Row>, Fault> {
        let entries = list(tx, self.after).await?;
        self.after = entries.last().map(|entry| (entry.month, entry.entry_id)).or(self.after);
        Ok(entries.into_iter().map(row).collect())
    }
}

fn row(entry: EntryRow) -> Row {
    vec![
        AuditEntryId(entry.entry_id).to_text().into(),
        entry.at.into(),
        entry.actor.into(),
        entry.action.into(),
        entry.target.into(),
        entry.ip_address.into(),
        entry.detail.into(),
    ]
}

async fn list(tx: &mut TenantTx, after: Option<(NaiveDate, Uuid)>) -> Result<Vec<EntryRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select a.month, a.entry_id, a.at, a.actor, a.action, a.target, host(a.ip_address) as ip_address, a.detail
           from audit_entry a
          where a.tenant_id = $1 and ($2::date is null or (a.month, a.entry_id) > ($2, $3)) and ($2 is null or a.month >= $2)
          order by a.month, a.entry_id limit $4",
    )
    .bind(tenant)
    .bind(after.map(|(month, _)| month))
    .bind(after.map(|(_, id)| id))
    .bind(PAGE)
    .fetch_all(tx.connection())
    .await?)
}
