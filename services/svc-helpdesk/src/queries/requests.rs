//! Requests.

use core_access::Permit;
use core_kernel::{Fault, Page, PageRequest, TemporaryAccessRequestId, TypedId};
use io_postgres::TenantTx;

use crate::HelpDesk;
use crate::model::TemporaryAccessRequest;
use crate::store;

impl HelpDesk {
    /// Requests that the caller may answer, the newest first: open ones, closed ones, or all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_requests(
        &self,
        permit: &Permit,
        open: Option<bool>,
        page: &PageRequest,
    ) -> Result<Page<TemporaryAccessRequest>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let rows = store::requests::list(&mut tx, permit.caller().only_users_of(), open, page).await?;
        Ok(Page::cut(page, rows, |row| row.request_id.to_text()))
    }

    /// One request; none where it is absent, foreign, or of a user whom the caller may not see.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lookup_request(
        &self,
        permit: &Permit,
        id: TemporaryAccessRequestId,
    ) -> Result<Option<TemporaryAccessRequest>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        Ok(store::requests::find(&mut tx, id, permit.caller().only_users_of()).await?)
    }
}
