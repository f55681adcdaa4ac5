//! What is read of simulations. An ADVISOR, who knows of some users alone, sees nothing of what is
//! about all.

use core_access::Permit;
use core_kernel::{Fault, Page, PageRequest, PolicySimulationId, TypedId, UserId};
use io_postgres::TenantTx;
use svc_directory::UserView;

use crate::model::Simulation;
use crate::{Simulations, store};

impl Simulations {
    /// One simulation; none where it is another tenant's, was deleted, or is not this caller's to see.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lookup(&self, permit: &Permit, id: PolicySimulationId) -> Result<Option<Simulation>, Fault> {
        if permit.caller().only_users_of().is_some() {
            return Ok(None);
        }
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        store::lookup(&mut tx, id).await?.map(store::SimulationRow::into_view).transpose()
    }

    /// The users whom the draft would lock out, newest first; nobody until it is COMPLETED.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn locked_out(
        &self,
        permit: &Permit,
        id: PolicySimulationId,
        page: &PageRequest,
    ) -> Result<Page<UserView>, Fault> {
        let users = self.locked_out_ids(permit, id, page).await?;
        let ids: Vec<UserId> = users.rows.iter().map(|(_, user)| *user).collect();
        let mut views = self.directory.users_by_id(permit, &ids).await?;
        let Page { rows, has_next, has_previous } = users;
        let mut take = |user| {
            let at = views.iter().position(|view| view.record.user_id == user)?;
            Some(views.swap_remove(at))
        };
        let rows = rows.into_iter().filter_map(|(cursor, user)| Some((cursor, take(user)?))).collect();
        Ok(Page { rows, has_next, has_previous })
    }

    async fn locked_out_ids(
        &self,
        permit: &Permit,
        id: PolicySimulationId,
        page: &PageRequest,
    ) -> Result<Page<UserId>, Fault> {
        let after = match page.after.as_deref().map(UserId::from_text) {
            None => None,
            Some(Some(user)) => Some(user),
            // A cursor of another list: nothing comes after it.
            Some(None) => Some(UserId(uuid::Uuid::nil())),
        };
        if permit.caller().only_users_of().is_some() {
            return Ok(Page::cut(page, Vec::new(), |user: &UserId| user.to_text()));
        }
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let rows = store::list_locked_out(&mut tx, id, after, page.limit()).await?;
        Ok(Page::cut(page, rows, |user| user.to_text()))
    }
}
