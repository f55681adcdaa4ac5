//! Resetting a user: everything that proves anything goes, and one code lets enrolling begin anew.
//!
//! An ADVISOR may do so for the users assigned to them, though the code allows factors to be changed:
//! there are none left, and without it nobody could ever enroll again.

use chrono::Duration;
use core_access::Permit;
use core_kernel::{FactorId, Stop, TypedId, UserId};
use io_postgres::TenantTx;
use serde_json::json;
use svc_audit::EventKind;
use svc_delivery::enqueue_notices;
use svc_directory::UserRef;
use svc_directory::users::{end_pending, expire_logins, lock_user, resolve_user};

use crate::commands::issue::{Grant, refuse_administrators};
use crate::commands::user_state::{UserStateInput, checked_reason, reread};
use crate::model::ResetUser;
use crate::{HelpDesk, rules, store};

impl HelpDesk {
    /// Removes every factor, link and open login of a user, who enrolls again after proving the code
    /// that this returns. A lock stays: it is safest to lock, reset, and then unlock.
    ///
    /// # Errors
    /// NOT_FOUND at `user`; INVALID at `reason`; NOT_ALLOWED_BY_POLICY at `user` for an administrator.
    pub async fn reset_user(&self, permit: &Permit, input: UserStateInput) -> Result<ResetUser, Stop> {
        let key = self.platform.keys.data_key(&self.platform.database, permit.tenant()).await?;
        let policies = self.policies.snapshot(permit.tenant()).await?;
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let only = permit.caller().only_users_of();
        let user = resolve_user(&mut tx, &input.user, only).await?;
        let reason = checked_reason(&input.reason)?;
        refuse_administrators(&mut tx, permit.caller(), &key, &user).await?;

        let now = tx.tenant_now().await?;
        // Logins are locked before the user, here as everywhere.
        expire_logins(&mut tx, user.user_id, now).await?;
        let user = lock_user(&mut tx, &UserRef::Id(user.user_id.to_text()), only).await?;
        // Told while there is still somewhere to tell it.
        enqueue_notices(&mut tx, user.user_id, "user_reset", &json!({})).await?;
        let removed = store::users::remove_factors(&mut tx, user.user_id, now).await?;
        end_pending(&mut tx, user.user_id, now).await?;
        store::users::mark_reset(&mut tx, user.user_id, now).await?;
        let detail = json!({"reason": reason, "factors_removed": removed.len()});
        svc_audit::record(&mut tx, permit.caller(), "user.reset", &user.user_id.to_text(), detail).await?;
        emit_removed(&mut tx, user.user_id, &removed).await?;

        let max = policies.require(now)?.policy.temporary_access_max_seconds;
        let life = Duration::seconds(rules::RESET_CODE_SECONDS.min(i64::from(max)));
        let action = "temporary_access.issued";
        let grant = Grant { login: None, reason, life, may_change_factors: true, action };
        let issued = self.put_code(&mut tx, permit, &user, now, grant).await?;
        let user = reread(&mut tx, &user.user_id.to_text()).await?;
        tx.commit().await?;
        self.messages_were_queued();
        Ok(ResetUser { user, issued })
    }
}

async fn emit_removed(tx: &mut TenantTx, user: UserId, removed: &[(FactorId, String)]) -> Result<(), Stop> {
    for (factor, kind) in removed {
        let event = json!({"user_id": user.to_text(), "factor_id": factor.to_text(), "kind": kind});
        svc_audit::emit(tx, EventKind::FactorRemoved, &event).await?;
    }
    Ok(())
}
