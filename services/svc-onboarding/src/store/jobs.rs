//! Imports as they arrive, are shown and ended.

use std::net::IpAddr;

use core_kernel::{ApiKeyId, Fault, ImportId, PartnerId, TenantId, Timestamp};
use io_postgres::{DbError, PartnerTx, TenantTx};
use sqlx::types::Json;
use uuid::Uuid;

use crate::model::{ImportError, ImportJob, ImportKind, ImportStatus};

/// An upload that says nothing for so long is taken for broken off.
const RECEIVING_SECONDS: f64 = 120.0;

/// An import that begins to arrive.
pub(crate) struct NewJob {
    pub(crate) id: ImportId,
    pub(crate) partner: Option<PartnerId>,
    pub(crate) kind: ImportKind,
    pub(crate) file_name: String,
    pub(crate) dry_run: bool,
    pub(crate) trust_contacts: bool,
    pub(crate) sandbox_twins: bool,
    pub(crate) created_by: String,
    pub(crate) created_from: Option<IpAddr>,
    pub(crate) api_key: Option<ApiKeyId>,
}

pub(crate) async fn insert(tx: &mut TenantTx, new: &NewJob) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into import_job (tenant_id, import_id, partner_id, kind, file_name, dry_run, trust_contacts, sandbox_twins,
                                 created_by, created_from, api_key_id, created_at, status, due_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::inet, $11, clock_timestamp(), 'RECEIVING',
                 clock_timestamp() + make_interval(secs => $12))",
    )
    .bind(tenant)
    .bind(new.id.0)
    .bind(new.partner.map(|id| id.0))
    .bind(new.kind.as_str())
    .bind(&new.file_name)
    .bind(new.dry_run)
    .bind(new.trust_contacts)
    .bind(new.sandbox_twins)
    .bind(&new.created_by)
    .bind(new.created_from.map(|ip| ip.to_string()))
    .bind(new.api_key.map(|id| id.0))
    .bind(RECEIVING_SECONDS)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Imports that are not over, and of these the ones that are still arriving: the tenant's, or of one of its
/// partners where it is the platform's.
pub(crate) async fn count_unfinished(tx: &mut TenantTx, partner: Option<PartnerId>) -> Result<(i64, i64), DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select count(*), count(*) filter (where j.status = 'RECEIVING') from import_job j
          where j.tenant_id = $1 and j.partner_id is not distinct from $2
            and j.status in ('RECEIVING', 'QUEUED', 'RUNNING')",
    )
    .bind(tenant)
    .bind(partner.map(|id| id.0))
    .fetch_one(tx.connection())
    .await?)
}

/// A file that is there whole.
pub(crate) struct Arrived {
    pub(crate) header: Vec<String>,
    pub(crate) rows: u32,
    /// Why nothing of it can be read.
    pub(crate) failure: Vec<ImportError>,
}

/// Shows the import, and gives it to the workers, or ends it where it cannot be read; false where it is not
/// arriving any more.
pub(crate) async fn queue(tx: &mut TenantTx, id: ImportId, arrived: &Arrived) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let queued = sqlx::query(
        "update import_job j
            set header = $3, total_rows = $4, failure = $5, status = case when $6 then 'FAILED' else 'QUEUED' end,
                finished_at = case when $6 then clock_timestamp() end,
                due_at = case when not $6 then clock_timestamp() end
          where j.tenant_id = $1 and j.import_id = $2 and j.status = 'RECEIVING'",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(&arrived.header)
    .bind(i32::try_from(arrived.rows).unwrap_or(i32::MAX))
    .bind(Json(&arrived.failure))
    .bind(!arrived.failure.is_empty())
    .execute(tx.connection())
    .await?;
    Ok(queued.rows_affected() > 0)
}

/// Removes an import that did not arrive, with all that did.
pub(crate) async fn delete_receiving(tx: &mut TenantTx, id: ImportId) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("delete from import_job j where j.tenant_id = $1 and j.import_id = $2 and j.status = 'RECEIVING'")
        .bind(tenant)
        .bind(id.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

#[derive(Debug, sqlx::FromRow)]
pub(crate) struct JobRow {
    tenant_id: Uuid,
    import_id: Uuid,
    partner_id: Option<Uuid>,
    kind: String,
    status: String,
    dry_run: bool,
    file_name: String,
    total_rows: Option<i32>,
    processed_rows: i32,
    created_rows: i32,
    updated_rows: i32,
    unchanged_rows: i32,
    failed_rows: i32,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
    kept: bool,
    failure: Json<Vec<ImportError>>,
}

impl JobRow {
    pub(crate) fn into_view(self) -> Result<ImportJob, Fault> {
        let unknown = |word: &str| Fault::internal(format!("an import has the unknown word {word}"));
        Ok(ImportJob {
            id: ImportId(self.import_id),
            tenant: TenantId(self.tenant_id),
            partner: self.partner_id.map(PartnerId),
            kind: ImportKind::parse(&self.kind).ok_or_else(|| unknown(&self.kind))?,
            status: ImportStatus::parse(&self.status).ok_or_else(|| unknown(&self.status))?,
            dry_run: self.dry_run,
            file_name: self.file_name,
            total_rows: self.total_rows.unwrap_or(0),
            processed_rows: self.processed_rows,
            created_rows: self.created_rows,
            updated_rows: self.updated_rows,
            unchanged_rows: self.unchanged_rows,
            failed_rows: self.failed_rows,
            created_at: self.created_at,
            finished_at: self.finished_at,
            has_refused_rows: self.kept && self.failed_rows > 0,
            failure: self.failure.0,
        })
    }
}

macro_rules! select_jobs {
    ($where:literal) => {
        concat!(
            "select j.tenant_id, j.import_id, j.partner_id, j.kind, j.status, j.dry_run, j.file_name, j.total_rows,
                    j.processed_rows, j.created_rows, j.updated_rows, j.unchanged_rows, j.failed_rows, j.created_at,
                    j.finished_at, j.due_at is not null as kept, j.failure
               from import_job j where j.status <> 'RECEIVING' and ",
            $where
        )
    };
}

pub(crate) async fn lookup(tx: &mut TenantTx, id: ImportId) -> Result<Option<JobRow>, DbError> {
    const SQL: &str = select_jobs!("j.tenant_id = $1 and j.import_id = $2");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(id.0).fetch_optional(tx.connection()).await?)
}

pub(crate) async fn lookup_of_partner(tx: &mut PartnerTx, id: ImportId) -> Result<Option<JobRow>, DbError> {
    const SQL: &str = select_jobs!("j.partner_id = $1 and j.import_id = $2");
    let partner = tx.partner().0;
    Ok(sqlx::query_as(SQL).bind(partner).bind(id.0).fetch_optional(tx.connection()).await?)
}

/// The header of an import that has one.
pub(crate) async fn find_header(tx: &mut TenantTx, id: ImportId) -> Result<Option<Vec<String>>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar(
        "select j.header from import_job j where j.tenant_id = $1 and j.import_id = $2 and j.status <> 'RECEIVING'",
    )
    .bind(tenant)
    .bind(id.0)
    .fetch_optional(tx.connection())
    .await?)
}

/// The tenant's imports, newest first.
pub(crate) async fn list(tx: &mut TenantTx, before: Option<ImportId>, limit: i64) -> Result<Vec<JobRow>, DbError> {
    const SQL: &str = select_jobs!(
        "j.tenant_id = $1 and j.partner_id is null and ($2::uuid is null or j.import_id < $2)
         order by j.import_id desc limit $3"
    );
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(before.map(|id| id.0)).bind(limit).fetch_all(tx.connection()).await?)
}

/// The partner's imports of tenants, newest first.
pub(crate) async fn list_of_partner(
    tx: &mut PartnerTx,
    before: Option<ImportId>,
    limit: i64,
) -> Result<Vec<JobRow>, DbError> {
    const SQL: &str =
        select_jobs!("j.partner_id = $1 and ($2::uuid is null or j.import_id < $2) order by j.import_id desc limit $3");
    let partner = tx.partner().0;
    Ok(sqlx::query_as(SQL).bind(partner).bind(before.map(|id| id.0)).bind(limit).fetch_all(tx.connection()).await?)
}

/// Ends an import, of this partner where it is one of tenants; whether there was anything to end.
pub(crate) async fn cancel(tx: &mut TenantTx, id: ImportId, partner: Option<PartnerId>) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let ended = sqlx::query(
        "update import_job j
            set status = 'CANCELED', finished_at = clock_timestamp(), due_at = clock_timestamp() + interval '30 days'
          where j.tenant_id = $1 and j.import_id = $2 and j.partner_id is not distinct from $3
            and j.status in ('QUEUED', 'RUNNING')",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(partner.map(|id| id.0))
    .execute(tx.connection())
    .await?;
    Ok(ended.rows_affected() > 0)
}
