//! What is read of a rollout.

mod forecast;

use core_access::Permit;
use core_kernel::{Fault, Page, PageRequest, ReminderRunId, TypedId};
use io_postgres::TenantTx;

use crate::model::ReminderRun;
use crate::rollout::Rollout;
use crate::store;

impl Rollout {
    /// The tenant's runs of reminders, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_runs(&self, permit: &Permit, page: &PageRequest) -> Result<Page<ReminderRun>, Fault> {
        let before = match page.after.as_deref().map(ReminderRunId::from_text) {
            None => None,
            Some(Some(run)) => Some(run),
            // A cursor of another list: nothing comes after it.
            Some(None) => Some(ReminderRunId(uuid::Uuid::nil())),
        };
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let rows = store::list_runs(&mut tx, before, page.limit()).await?;
        Ok(Page::cut(page, rows, |run| run.run_id.to_text()))
    }

    /// One of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lookup_run(&self, permit: &Permit, run: ReminderRunId) -> Result<Option<ReminderRun>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        Ok(store::find_run(&mut tx, run).await?)
    }
}
