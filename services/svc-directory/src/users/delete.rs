//! Erasing a user: name, contacts, factors and addresses go at once, in one transaction. The logins
//! stay, under a pseudonym, since they are the tenant's record of what was decided.

use core_access::Permit;
use core_kernel::{Stop, TypedId, UserId};
use io_postgres::TenantTx;
use serde_json::json;

use crate::Directory;
use crate::users::erase::{erase_logins, erase_person, mark_erased};
use crate::users::{UserRef, end_pending, expire_logins, lock_user, resolve_user};

impl Directory {
    /// Erases a user; the identifier that is gone. What was under way in this moment is looked after
    /// later ([`Self::finish_erasures`]).
    ///
    /// # Errors
    /// NOT_FOUND at `user`.
    pub async fn delete_user(&self, permit: &Permit, user: &UserRef) -> Result<UserId, Stop> {
        let only = permit.caller().only_users_of();
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let id = resolve_user(&mut tx, user, only).await?.user_id;
        let now = tx.tenant_now().await?;
        // Logins before the user: the order in which everybody locks.
        expire_logins(&mut tx, id, now).await?;
        erase_logins(&mut tx, id).await?;
        lock_user(&mut tx, &UserRef::Id(id.to_text()), only).await?;
        end_pending(&mut tx, id, now).await?;
        erase_person(&mut tx, id).await?;
        mark_erased(&mut tx, id, now).await?;
        svc_audit::record(&mut tx, permit.caller(), "user.deleted", &id.to_text(), json!({})).await?;
        tx.commit().await?;
        Ok(id)
    }
}
