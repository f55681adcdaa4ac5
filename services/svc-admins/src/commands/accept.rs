//! Accepting an invitation: a password, and an authenticator app that the second step proves.
//!
//! An invitation is used when the app is proved, not before: whoever breaks off opens it again. Until
//! then the account's password lets nobody in, so that a password alone never enrolls a first factor.

use core_access::Operation;
use core_crypto::SecretToken;
use core_kernel::{ConsoleSessionId, LoginId, Redacted, Refusal, Refusals, Stop, TypedId};
use core_policy::{FirstFactor, LoginOutcome};
use svc_directory::UserRef;
use svc_factors::{EnrollTotp, TotpEnrollment};

use super::change_password::check_password;
use crate::admins::console;
use crate::model::{Account, Client};
use crate::rules::SETTING_UP;
use crate::store::sessions::{NewSession, Stage};
use crate::store::{accounts, invitations, sessions};
use crate::{Admins, refusals, tokens};

/// The longest name, in characters.
const MAX_NAME_CHARS: usize = 100;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct AcceptInvitation {
    /// From the mail.
    pub token: Redacted<String>,
    /// The new password.
    pub password: Redacted<String>,
    /// What others shall call the person.
    pub display_name: Option<String>,
}

/// What the person needs to set up the app, shown once.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// For the second step, with the app's first code.
    pub method_id: String,
    /// The `otpauth://` URI.
    pub otpauth_uri: Redacted<String>,
    /// Its seed in base32, for typing.
    pub secret: Redacted<String>,
    /// The URI as a QR code, an SVG document.
    pub qr_code_svg: Redacted<String>,
}

impl Admins {
    /// Sets the password of an invited person and begins the enrollment of an app.
    ///
    /// # Errors
    /// NOT_FOUND at `token`, alone; INVALID at `password` or `displayName`; faults.
    pub async fn accept_invitation(&self, input: &AcceptInvitation, client: &Client) -> Result<Accepted, Stop> {
        let digest = tokens::digest_of(tokens::INVITATION, input.token.expose());
        let digest = digest.ok_or_else(refusals::no_such_invitation)?;
        let account = self.invited(&digest).await?;
        let name = check(input, &account)?;
        let login = self.begin_setting_up(&account, client).await?;
        let phc = self.hash(&input.password).await?;
        let half_way = SecretToken::generate(tokens::HALF_WAY, &*self.platform.entropy);
        let enrollment = self.enroll(&account, login, client).await?;
        self.store_password(&account, &digest, &phc, name.as_deref(), login, &half_way).await?;
        Ok(accepted(&half_way, enrollment))
    }

    async fn invited(&self, digest: &[u8; 32]) -> Result<Account, Stop> {
        let mut tx = self.platform_tx().await?;
        let invited = invitations::find(&mut tx, digest, self.platform.now()).await?;
        let account = accounts::find(&mut tx, invited.ok_or_else(refusals::no_such_invitation)?).await?;
        tx.commit().await?;
        Ok(account.filter(|account| !account.enrolled).ok_or_else(refusals::no_such_invitation)?)
    }

    /// The login that the app's first code will complete.
    async fn begin_setting_up(&self, account: &Account, client: &Client) -> Result<LoginId, Stop> {
        let login = self.evaluate(account, FirstFactor::Password, client).await?;
        match login.outcome {
            LoginOutcome::Enroll => Ok(login.login_id),
            LoginOutcome::Deny => Err(refusals::account_locked().into()),
            LoginOutcome::Allow | LoginOutcome::Challenge => Err(refusals::no_such_invitation().into()),
        }
    }

    async fn enroll(&self, account: &Account, login: LoginId, client: &Client) -> Result<TotpEnrollment, Stop> {
        let permit = console(client.ip, Operation::EnrollFactor)?;
        let input = EnrollTotp { user: UserRef::Id(account.user.to_text()), login_id: Some(login.to_text()) };
        self.factors.enroll_totp(&permit, input).await
    }

    async fn store_password(
        &self,
        account: &Account,
        invitation: &[u8; 32],
        phc: &str,
        name: Option<&str>,
        login: LoginId,
        half_way: &SecretToken,
    ) -> Result<(), Stop> {
        let now = self.platform.now();
        let mut tx = self.platform_tx().await?;
        // Under the lock that proving a factor takes: whoever finished in the meantime keeps the password.
        accounts::lock_user(&mut tx, account.user).await?;
        let still = invitations::find(&mut tx, invitation, now).await?.is_some();
        let current = accounts::find(&mut tx, account.id).await?;
        if !still || current.is_none_or(|account| account.enrolled) {
            return Err(refusals::no_such_invitation().into());
        }
        accounts::update_password(&mut tx, account.id, phc, name).await?;
        sessions::delete_half_way(&mut tx, account.id).await?;
        let row = NewSession {
            digest: &half_way.digest(),
            id: ConsoleSessionId::new(&*self.platform.entropy, now),
            account: account.id,
            login: Some(login),
            only: None,
            stage: Stage::HalfWay { pending_phc: None },
            now,
            expires_at: now + SETTING_UP,
        };
        sessions::insert(&mut tx, &row).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn check(input: &AcceptInvitation, account: &Account) -> Result<Option<String>, Refusals> {
    let mut refused = Refusals::new();
    if let Err(refusal) = check_password(&input.password, account, "password") {
        refused.push(refusal);
    }
    let name = input.display_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    if name.is_some_and(|name| name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control)) {
        refused.push(Refusal::invalid("displayName", "Use at most 100 characters, on one line."));
    }
    if refused.is_empty() { Ok(name.map(str::to_owned)) } else { Err(refused) }
}

fn accepted(half_way: &SecretToken, enrollment: TotpEnrollment) -> Accepted {
    Accepted {
        method_id: tokens::join(half_way.expose(), &enrollment.factor.factor_id.to_text()),
        secret: Redacted::new(seed_of(enrollment.otpauth_uri.expose())),
        otpauth_uri: enrollment.otpauth_uri,
        qr_code_svg: enrollment.qr_code_svg,
    }
}

pub(super) fn seed_of(otpauth_uri: &str) -> String {
    let uri = url::Url::parse(otpauth_uri).ok();
    let secret =
        uri.and_then(|uri| uri.query_pairs().find(|(name, _)| name == "secret").map(|(_, seed)| seed.into_owned()));
    secret.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use core_kernel::{AccountId, UserId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_seed_is_read_from_the_uri() {
        assert_eq!(seed_of("otpauth://totp/Postern:a%40b.example?issuer=Postern&secret=ABC234"), "ABC234");
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let input = AcceptInvitation {
            token: String::new().into(),
            password: "short".to_owned().into(),
            display_name: Some("a\nb".to_owned()),
        };
        let account = Account {
            id: AccountId(Uuid::nil()),
            user: UserId(Uuid::nil()),
            email: "ann@firm.example".to_owned(),
            display_name: None,
            password_phc: None,
            enrolled: false,
        };
        let fields: Vec<_> =
            check(&input, &account).unwrap_err().into_iter().map(|refusal| refusal.field.join(".")).collect();
        assert_eq!(fields, ["password", "displayName"]);
    }
}
