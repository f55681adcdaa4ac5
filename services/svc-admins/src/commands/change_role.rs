//! Another role for an administrator.

use core_access::{AdminRole, Permit};
use core_kernel::{AdminId, Stop, TypedId};
use io_postgres::TenantTx;
use serde_json::json;

use crate::rules::{can_do_without, looks_after_users};
use crate::store::admins;
use crate::{AdminView, Admins, refusals};

impl Admins {
    /// Gives an administrator another role, which holds from their next request on. Nothing ends by it
    /// but, for a role that looks after nobody, the assignment of users.
    ///
    /// # Errors
    /// NOT_FOUND at `id`; NOT_ALLOWED_BY_POLICY for the last OWNER.
    pub async fn change_admin_role(&self, permit: &Permit, id: &str, role: AdminRole) -> Result<AdminView, Stop> {
        let mut tx = self.tx(permit.tenant()).await?;
        let admin = leaving(&mut tx, id, role != AdminRole::Owner).await?;
        if admin.role == role {
            return Ok(admin);
        }
        admins::update_role(&mut tx, admin.admin_id, role).await?;
        if !looks_after_users(role) {
            admins::free_users(&mut tx, admin.admin_id).await?;
        }
        let detail = json!({ "email": admin.email, "from": admin.role.as_str(), "to": role.as_str() });
        svc_audit::record(&mut tx, permit.caller(), "admin.role_changed", &admin.admin_id.to_text(), detail).await?;
        tx.commit().await?;
        self.announce(permit.tenant()).await;
        Ok(AdminView { role, ..admin })
    }
}

/// The administrator, while nobody else changes the tenant's owners; refused where `gives_up` would
/// leave the tenant without one.
pub(super) async fn leaving(tx: &mut TenantTx, id: &str, gives_up: bool) -> Result<AdminView, Stop> {
    let id = AdminId::from_text(id).ok_or_else(refusals::no_such_admin)?;
    let owners = admins::lock_owners(tx).await?;
    let admin = admins::find(tx, id).await?.ok_or_else(refusals::no_such_admin)?;
    if gives_up && admin.role == AdminRole::Owner && !can_do_without(&owners, id) {
        return Err(refusals::last_owner().into());
    }
    Ok(admin)
}
