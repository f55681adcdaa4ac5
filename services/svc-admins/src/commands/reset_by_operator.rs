//! A lost second factor of somebody who has roles in several places: no one tenant's to reset, so the operator's.
//!
//! It goes as when an OWNER asks: the person and the OWNERs of all their tenants are told, a day passes in which
//! signing in prevents it, and then the person is invited anew by mail. The operator answers for knowing whom
//! they talked to, and stands in every log.

use core_access::AdminRole;
use core_contact::EmailAddress;
use core_kernel::{Stop, TenantId, Timestamp, TypedId};
use serde_json::json;
use svc_delivery::enqueue_notices;

use crate::model::{Account, Role};
use crate::rules::RESET_AFTER;
use crate::store::{accounts, admins, resets};
use crate::{AdminView, Admins, refusals};

/// In whose name it is on record.
const OPERATOR: &str = "operator";

impl Admins {
    /// Asks that a person set up password and second factor anew, wherever they have a role; when it is done.
    ///
    /// # Errors
    /// NOT_FOUND at `email`; NOT_ALLOWED_BY_POLICY for whoever never finished their invitation, and for whoever has
    /// no role in a tenant, from which the new invitation could come.
    pub async fn reset_account_as_operator(&self, email: &str) -> Result<Timestamp, Stop> {
        let (account, roles) = self.account_and_roles(email).await?;
        let asked_in = roles.first().ok_or_else(refusals::no_role_to_invite_from)?.tenant;
        let due_at = self.note_asked(&account, asked_in).await?;
        for role in &roles {
            self.note_asked_in(*role, &account, due_at).await?;
        }
        self.platform.messages_queued.notify_one();
        Ok(due_at)
    }

    /// Takes back what [`Self::reset_account_as_operator`] or an OWNER asked for; whether anything was.
    ///
    /// # Errors
    /// NOT_FOUND at `email`.
    pub async fn keep_account_as_operator(&self, email: &str) -> Result<bool, Stop> {
        let (account, roles) = self.account_and_roles(email).await?;
        let mut tx = self.platform_tx().await?;
        let kept = resets::delete(&mut tx, account.id, None).await?;
        tx.commit().await?;
        for role in roles.iter().filter(|_| kept) {
            let mut tx = self.tx(role.tenant).await?;
            admins::update_reset_at(&mut tx, role.admin, None).await?;
            let (target, detail) = (role.admin.to_text(), json!({ "email": account.email }));
            svc_audit::record_as(&mut tx, OPERATOR, "admin.reset_canceled", Some(&target), detail, None).await?;
            tx.commit().await?;
        }
        Ok(kept)
    }

    async fn account_and_roles(&self, email: &str) -> Result<(Account, Vec<Role>), Stop> {
        let email = EmailAddress::parse(email).map_err(|error| error.refusal("email"))?;
        let mut tx = self.platform_tx().await?;
        let account = accounts::find_by_email(&mut tx, &email).await?;
        let account = account.ok_or_else(|| refusals::no_such_admin().at("email"))?;
        let roles = accounts::roles(&mut tx, account.id).await?;
        tx.commit().await?;
        Ok((account, roles))
    }

    async fn note_asked(&self, account: &Account, asked_in: TenantId) -> Result<Timestamp, Stop> {
        if !account.enrolled {
            return Err(refusals::not_enrolled().into());
        }
        let now = self.platform.now();
        let mut tx = self.platform_tx().await?;
        let due_at = resets::insert(&mut tx, account.id, asked_in, now, now + RESET_AFTER).await?;
        enqueue_notices(&mut tx, account.user, "reset_asked", &json!({ "until": due_at })).await?;
        let (target, detail) = (account.id.to_text(), json!({ "email": account.email, "due_at": due_at }));
        svc_audit::record_as(&mut tx, OPERATOR, "admin.reset_asked", Some(&target), detail, None).await?;
        tx.commit().await?;
        Ok(due_at)
    }

    async fn note_asked_in(&self, role: Role, account: &Account, due_at: Timestamp) -> Result<(), Stop> {
        let mut tx = self.tx(role.tenant).await?;
        admins::update_reset_at(&mut tx, role.admin, Some(due_at)).await?;
        let (target, detail) = (role.admin.to_text(), json!({ "email": account.email, "due_at": due_at }));
        svc_audit::record_as(&mut tx, OPERATOR, "admin.reset_asked", Some(&target), detail, None).await?;
        let team = admins::list(&mut tx).await?;
        tx.commit().await?;
        self.views.invalidate_tenant(role.tenant);
        let others = team.iter().filter(|admin| admin.role == AdminRole::Owner && admin.admin_id != role.admin);
        self.tell_of_other(others, due_at).await
    }

    /// OWNERs hear of it, who may know better.
    pub(super) async fn tell_of_other<'a>(
        &self,
        owners: impl Iterator<Item = &'a AdminView>,
        due_at: Timestamp,
    ) -> Result<(), Stop> {
        let mut tx = self.platform_tx().await?;
        for owner in owners {
            if let Some(account) = accounts::find(&mut tx, owner.account_id).await? {
                enqueue_notices(&mut tx, account.user, "reset_of_other", &json!({ "until": due_at })).await?;
            }
        }
        Ok(tx.commit().await?)
    }
}
