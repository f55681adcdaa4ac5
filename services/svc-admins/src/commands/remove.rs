//! The end of an administrator's role.

use core_access::Permit;
use core_kernel::{AccountId, AdminId, Stop, TenantId, TypedId};
use io_postgres::DbError;
use serde_json::json;

use super::change_role::leaving;
use crate::Admins;
use crate::store::{admins, invitations};

impl Admins {
    /// Ends an administrator's role: from their next request on they are nobody in this tenant. The
    /// account stays, with its roles in other tenants; the users they looked after have no advisor.
    ///
    /// # Errors
    /// NOT_FOUND at `id`; NOT_ALLOWED_BY_POLICY for the last OWNER.
    pub async fn remove_admin(&self, permit: &Permit, id: &str) -> Result<AdminId, Stop> {
        let tenant = permit.tenant();
        let mut tx = self.tx(tenant).await?;
        let admin = leaving(&mut tx, id, true).await?;
        admins::remove(&mut tx, admin.admin_id, self.platform.now()).await?;
        let freed = admins::free_users(&mut tx, admin.admin_id).await?;
        let detail = json!({ "email": admin.email, "role": admin.role.as_str(), "users": freed });
        svc_audit::record(&mut tx, permit.caller(), "admin.removed", &admin.admin_id.to_text(), detail).await?;
        tx.commit().await?;
        self.announce(tenant).await;
        if let Err(error) = self.end_invitation(admin.account_id, tenant).await {
            // It would lead to an account without a role here.
            tracing::warn!(error = %error, "the invitation of a removed administrator stays until it runs out");
        }
        Ok(admin.admin_id)
    }

    async fn end_invitation(&self, account: AccountId, tenant: TenantId) -> Result<(), DbError> {
        let mut tx = self.platform_tx().await?;
        invitations::delete_of_account(&mut tx, account, Some(tenant)).await?;
        tx.commit().await
    }
}
