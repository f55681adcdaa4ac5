//! Erasing a user: name, contacts, factors and addresses go at once, in one transaction. The logins
//! stay, under a pseudonym, since they are the tenant's record of what was decided.

use core_access::Permit;
use core_kernel::{Stop, Timestamp, TypedId, UserId};
use io_postgres::TenantTx;
use serde_json::json;

use crate::Directory;
use crate::users::erase::{erase_logins, erase_person, mark_erased};
use crate::users::provisioning::lock_provisioned;
use crate::users::{Provisioned, UserRef, end_pending, expire_logins, lock_user, resolve_user};

impl Directory {
    /// Erases a user; the identifier that is gone. What was under way in this moment is looked after
    /// later ([`Self::finish_erasures`]).
    ///
    /// # Errors
    /// NOT_FOUND at `user`.
    pub async fn delete_user(&self, permit: &Permit, user: &UserRef) -> Result<UserId, Stop> {
        let (mut tx, id, now) = self.begin_deletion(permit, user).await?;
        finish_deletion(&mut tx, permit, id, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The same where `condition` allows it of the user as it is under its lock.
    ///
    /// # Errors
    /// As [`Self::delete_user`], and what `condition` refuses.
    pub async fn delete_provisioned<E: From<Stop>>(
        &self,
        permit: &Permit,
        user: &str,
        condition: impl Fn(&Provisioned) -> Result<(), E>,
    ) -> Result<UserId, E> {
        let user = UserRef::Id(user.to_owned());
        let key = self.directory_key(permit).await.map_err(Stop::from)?;
        let (mut tx, id, now) = self.begin_deletion(permit, &user).await?;
        condition(&lock_provisioned(&mut tx, permit, id, &key).await?)?;
        finish_deletion(&mut tx, permit, id, now).await?;
        tx.commit().await.map_err(Stop::from)?;
        Ok(id)
    }

    /// Ends and erases the logins, and locks the user.
    async fn begin_deletion(&self, permit: &Permit, user: &UserRef) -> Result<(TenantTx, UserId, Timestamp), Stop> {
        let only = permit.caller().only_users_of();
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let id = resolve_user(&mut tx, user, only).await?.user_id;
        let now = tx.tenant_now().await?;
        // Logins before the user: the order in which everybody locks.
        expire_logins(&mut tx, id, now).await?;
        erase_logins(&mut tx, id).await?;
        lock_user(&mut tx, &UserRef::Id(id.to_text()), only).await?;
        Ok((tx, id, now))
    }
}

async fn finish_deletion(tx: &mut TenantTx, permit: &Permit, id: UserId, now: Timestamp) -> Result<(), Stop> {
    end_pending(tx, id, now).await?;
    erase_person(tx, id).await?;
    mark_erased(tx, id, now).await?;
    svc_audit::record(tx, permit.caller(), "user.deleted", &id.to_text(), json!({})).await?;
    Ok(())
}
