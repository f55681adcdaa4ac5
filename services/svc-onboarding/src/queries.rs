//! What is read of imports.

use std::collections::HashMap;

use core_access::{PartnerPermit, Permit};
use core_kernel::{Fault, ImportId, Page, PageRequest, TenantId, TypedId};
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

    /// The first faults of imports that the caller was given, each in the order of its file.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn errors_of(
        &self,
        jobs: &[ImportJob],
        first: u32,
    ) -> Result<HashMap<ImportId, Vec<ImportError>>, Fault> {
        let mut of_jobs: HashMap<ImportId, Vec<ImportError>> = HashMap::new();
        let mut of_tenants: HashMap<TenantId, Vec<ImportId>> = HashMap::new();
        for job in jobs {
            if job.failure.is_empty() {
                of_tenants.entry(job.tenant).or_default().push(job.id);
            } else {
                of_jobs.insert(job.id, job.failure.clone());
            }
        }
        for (tenant, ids) in of_tenants {
            let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
            for (id, line, faults) in store::list_refusals_of(&mut tx, &ids, first.into()).await? {
                let errors = faults.0.into_iter().map(|fault| ImportError { line, fault });
                of_jobs.entry(ImportId(id)).or_default().extend(errors);
            }
        }
        of_jobs.values_mut().for_each(|errors| errors.truncate(first as usize));
        Ok(of_jobs)
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
