//! Issuing a code to a user who calls.

use core_access::Permit;
use core_kernel::Stop;
use io_postgres::TenantTx;
use serde_json::json;
use svc_delivery::enqueue_notices;
use svc_directory::UserRef;
use svc_directory::users::lock_user;

use crate::commands::issue::{Grant, refuse_administrators};
use crate::model::IssuedCode;
use crate::{HelpDesk, refusal, rules};

/// `IssueTemporaryAccessCodeInput`.
#[derive(Debug, Clone)]
pub struct IssueCodeInput {
    /// `user`.
    pub user: UserRef,
    /// `validForSeconds`, 600 to what the policy allows; the API's default is 900.
    pub valid_for_seconds: i64,
    /// `reason`, 1 to 500 characters.
    pub reason: String,
    /// `mayChangeFactors`: the login it completes counts as verified.
    pub may_change_factors: bool,
}

impl HelpDesk {
    /// Issues a code that stands in for the second factor of one login. A newer one revokes the older;
    /// the user is told on every channel.
    ///
    /// # Errors
    /// NOT_FOUND at `user`; INVALID at `validForSeconds` or `reason`; NOT_ALLOWED_BY_POLICY at `user`
    /// for an administrator, at `mayChangeFactors` for an ADVISOR; USER_LOCKED.
    pub async fn issue_temporary_access_code(
        &self,
        permit: &Permit,
        input: IssueCodeInput,
    ) -> Result<IssuedCode, Stop> {
        let key = self.platform.keys.data_key(&self.platform.database, permit.tenant()).await?;
        let policies = self.policies.snapshot(permit.tenant()).await?;
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let user = lock_user(&mut tx, &input.user, permit.caller().only_users_of()).await?;
        let now = tx.tenant_now().await?;

        let mut refusals = Vec::new();
        let max = policies.require(now)?.policy.temporary_access_max_seconds;
        let life = rules::code_life(input.valid_for_seconds, max, &mut refusals);
        let reason = rules::reason(&input.reason, &mut refusals);
        rules::factor_changes(permit.caller(), input.may_change_factors, &mut refusals);
        if !refusals.is_empty() {
            return Err(refusals.into());
        }
        refuse_administrators(&mut tx, permit.caller(), &key, &user).await?;
        if rules::is_shut_out(&user, now) {
            return Err(refusal::user_locked().into());
        }

        let action = "temporary_access.issued";
        let grant = Grant { login: None, reason, life, may_change_factors: input.may_change_factors, action };
        let issued = self.put_code(&mut tx, permit, &user, now, grant).await?;
        enqueue_notices(&mut tx, user.user_id, "temporary_access_issued", &json!({})).await?;
        tx.commit().await?;
        self.messages_were_queued();
        Ok(issued)
    }
}
