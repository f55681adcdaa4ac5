//! Versions, for people to read.

use core_access::Permit;
use core_kernel::{Fault, Page, PageRequest, PolicyId};
use io_postgres::TenantTx;

use crate::model::PolicyView;
use crate::{Policies, store};

impl Policies {
    /// The version in force.
    ///
    /// # Errors
    /// INTERNAL when there is none, or it cannot be read.
    pub async fn active(&self, permit: &Permit) -> Result<PolicyView, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let found = store::find_active(&mut tx).await?;
        found.ok_or_else(|| Fault::internal("no version of the tenant's policy is in force"))
    }

    /// All versions, newest first, scheduled and cancelled ones included.
    ///
    /// # Errors
    /// When the database fails or a policy cannot be read.
    pub async fn list_versions(&self, permit: &Permit, page: &PageRequest) -> Result<Page<PolicyView>, Fault> {
        let before = match page.after.as_deref().map(str::parse) {
            None => None,
            Some(Ok(version)) => Some(version),
            // A cursor of another list: nothing comes after it.
            Some(Err(_)) => Some(0),
        };
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let rows = store::list(&mut tx, before, page.limit()).await?;
        Ok(Page::cut(page, rows, |view| view.version.version.to_string()))
    }

    /// One version by its identifier.
    ///
    /// # Errors
    /// When the database fails or the policy cannot be read.
    pub async fn lookup(&self, permit: &Permit, id: PolicyId) -> Result<Option<PolicyView>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        Ok(store::find_by_id(&mut tx, id).await?)
    }
}
