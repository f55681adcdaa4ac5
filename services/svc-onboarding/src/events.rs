//! What others are told of an import's end.

use core_kernel::{Fault, TypedId};
use io_postgres::TenantTx;
use serde_json::{Value, json};
use svc_audit::EventKind;

use crate::model::ImportJob;

/// Counts, for the audit log and the event.
pub(crate) fn counts(job: &ImportJob) -> Value {
    json!({
        "import_id": job.id.to_text(),
        "status": job.status.as_str(),
        "dry_run": job.dry_run,
        "created_rows": job.created_rows,
        "updated_rows": job.updated_rows,
        "failed_rows": job.failed_rows,
    })
}

/// Puts `IMPORT_FINISHED` into the outbox.
pub(crate) async fn finished(tx: &mut TenantTx, job: &ImportJob) -> Result<(), Fault> {
    Ok(svc_audit::emit(tx, EventKind::ImportFinished, &counts(job)).await?)
}
