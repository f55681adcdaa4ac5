//! Imports as workers take, keep and end them. A claim is numbered: whatever a worker writes counts only
//! as long as its attempt is the last one and nobody has ended the import.

use std::net::IpAddr;

use core_kernel::{ApiKeyId, ImportId, PartnerId, TenantId};
use io_postgres::{DbError, NoTenant, TenantTx};
use sqlx::types::Json;
use uuid::Uuid;

use crate::model::{ImportError, ImportKind};

/// An import that a worker should look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Due {
    pub(crate) tenant: TenantId,
    pub(crate) id: ImportId,
}

/// The imports that are due, the longest waiting first.
pub(crate) async fn list_due(connection: &mut NoTenant, limit: i32) -> Result<Vec<Due>, DbError> {
    let due: Vec<(Uuid, Uuid)> = sqlx::query_as("select d.tenant_id, d.import_id from postern_cross.imports_due($1) d")
        .bind(limit)
        .fetch_all(connection.connection())
        .await?;
    Ok(due.into_iter().map(|(tenant, id)| Due { tenant: TenantId(tenant), id: ImportId(id) }).collect())
}

/// An import in a worker's hands.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) tenant: TenantId,
    pub(crate) id: ImportId,
    pub(crate) attempt: i16,
    /// The attempt that moved it forward last.
    pub(crate) progress_attempt: i16,
    pub(crate) partner: Option<PartnerId>,
    pub(crate) kind: ImportKind,
    pub(crate) header: Vec<String>,
    pub(crate) dry_run: bool,
    pub(crate) trust_contacts: bool,
    pub(crate) sandbox_twins: bool,
    pub(crate) created_by: String,
    pub(crate) created_from: Option<IpAddr>,
    pub(crate) api_key: Option<ApiKeyId>,
    pub(crate) total_rows: u32,
    /// The first block that was not worked through.
    pub(crate) next_block: i32,
}

#[derive(sqlx::FromRow)]
struct ClaimRow {
    attempts: i16,
    progress_attempt: i16,
    partner_id: Option<Uuid>,
    kind: String,
    header: Vec<String>,
    dry_run: bool,
    trust_contacts: bool,
    sandbox_twins: bool,
    created_by: String,
    created_from: Option<String>,
    api_key_id: Option<Uuid>,
    total_rows: Option<i32>,
    next_block: i32,
}

/// Takes an import, if it is due: QUEUED, or of a worker that has fallen silent. A tenant's imports run
/// one at a time, in the order in which they came, since a later file is meant to correct an earlier one;
/// so do a partner's imports of tenants.
pub(crate) async fn claim(tx: &mut TenantTx, id: ImportId, lease_seconds: f64) -> Result<Option<Claim>, DbError> {
    let tenant = tx.tenant();
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('import ' || $1::text, 0))")
        .bind(tenant.0)
        .execute(tx.connection())
        .await?;
    let row: Option<ClaimRow> = sqlx::query_as(
        "update import_job j
            set status = 'RUNNING', attempts = j.attempts + 1, due_at = clock_timestamp() + make_interval(secs => $3)
          where j.tenant_id = $1 and j.import_id = $2 and j.status in ('QUEUED', 'RUNNING')
            and j.due_at <= clock_timestamp()
            and not exists (select from import_job x
                             where x.tenant_id = $1 and x.partner_id is not distinct from j.partner_id
                               and x.import_id < j.import_id and x.status in ('QUEUED', 'RUNNING'))
         returning j.attempts, j.progress_attempt, j.partner_id, j.kind, j.header, j.dry_run, j.trust_contacts, j.sandbox_twins,
                   j.created_by, host(j.created_from) as created_from, j.api_key_id, j.total_rows, j.next_block",
    )
    .bind(tenant.0)
    .bind(id.0)
    .bind(lease_seconds)
    .fetch_optional(tx.connection())
    .await?;
    row.map(|row| row.read(tenant, id)).transpose()
}

impl ClaimRow {
    fn read(self, tenant: TenantId, id: ImportId) -> Result<Claim, DbError> {
        let kind = ImportKind::parse(&self.kind);
        let kind = kind.ok_or_else(|| DbError(sqlx::Error::Decode("an import is of an unknown kind".into())))?;
        Ok(Claim {
            tenant,
            id,
            attempt: self.attempts,
            progress_attempt: self.progress_attempt,
            partner: self.partner_id.map(PartnerId),
            kind,
            header: self.header,
            dry_run: self.dry_run,
            trust_contacts: self.trust_contacts,
            sandbox_twins: self.sandbox_twins,
            created_by: self.created_by,
            created_from: self.created_from.and_then(|ip| ip.parse().ok()),
            api_key: self.api_key_id.map(ApiKeyId),
            total_rows: u32::try_from(self.total_rows.unwrap_or(0)).unwrap_or(0),
            next_block: self.next_block,
        })
    }
}

macro_rules! held {
    ($set:literal) => {
        concat!(
            "update import_job j set ",
            $set,
            " where j.tenant_id = $1 and j.import_id = $2 and j.status = 'RUNNING' and j.attempts = $3"
        )
    };
}

/// How much further an import has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) next_block: i32,
    pub(crate) created: i32,
    pub(crate) updated: i32,
    pub(crate) unchanged: i32,
    pub(crate) failed: i32,
}

/// Moves the import forward and says that the worker is alive; false where the import is not its own any more:
/// nothing of the transaction may be committed then.
pub(crate) async fn advance(
    tx: &mut TenantTx,
    claim: &Claim,
    progress: &Progress,
    lease_seconds: f64,
) -> Result<bool, DbError> {
    const SQL: &str = held!(
        "due_at = clock_timestamp() + make_interval(secs => $4), next_block = $5,
         processed_rows = j.processed_rows + $6 + $7 + $8 + $9, created_rows = j.created_rows + $6,
         updated_rows = j.updated_rows + $7, unchanged_rows = j.unchanged_rows + $8, failed_rows = j.failed_rows + $9,
         progress_attempt = j.attempts"
    );
    let statement = sqlx::query(SQL).bind(claim.tenant.0).bind(claim.id.0).bind(claim.attempt).bind(lease_seconds);
    let statement = statement.bind(progress.next_block).bind(progress.created).bind(progress.updated);
    let advanced = statement.bind(progress.unchanged).bind(progress.failed).execute(tx.connection()).await?;
    Ok(advanced.rows_affected() > 0)
}

/// For another worker, or this one, after a while.
pub(crate) async fn give_back(tx: &mut TenantTx, claim: &Claim, after_seconds: f64) -> Result<(), DbError> {
    const SQL: &str = held!("status = 'QUEUED', due_at = clock_timestamp() + make_interval(secs => $4)");
    let statement = sqlx::query(SQL).bind(claim.tenant.0).bind(claim.id.0).bind(claim.attempt);
    statement.bind(after_seconds).execute(tx.connection()).await?;
    Ok(())
}

/// Ends it; false where it is not this worker's any more. What was refused is kept for 30 days.
pub(crate) async fn complete(tx: &mut TenantTx, claim: &Claim) -> Result<bool, DbError> {
    const SQL: &str = held!(
        "status = case when j.failed_rows > 0 then 'COMPLETED_WITH_ERRORS' else 'COMPLETED' end,
         finished_at = clock_timestamp(), due_at = clock_timestamp() + interval '30 days'"
    );
    let statement = sqlx::query(SQL).bind(claim.tenant.0).bind(claim.id.0).bind(claim.attempt);
    Ok(statement.execute(tx.connection()).await?.rows_affected() > 0)
}

/// Ends it without; false where it is not this worker's any more.
pub(crate) async fn fail(tx: &mut TenantTx, claim: &Claim, failure: &[ImportError]) -> Result<bool, DbError> {
    const SQL: &str = held!(
        "status = 'FAILED', finished_at = clock_timestamp(), due_at = clock_timestamp() + interval '30 days', failure = $4"
    );
    let statement = sqlx::query(SQL).bind(claim.tenant.0).bind(claim.id.0).bind(claim.attempt);
    Ok(statement.bind(Json(failure)).execute(tx.connection()).await?.rows_affected() > 0)
}

/// What is due and not to be worked on: an upload that broke off goes, and so do the rows that were refused by
/// what is over.
pub(crate) async fn sweep(tx: &mut TenantTx, id: ImportId) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "delete from import_job j
          where j.tenant_id = $1 and j.import_id = $2 and j.status = 'RECEIVING' and j.due_at <= clock_timestamp()",
    )
    .bind(tenant)
    .bind(id.0)
    .execute(tx.connection())
    .await?;
    sqlx::query(
        "with over as (
            update import_job j set due_at = null
             where j.tenant_id = $1 and j.import_id = $2 and j.finished_at is not null and j.due_at <= clock_timestamp()
            returning j.import_id),
         blocks as (delete from import_block b using over where b.tenant_id = $1 and b.import_id = over.import_id)
         delete from import_refusal r using over where r.tenant_id = $1 and r.import_id = over.import_id",
    )
    .bind(tenant)
    .bind(id.0)
    .execute(tx.connection())
    .await?;
    Ok(())
}
