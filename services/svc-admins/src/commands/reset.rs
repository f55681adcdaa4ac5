//! A second factor that is lost: an OWNER asks that it be set up anew, a day passes in which whoever is told
//! can object, and then the person is invited as if for the first time.
//!
//! It takes two: the OWNER, who answers for knowing the person, and whoever reads the person's mail. Nobody
//! asks for themselves. An account that also has a role elsewhere is not one tenant's to reset: whoever can
//! invite a stranger must not be able to take their account.

use core_access::{AdminRole, Permit};
use core_crypto::SecretToken;
use core_kernel::{AccountId, Fault, Stop, TenantId, Timestamp, TypedId};
use serde_json::json;
use svc_delivery::enqueue_notices;

use super::change_role::leaving;
use super::invite::Invitee;
use crate::model::{Account, Client};
use crate::rules::{INVITATION, RESET_AFTER};
use crate::store::resets::{self, DueReset};
use crate::store::{accounts, admins, invitations, recoveries, sessions};
use crate::{AdminView, Admins, refusals, tokens};

/// In whose name what was asked for is done a day later.
const SYSTEM: &str = "system";

impl Admins {
    /// Asks that an administrator set up password and second factor anew. It is done a day later, unless an
    /// OWNER or the person, by signing in, says that there is no need.
    ///
    /// # Errors
    /// NOT_FOUND at `id`; NOT_ALLOWED_BY_POLICY for oneself, for whoever never finished their invitation, and
    /// for whoever has a role elsewhere.
    pub async fn reset_admin(&self, permit: &Permit, id: &str) -> Result<AdminView, Stop> {
        let mut tx = self.tx(permit.tenant()).await?;
        let admin = leaving(&mut tx, id, false).await?;
        let own = permit.caller().administrator().is_some_and(|own| own.account == admin.account_id);
        if own {
            return Err(refusals::not_oneself().into());
        }
        let due_at = self.ask_for_reset(permit, &admin).await?;
        admins::update_reset_at(&mut tx, admin.admin_id, Some(due_at)).await?;
        let detail = json!({ "email": admin.email, "due_at": due_at });
        svc_audit::record(&mut tx, permit.caller(), "admin.reset_asked", &admin.admin_id.to_text(), detail).await?;
        let others = admins::list(&mut tx).await?;
        tx.commit().await?;
        self.tell_owners(&others, &admin, due_at).await?;
        Ok(AdminView { reset_at: Some(due_at), ..admin })
    }

    async fn ask_for_reset(&self, permit: &Permit, admin: &AdminView) -> Result<Timestamp, Stop> {
        let (tenant, now) = (permit.tenant(), self.platform.now());
        let mut tx = self.platform_tx().await?;
        let account = accounts::find(&mut tx, admin.account_id).await?.filter(|account| account.enrolled);
        let account = account.ok_or_else(refusals::not_enrolled)?;
        let elsewhere = accounts::roles(&mut tx, account.id).await?.iter().any(|role| role.tenant != tenant);
        if elsewhere || !accounts::partners(&mut tx, account.id).await?.is_empty() {
            return Err(refusals::role_elsewhere().into());
        }
        let due_at = resets::insert(&mut tx, account.id, tenant, now, now + RESET_AFTER).await?;
        enqueue_notices(&mut tx, account.user, "reset_asked", &json!({ "until": due_at })).await?;
        let detail = json!({ "due_at": due_at });
        let client = Client { ip: permit.caller().ip, user_agent: None };
        self.audit_in_platform(&mut tx, &account, "admin.reset_asked", detail, &client).await?;
        tx.commit().await?;
        self.platform.messages_queued.notify_one();
        Ok(due_at)
    }

    /// Every other OWNER hears of it, who may know better.
    async fn tell_owners(&self, team: &[AdminView], about: &AdminView, due_at: Timestamp) -> Result<(), Stop> {
        let owners = team.iter().filter(|admin| admin.role == AdminRole::Owner && admin.admin_id != about.admin_id);
        self.tell_of_other(owners, due_at).await
    }

    /// Takes back what [`Self::reset_admin`] asked for.
    ///
    /// # Errors
    /// NOT_FOUND at `id`.
    pub async fn cancel_admin_reset(&self, permit: &Permit, id: &str) -> Result<AdminView, Stop> {
        let mut tx = self.tx(permit.tenant()).await?;
        let admin = leaving(&mut tx, id, false).await?;
        let mut platform = self.platform_tx().await?;
        let canceled = resets::delete(&mut platform, admin.account_id, Some(permit.tenant())).await?;
        platform.commit().await?;
        admins::update_reset_at(&mut tx, admin.admin_id, None).await?;
        if canceled {
            let detail = json!({ "email": admin.email });
            svc_audit::record(&mut tx, permit.caller(), "admin.reset_canceled", &admin.admin_id.to_text(), detail)
                .await?;
        }
        tx.commit().await?;
        Ok(AdminView { reset_at: None, ..admin })
    }

    /// Does what is due; how many. A worker calls it again and again.
    ///
    /// # Errors
    /// When the database fails; what was not done is done next time.
    pub async fn do_resets(&self) -> Result<u64, Fault> {
        let mut tx = self.platform_tx().await?;
        let due = resets::list_due(&mut tx, self.platform.now()).await?;
        tx.commit().await?;
        let mut done = 0;
        for one in due {
            match self.do_reset(&one).await {
                Ok(()) => done += 1,
                Err(stop) => tracing::error!(error = %stop, "an administrator was not reset; it is tried again"),
            }
        }
        Ok(done)
    }

    /// The mail goes into the outbox before its link opens: what is repeated after a crash is a mail too many,
    /// and not an account without a way in.
    async fn do_reset(&self, due: &DueReset) -> Result<(), Stop> {
        let Some(account) = self.still_due(due).await? else { return Ok(()) };
        let token = SecretToken::generate(tokens::INVITATION, &*self.platform.entropy);
        let digest = token.digest();
        self.mail_invitation(due.asked_in, &account, token).await?;
        self.take_factors(due, &account, &digest).await?;
        self.platform.messages_queued.notify_one();
        Ok(())
    }

    async fn still_due(&self, due: &DueReset) -> Result<Option<Account>, Fault> {
        let mut tx = self.platform_tx().await?;
        let account = accounts::find(&mut tx, due.account).await?;
        let role = accounts::roles(&mut tx, due.account).await?.iter().any(|role| role.tenant == due.asked_in);
        if account.is_none() || !role {
            resets::delete(&mut tx, due.account, None).await?;
        }
        tx.commit().await?;
        Ok(account.filter(|_| role))
    }

    async fn mail_invitation(&self, tenant: TenantId, account: &Account, token: SecretToken) -> Result<(), Stop> {
        let email = core_contact::EmailAddress::parse(&account.email).map_err(Fault::internal)?;
        let key = self.platform.keys.data_key(&self.platform.database, tenant).await?;
        let mut tx = self.tx(tenant).await?;
        self.enqueue(&mut tx, &key, &Invitee::again(account.id, email, token)).await?;
        if let Some(admin) = admins::find_by_account(&mut tx, account.id).await? {
            admins::update_reset_at(&mut tx, admin.admin_id, None).await?;
            let detail = json!({ "email": admin.email });
            svc_audit::record_as(&mut tx, SYSTEM, "admin.reset", Some(&admin.admin_id.to_text()), detail, None).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn take_factors(&self, due: &DueReset, account: &Account, invitation: &[u8; 32]) -> Result<(), Stop> {
        let now = self.platform.now();
        let mut tx = self.platform_tx().await?;
        accounts::lock_user(&mut tx, account.user).await?;
        // Under the lock that signing in takes, which says that there is no need.
        if !resets::delete(&mut tx, due.account, None).await? {
            return Ok(());
        }
        enqueue_notices(&mut tx, account.user, "user_reset", &json!({})).await?;
        accounts::remove_factors(&mut tx, account.user, now).await?;
        accounts::clear_password(&mut tx, account.id).await?;
        sessions::delete_all(&mut tx, account.id).await?;
        recoveries::delete_of_account(&mut tx, account.id).await?;
        invitations::insert(&mut tx, invitation, account.id, due.asked_in.0, now, now + INVITATION).await?;
        svc_audit::record_as(&mut tx, SYSTEM, "admin.reset", Some(&account.id.to_text()), json!({}), None).await?;
        Ok(tx.commit().await?)
    }
}

impl Invitee {
    /// Somebody who was invited before, and is again.
    fn again(account: AccountId, email: core_contact::EmailAddress, token: SecretToken) -> Self {
        Self { account, email, token: Some(token), invited_before: None }
    }
}
