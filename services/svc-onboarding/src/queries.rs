//! What is read of imports.

use core_access::{PartnerPermit, Permit};
use core_kernel::{Fault, ImportId, Page, PageRequest, TypedId};
use io_postgres::{PartnerTx, TenantTx};
use uuid::Uuid;

use crate::Imports;
use crate::model::{ImportError, ImportJob};
use crate::store::{self, JobRow};

impl Imports {
    /// One import of users; none where it is another tenant's, or still arriving.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lookup(&self, permit: &Permit, id: ImportId) -> Result<Option<ImportJob>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        store::lookup(&mut tx, id).await?.map(JobRow::into_view).transpose()
    }

    /// One import of the partner's tenants.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lookup_of_partner(&self, permit: &PartnerPermit, id: ImportId) -> Result<Option<ImportJob>, Fault> {
        let mut tx = PartnerTx::begin(&self.platform.database, permit.caller().partner).await?;
        store::lookup_of_partner(&mut tx, id).await?.map(JobRow::into_view).transpose()
    }

    /// The tenant's imports of users, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, permit: &Permit, page: &PageRequest) -> Result<Page<ImportJob>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        cut(page, store::list(&mut tx, before(page), page.limit()).await?)
    }

    /// The partner's imports of tenants, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_of_partner(&self, permit: &PartnerPermit, page: &PageRequest) -> Result<Page<ImportJob>, Fault> {
        let mut tx = PartnerTx::begin(&self.platform.database, permit.caller().partner).await?;
        cut(page, store::list_of_partner(&mut tx, before(page), page.limit()).await?)
    }

    /// The first faults of an import that the caller was given, in the order of the file.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn errors(&self, job: &ImportJob, first: u32) -> Result<Vec<ImportError>, Fault> {
        let most = first as usize;
        if !job.failure.is_empty() {
            return Ok(job.failure.iter().take(most).cloned().collect());
        }
        let mut tx = TenantTx::begin(&self.platform.database, job.tenant).await?;
        let rows = store::list_refusals(&mut tx, job.id, 0, first.into()).await?;
        let errors = rows.into_iter().flat_map(|row| {
            let line = row.line;
            row.faults.0.into_iter().map(move |fault| ImportError { line, fault })
        });
        Ok(errors.take(most).collect())
    }
}

fn before(page: &PageRequest) -> Option<ImportId> {
    // A cursor of another list: nothing comes after it.
    page.after.as_deref().map(|after| ImportId::from_text(after).unwrap_or(ImportId(Uuid::nil())))
}

fn cut(page: &PageRequest, rows: Vec<JobRow>) -> Result<Page<ImportJob>, Fault> {
    let jobs: Result<Vec<ImportJob>, Fault> = rows.into_iter().map(JobRow::into_view).collect();
    Ok(Page::cut(page, jobs?, |job| job.id.to_text()))
}
