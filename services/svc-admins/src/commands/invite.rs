//! Inviting an administrator: a role in the tenant, an account where there is none, and a mail.
//!
//! The account is made first and by itself, in the platform tenant; then role, mail and audit entry
//! commit together in the tenant. What is left over where the second half fails is an account without
//! a role, and a token that nobody has.

use std::net::IpAddr;

use core_access::{AdminRole, Caller, Operation, Permit};
use core_contact::EmailAddress;
use core_crypto::{DataKey, SecretToken};
use core_kernel::{AccountId, AdminId, Fault, PLATFORM_TENANT, Redacted, Stop, Timestamp, TypedId, UserId};
use core_policy::UserKind;
use io_postgres::TenantTx;
use serde_json::json;
use svc_delivery::{Content, NewMessage, enqueue_sealed_by};
use svc_directory::UpsertUserInput;
use uuid::Uuid;

use crate::model::Account;
use crate::rules::{INVITATION, INVITE_AGAIN};
use crate::store::{accounts, admins, invitations};
use crate::{AdminView, Admins, refusals, tokens};

/// `InviteAdminInput`.
#[derive(Debug, Clone)]
pub struct InviteAdmin {
    /// `email`.
    pub email: String,
    /// `role`.
    pub role: AdminRole,
}

/// In whose name it is done.
pub(super) struct By<'a> {
    pub(super) name: &'a str,
    pub(super) ip: Option<IpAddr>,
}

/// A person who has an account by now.
pub(super) struct Invitee {
    pub(super) account: AccountId,
    pub(super) email: EmailAddress,
    /// None for whoever signs in already: they find the new tenant there.
    pub(super) token: Option<SecretToken>,
    /// When this tenant invited them before.
    pub(super) invited_before: Option<Timestamp>,
}

impl Admins {
    /// Invites a person. Whoever was invited and did not come within an hour may be invited again.
    ///
    /// # Errors
    /// INVALID or ALREADY_EXISTS at `email`; faults.
    pub async fn invite_admin(&self, permit: &Permit, input: &InviteAdmin) -> Result<AdminView, Stop> {
        let email = EmailAddress::parse(&input.email).map_err(|error| error.refusal("email"))?;
        let tenant = permit.tenant();
        // Before the transaction: it may need a connection of its own.
        let key = self.platform.keys.data_key(&self.platform.database, tenant).await?;
        let invitee = self.prepare(email, tenant.0).await?;
        let invited = self.invite_prepared(permit, &key, &invitee, input.role).await;
        if invited.is_err() {
            self.forget(&invitee).await?;
        }
        invited
    }

    async fn invite_prepared(
        &self,
        permit: &Permit,
        key: &DataKey,
        invitee: &Invitee,
        role: AdminRole,
    ) -> Result<AdminView, Stop> {
        let name = permit.caller().audit_name();
        let by = By { name: &name, ip: permit.caller().ip };
        let mut tx = self.tx(permit.tenant()).await?;
        let admin = self.invite_in(&mut tx, key, &by, invitee, role).await?;
        tx.commit().await?;
        self.platform.messages_queued.notify_one();
        Ok(admin)
    }

    /// Gives the person the role within `tx`, and queues the mail. The caller commits.
    pub(super) async fn invite_in(
        &self,
        tx: &mut TenantTx,
        key: &DataKey,
        by: &By<'_>,
        invitee: &Invitee,
        role: AdminRole,
    ) -> Result<AdminView, Stop> {
        let now = self.platform.now();
        let id = AdminId::new(&*self.platform.entropy, now);
        if !admins::insert(tx, id, invitee.account, &invitee.email, role, now).await? {
            self.may_invite_again(tx, invitee, role, now).await?;
        }
        let admin = admins::find_by_email(tx, &invitee.email).await?;
        let admin = admin.ok_or_else(|| Fault::internal("the administrator who was just invited is gone"))?;
        self.enqueue(tx, key, invitee).await?;
        let detail = json!({ "email": admin.email, "role": role.as_str() });
        svc_audit::record_as(tx, by.name, "admin.invited", Some(&admin.admin_id.to_text()), detail, by.ip).await?;
        Ok(admin)
    }

    async fn may_invite_again(
        &self,
        tx: &mut TenantTx,
        invitee: &Invitee,
        role: AdminRole,
        now: Timestamp,
    ) -> Result<(), Stop> {
        let standing = admins::find_by_email(tx, &invitee.email).await?;
        let waiting = invitee.token.is_some() && invitee.invited_before.is_none_or(|at| at + INVITE_AGAIN <= now);
        let same_role = standing.is_some_and(|standing| standing.role == role);
        if waiting && same_role { Ok(()) } else { Err(refusals::already_admin().into()) }
    }

    pub(super) async fn enqueue(&self, tx: &mut TenantTx, key: &DataKey, invitee: &Invitee) -> Result<(), Stop> {
        let until = tx.tenant_now().await? + INVITATION;
        let token = invitee.token.as_ref().map(|token| Redacted::new(token.expose().to_owned()));
        let message = NewMessage {
            user: None,
            expires_at: token.is_some().then_some(until),
            content: Content::AdminInvitation { to: invitee.email.clone(), token },
            language: None,
        };
        enqueue_sealed_by(tx, &self.platform, key, message).await?;
        Ok(())
    }

    /// The person's account, made where there is none, and a token where one is needed; `invited_to` is a
    /// tenant or a partner.
    pub(super) async fn prepare(&self, email: EmailAddress, invited_to: Uuid) -> Result<Invitee, Stop> {
        let account = self.ensure_account(&email).await?;
        if account.enrolled {
            return Ok(Invitee { account: account.id, email, token: None, invited_before: None });
        }
        let now = self.platform.now();
        let token = SecretToken::generate(tokens::INVITATION, &*self.platform.entropy);
        let mut tx = self.platform_tx().await?;
        let invited_before = invitations::last_invited_at(&mut tx, account.id, invited_to).await?;
        invitations::insert(&mut tx, &token.digest(), account.id, invited_to, now, now + INVITATION).await?;
        tx.commit().await?;
        Ok(Invitee { account: account.id, email, token: Some(token), invited_before })
    }

    /// Nobody was invited after all.
    pub(super) async fn forget(&self, invitee: &Invitee) -> Result<(), Stop> {
        if let Some(token) = &invitee.token {
            let mut tx = self.platform_tx().await?;
            invitations::delete(&mut tx, &token.digest()).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn ensure_account(&self, email: &EmailAddress) -> Result<Account, Stop> {
        let mut tx = self.platform_tx().await?;
        let found = accounts::find_by_email(&mut tx, email).await?;
        tx.commit().await?;
        if let Some(account) = found {
            return Ok(account);
        }
        let user = self.ensure_user(email).await?;
        let now = self.platform.now();
        let mut tx = self.platform_tx().await?;
        accounts::insert(&mut tx, AccountId::new(&*self.platform.entropy, now), user, email, now).await?;
        let account = accounts::find_by_email(&mut tx, email).await?;
        tx.commit().await?;
        account.ok_or_else(|| Fault::internal("the account that was just made is gone").into())
    }

    async fn ensure_user(&self, email: &EmailAddress) -> Result<UserId, Stop> {
        let permit = Caller::system(PLATFORM_TENANT).permit(Operation::UpsertUser)?;
        let input = UpsertUserInput {
            external_id: email.normalized().to_owned(),
            kind: UserKind::Internal,
            display_name: None,
            email: Some(email.address().to_owned()),
            advisor_email: None,
            language: None,
            disabled: None,
        };
        Ok(self.directory.upsert_user(&permit, input).await?.user.record.user_id)
    }
}
