//! The end of a sign-in: a session under a new identifier, and everybody's audit log told.

use core_crypto::SecretToken;
use core_kernel::{ConsoleSessionId, LoginId, Redacted, Stop, TenantId, Timestamp, TypedId};
use io_postgres::{DbError, TenantTx};
use serde_json::{Value, json};
use svc_delivery::enqueue_notices;

use crate::model::{Account, Client, Role};
use crate::rules::ABSOLUTE;
use crate::store::sessions::{NewSession, Stage};
use crate::store::{accounts, admins, invitations, recoveries, resets, sessions};
use crate::{Admins, refusals, tokens};

/// A new session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// For the cookie. It is stored as a digest and cannot be had again.
    pub token: Redacted<String>,
    /// When it ends, however much it is used.
    pub expires_at: Timestamp,
}

/// What a session is made of: all that was asked for was proved.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending<'a> {
    pub(super) account: &'a Account,
    /// The sign-in with one step behind it, which is used up; none where there was no second.
    pub(super) half_way: Option<&'a [u8; 32]>,
    /// The platform tenant's login that was completed.
    pub(super) login: Option<LoginId>,
    /// The new password, where this is a recovery.
    pub(super) pending_phc: Option<&'a str>,
    /// The tenant whose identity provider stood in for the password.
    pub(super) only: Option<TenantId>,
}

impl Ending<'_> {
    /// What the logs say of it.
    fn detail(&self) -> Value {
        match (self.only, self.login) {
            (None, _) => json!({}),
            (Some(_), Some(_)) => json!({ "by": "identity_provider", "second_factor": "postern" }),
            (Some(_), None) => json!({ "by": "identity_provider", "second_factor": "identity_provider" }),
        }
    }
}

impl Admins {
    /// Tells the tenants first: there is no session that their logs do not know of.
    pub(super) async fn sign_in(
        &self,
        ending: Ending<'_>,
        previous: Option<&Redacted<String>>,
        client: &Client,
    ) -> Result<SignedIn, Stop> {
        self.note_where_it_acts(ending, client).await?;
        let signed_in = self.insert_session(ending, previous, client).await?;
        if ending.pending_phc.is_some() {
            self.platform.messages_queued.notify_one();
            self.audit_in_tenants(ending.account, "admin.recovered", json!({}), client).await?;
        }
        Ok(signed_in)
    }

    async fn note_where_it_acts(&self, ending: Ending<'_>, client: &Client) -> Result<(), Stop> {
        let roles = self.roles(ending.account).await?;
        for role in roles.into_iter().filter(|role| ending.only.is_none_or(|only| role.tenant == only)) {
            self.note_in(role, ending, client).await?;
        }
        if ending.only.is_none() {
            self.note_with_partners(ending.account).await?;
        }
        Ok(())
    }

    async fn insert_session(
        &self,
        ending: Ending<'_>,
        previous: Option<&Redacted<String>>,
        client: &Client,
    ) -> Result<SignedIn, Stop> {
        let (account, now) = (ending.account, self.platform.now());
        let token = SecretToken::generate(tokens::SESSION, &*self.platform.entropy);
        let expires_at = now + ABSOLUTE;
        let mut tx = self.platform_tx().await?;
        if let Some(digest) = ending.half_way
            && sessions::delete(&mut tx, digest).await?.is_none()
        {
            return Err(refusals::sign_in_again().into());
        }
        // Whatever the browser came with was not given to this person by this sign-in.
        if let Some(previous) = previous.and_then(|token| tokens::digest_of(tokens::SESSION, token.expose())) {
            sessions::delete(&mut tx, &previous).await?;
        }
        // Whoever proves a factor has lost nothing.
        if ending.login.is_some() {
            resets::delete(&mut tx, account.id, None).await?;
        }
        if let Some(phc) = ending.pending_phc {
            self.replace_password(&mut tx, account, phc, client).await?;
        }
        let row = NewSession {
            digest: &token.digest(),
            id: ConsoleSessionId::new(&*self.platform.entropy, now),
            account: account.id,
            login: ending.login,
            only: ending.only,
            stage: Stage::Full { client },
            now,
            expires_at,
        };
        sessions::insert(&mut tx, &row).await?;
        accounts::update_signed_in(&mut tx, account.id, now).await?;
        // By a provider's word nobody's own password and factors were set up.
        if ending.only.is_none() {
            invitations::delete_of_account(&mut tx, account.id, None).await?;
        }
        self.audit_in_platform(&mut tx, account, "admin.signed_in", ending.detail(), client).await?;
        tx.commit().await?;
        Ok(SignedIn { token: Redacted::new(token.expose().to_owned()), expires_at })
    }

    /// The end of a recovery: whoever was signed in by the old password is not any more.
    async fn replace_password(
        &self,
        tx: &mut TenantTx,
        account: &Account,
        phc: &str,
        client: &Client,
    ) -> Result<(), DbError> {
        accounts::lock_user(tx, account.user).await?;
        accounts::update_password(tx, account.id, phc, None).await?;
        sessions::delete_all(tx, account.id).await?;
        recoveries::delete_of_account(tx, account.id).await?;
        enqueue_notices(tx, account.user, "password_changed", &json!({})).await?;
        self.audit_in_platform(tx, account, "admin.recovered", json!({}), client).await
    }

    pub(super) async fn roles(&self, account: &Account) -> Result<Vec<Role>, DbError> {
        let mut tx = self.platform_tx().await?;
        let roles = accounts::roles(&mut tx, account.id).await?;
        tx.commit().await?;
        Ok(roles)
    }

    async fn note_in(&self, role: Role, ending: Ending<'_>, client: &Client) -> Result<(), DbError> {
        let (account, now) = (ending.account, self.platform.now());
        let (name, proved) = (account.display_name.as_deref(), ending.login.is_some());
        let mut tx = self.tx(role.tenant).await?;
        admins::update_signed_in(&mut tx, role.admin, name, proved, now).await?;
        audit(&mut tx, account, "admin.signed_in", &role.admin.to_text(), ending.detail(), client).await?;
        tx.commit().await?;
        self.views.invalidate_tenant(role.tenant);
        Ok(())
    }

    /// What a partner shows of its people; a log of its own it has none.
    async fn note_with_partners(&self, account: &Account) -> Result<(), Stop> {
        let mut tx = self.platform_tx().await?;
        let partners = accounts::partners(&mut tx, account.id).await?;
        tx.commit().await?;
        for role in partners {
            self.directory.note_partner_sign_in(role.partner, role.admin, account.display_name.as_deref()).await?;
        }
        Ok(())
    }

    pub(super) async fn audit_in_platform(
        &self,
        tx: &mut TenantTx,
        account: &Account,
        action: &'static str,
        detail: Value,
        client: &Client,
    ) -> Result<(), DbError> {
        audit(tx, account, action, &account.id.to_text(), detail, client).await
    }

    /// In the platform tenant's log and in those of the person's tenants.
    pub(super) async fn audit_everywhere(
        &self,
        account: &Account,
        action: &'static str,
        detail: Value,
        client: &Client,
    ) -> Result<(), DbError> {
        let mut tx = self.platform_tx().await?;
        self.audit_in_platform(&mut tx, account, action, detail.clone(), client).await?;
        tx.commit().await?;
        self.audit_in_tenants(account, action, detail, client).await
    }

    pub(super) async fn audit_in_tenants(
        &self,
        account: &Account,
        action: &'static str,
        detail: Value,
        client: &Client,
    ) -> Result<(), DbError> {
        for role in self.roles(account).await? {
            self.audit_in(role, account, action, detail.clone(), client).await?;
        }
        Ok(())
    }

    pub(super) async fn audit_in(
        &self,
        role: Role,
        account: &Account,
        action: &'static str,
        detail: Value,
        client: &Client,
    ) -> Result<(), DbError> {
        let mut tx = self.tx(role.tenant).await?;
        audit(&mut tx, account, action, &role.admin.to_text(), detail, client).await?;
        tx.commit().await
    }

    /// The same after the answer: how long it takes would tell who has an account. The platform
    /// tenant's log has it already.
    pub(super) fn audit_in_tenants_later(
        &self,
        account: &Account,
        action: &'static str,
        detail: Value,
        client: &Client,
    ) {
        let (admins, account, client) = (self.clone(), account.clone(), client.clone());
        tokio::spawn(async move {
            if let Err(error) = admins.audit_in_tenants(&account, action, detail, &client).await {
                tracing::warn!(error = %error, "a failed sign-in is not in the logs of the person's tenants");
            }
        });
    }
}

async fn audit(
    tx: &mut TenantTx,
    account: &Account,
    action: &'static str,
    target: &str,
    detail: Value,
    client: &Client,
) -> Result<(), DbError> {
    svc_audit::record_as(tx, &account.audit_name(), action, Some(target), detail, client.ip).await
}
