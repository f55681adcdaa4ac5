//! Locking and unlocking a user.

use core_access::Permit;
use core_kernel::{Stop, TypedId};
use io_postgres::TenantTx;
use serde_json::{Value, json};
use svc_audit::EventKind;
use svc_delivery::enqueue_notices;
use svc_directory::users::{end_pending, lock_user, resolve_user};
use svc_directory::{UserRecord, UserRef};

use crate::{HelpDesk, rules, store};

/// `LockUserInput`, `UnlockUserInput`, `ResetUserInput`.
#[derive(Debug, Clone)]
pub struct UserStateInput {
    /// `user`.
    pub user: UserRef,
    /// `reason`, 1 to 500 characters.
    pub reason: String,
}

impl HelpDesk {
    /// Locks a user until somebody unlocks: no login is completed, what was begun and not confirmed
    /// vanishes, codes and links are taken back, and proofs of the last minutes change no factor.
    ///
    /// # Errors
    /// NOT_FOUND at `user`; INVALID at `reason`.
    pub async fn lock_user(&self, permit: &Permit, input: UserStateInput) -> Result<UserRecord, Stop> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let user = lock_user(&mut tx, &input.user, permit.caller().only_users_of()).await?.user_id;
        let reason = checked_reason(&input.reason)?;
        let now = tx.tenant_now().await?;
        store::users::lock(&mut tx, user, now).await?;
        end_pending(&mut tx, user, now).await?;
        enqueue_notices(&mut tx, user, "user_locked_by_person", &json!({})).await?;
        let detail = json!({"reason": reason});
        svc_audit::record(&mut tx, permit.caller(), "user.locked", &user.to_text(), detail).await?;
        let event = json!({"user_id": user.to_text(), "until": Value::Null});
        svc_audit::emit(&mut tx, EventKind::UserLocked, &event).await?;
        let locked = reread(&mut tx, &user.to_text()).await?;
        tx.commit().await?;
        self.messages_were_queued();
        Ok(locked)
    }

    /// Ends a lock, whoever or whatever caused it, and the counts that led to it.
    ///
    /// # Errors
    /// NOT_FOUND at `user`; INVALID at `reason`.
    pub async fn unlock_user(&self, permit: &Permit, input: UserStateInput) -> Result<UserRecord, Stop> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let user = lock_user(&mut tx, &input.user, permit.caller().only_users_of()).await?.user_id;
        let reason = checked_reason(&input.reason)?;
        store::users::unlock(&mut tx, user).await?;
        enqueue_notices(&mut tx, user, "user_unlocked", &json!({})).await?;
        let detail = json!({"reason": reason});
        svc_audit::record(&mut tx, permit.caller(), "user.unlocked", &user.to_text(), detail).await?;
        let unlocked = reread(&mut tx, &user.to_text()).await?;
        tx.commit().await?;
        self.messages_were_queued();
        Ok(unlocked)
    }
}

pub(crate) fn checked_reason(given: &str) -> Result<String, Stop> {
    let mut refusals = Vec::new();
    let reason = rules::reason(given, &mut refusals);
    if refusals.is_empty() { Ok(reason) } else { Err(refusals.into()) }
}

/// The user as of now, within the transaction that changed it.
pub(crate) async fn reread(tx: &mut TenantTx, user: &str) -> Result<UserRecord, Stop> {
    resolve_user(tx, &UserRef::Id(user.to_owned()), None).await
}
