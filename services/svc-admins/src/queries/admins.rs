//! A tenant's administrators.

use std::collections::HashMap;

use core_access::Permit;
use core_kernel::{AdminId, Fault};
use io_cache::unshare;

use crate::store::admins;
use crate::{AdminView, Admins};

impl Admins {
    /// The tenant's administrators, those who did not come yet included; the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_admins(&self, permit: &Permit) -> Result<Vec<AdminView>, Fault> {
        let mut tx = self.tx(permit.tenant()).await?;
        Ok(admins::list(&mut tx).await?)
    }

    /// One administrator, without I/O where they were asked for within the last seconds; `None` where
    /// there is none of this identifier, or not any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lookup_admin(&self, permit: &Permit, id: AdminId) -> Result<Option<AdminView>, Fault> {
        let tenant = permit.tenant();
        let load = || {
            self.platform.database.in_time(async {
                let mut tx = self.tx(tenant).await?;
                admins::find(&mut tx, id).await?.ok_or(Fault::Forbidden { reason: None })
            })
        };
        match self.views.get_with(tenant, &id, load).await.map_err(unshare) {
            Ok(view) => Ok(Some(AdminView::clone(&view))),
            Err(Fault::Forbidden { .. }) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Several at once; those who are not there, or not any more, are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lookup_admins(&self, permit: &Permit, ids: &[AdminId]) -> Result<HashMap<AdminId, AdminView>, Fault> {
        // The usual page is of one advisor's users, who is in memory.
        if let [id] = ids {
            return Ok(self.lookup_admin(permit, *id).await?.map(|view| (*id, view)).into_iter().collect());
        }
        let mut tx = self.tx(permit.tenant()).await?;
        Ok(admins::find_many(&mut tx, ids).await?.into_iter().map(|view| (view.admin_id, view)).collect())
    }
}
