//! A password that was forgotten: a link by mail, and a second factor that the person still has.
//!
//! As strict as signing in: the link stands for the password, and for nothing more. It opens once; the new
//! password is kept beside the sign-in that begins then, and becomes the account's when the second factor
//! is proved, in the same transaction as the session. Whoever asks hears the same, account or not, and
//! before anything is looked up.

use core_access::Operation;
use core_contact::EmailAddress;
use core_crypto::{BlindKind, SecretToken, blind_index};
use core_kernel::{AccountId, Fault, PLATFORM_TENANT, Redacted, Stop};
use core_policy::{FirstFactor, LoginOutcome};
use serde_json::json;
use svc_delivery::{Content, NewMessage, enqueue_sealed_by};

use super::change_password::check_password;
use super::password::{FirstStep, SignInStep};
use crate::admins::console;
use crate::model::{Account, Client};
use crate::rules::{RECOVERY, RECOVERY_TRIES, RECOVERY_WINDOW};
use crate::store::tries::{self, Budget};
use crate::store::{accounts, recoveries};
use crate::{Admins, refusals, tokens};

impl Admins {
    /// Mails a link to whoever has an account of this address, after the answer: how long that takes would
    /// tell who has one. At most three in an hour.
    pub fn ask_for_recovery(&self, email: &str, client: &Client) {
        let Ok(email) = EmailAddress::parse(email) else { return };
        let (admins, client) = (self.clone(), client.clone());
        tokio::spawn(async move {
            if let Err(error) = admins.mail_recovery(&email, &client).await {
                tracing::warn!(error = %error, "a link for a new password was not mailed");
            }
        });
    }

    async fn mail_recovery(&self, email: &EmailAddress, client: &Client) -> Result<(), Stop> {
        let Some(account) = self.may_recover(email).await? else { return Ok(()) };
        // Before the transaction: it may need a connection of its own.
        let key = self.platform.keys.data_key(&self.platform.database, PLATFORM_TENANT).await?;
        let (token, now) = (SecretToken::generate(tokens::RECOVERY, &*self.platform.entropy), self.platform.now());
        let mut tx = self.platform_tx().await?;
        recoveries::insert(&mut tx, &token.digest(), account.id, now, now + RECOVERY).await?;
        let message = NewMessage {
            user: None,
            expires_at: Some(tx.tenant_now().await? + RECOVERY),
            content: Content::AccountRecovery {
                to: EmailAddress::parse(&account.email).map_err(Fault::internal)?,
                token: Redacted::new(token.expose().to_owned()),
            },
            language: None,
        };
        enqueue_sealed_by(&mut tx, &self.platform, &key, message).await?;
        self.audit_in_platform(&mut tx, &account, "admin.recovery_asked", json!({}), client).await?;
        tx.commit().await?;
        self.platform.messages_queued.notify_one();
        Ok(())
    }

    /// The account of this address, where it signs in already and did not ask too often.
    async fn may_recover(&self, email: &EmailAddress) -> Result<Option<Account>, Fault> {
        let now = self.platform.now();
        // No address has a line break in it: the count is another than that of passwords.
        let counted = format!("recovery\n{}", email.normalized());
        let (_, index) = blind_index(&self.platform.keys.ring(), PLATFORM_TENANT, BlindKind::Email, &counted);
        let budget = Budget { email_index: &index, now, counts_from: now - RECOVERY_WINDOW, tries: RECOVERY_TRIES };
        let mut tx = self.platform_tx().await?;
        let in_budget = tries::take(&mut tx, &budget).await?;
        let account = accounts::find_by_email(&mut tx, email).await?;
        tx.commit().await?;
        Ok(account.filter(|account| in_budget && account.enrolled))
    }

    /// Opens the link with a new password; the second factor is next.
    ///
    /// # Errors
    /// NOT_FOUND at `token`, alone; INVALID at `password`; USER_LOCKED; faults.
    pub async fn recover(
        &self,
        token: &Redacted<String>,
        password: &Redacted<String>,
        client: &Client,
    ) -> Result<SignInStep, Stop> {
        let digest = tokens::digest_of(tokens::RECOVERY, token.expose()).ok_or_else(refusals::no_such_recovery)?;
        let account = self.recovering(&digest).await?;
        check_password(password, &account, "password")?;
        let phc = self.hash(password).await?;
        let login = self.evaluate(&account, FirstFactor::OneTimeLink, client).await?;
        match login.outcome {
            LoginOutcome::Challenge => {}
            LoginOutcome::Deny => return Err(refusals::account_locked().into()),
            LoginOutcome::Enroll | LoginOutcome::Allow => {
                return Err(Fault::internal("a link lets somebody in without a second factor").into());
            }
        }
        let permit = console(client.ip, Operation::EvaluateLogin)?;
        let methods = self.logins.methods(&permit, &login).await?;
        if methods.is_empty() {
            return Err(refusals::no_method().into());
        }
        let half_way = self.begin_recovering(&digest, &account, login.login_id, &phc).await?;
        Ok(SignInStep::new(&half_way, methods))
    }

    async fn recovering(&self, digest: &[u8; 32]) -> Result<Account, Stop> {
        let mut tx = self.platform_tx().await?;
        let whose: Option<AccountId> = recoveries::find(&mut tx, digest, self.platform.now()).await?;
        let account = accounts::find(&mut tx, whose.ok_or_else(refusals::no_such_recovery)?).await?;
        tx.commit().await?;
        Ok(account.filter(|account| account.enrolled).ok_or_else(refusals::no_such_recovery)?)
    }

    /// Uses the link up: of two who open it at once, one is told that it was used.
    async fn begin_recovering(
        &self,
        digest: &[u8; 32],
        account: &Account,
        login: core_kernel::LoginId,
        phc: &str,
    ) -> Result<SecretToken, Stop> {
        let mut tx = self.platform_tx().await?;
        if !recoveries::delete(&mut tx, digest).await? {
            return Err(refusals::no_such_recovery().into());
        }
        let half_way = self.insert_half_way(&mut tx, account, login, FirstStep::Recovery(phc)).await?;
        tx.commit().await?;
        Ok(half_way)
    }
}
