//! The second step: asking for a code, and giving it.

use core_access::Operation;
use core_kernel::{
    AccountId, ChallengeId, FactorId, Fault, LoginId, Redacted, Refusal, Stop, TenantId, Timestamp, TypedId,
};
use core_policy::MethodChannel;
use serde_json::{Value, json};
use svc_factors::ConfirmFactor;
use svc_logins::{MethodId, VerifyInput};

use crate::admins::console;
use crate::commands::SignedIn;
use crate::commands::sign_in::Ending;
use crate::model::{Account, Client};
use crate::store::{accounts, sessions};
use crate::{Admins, refusals, tokens};

/// What is given.
#[derive(Debug, Clone)]
pub struct SecondFactorInput {
    /// From the first step.
    pub method_id: Redacted<String>,
    /// The code; without one it is sent, where this method sends any.
    pub code: Option<Redacted<String>>,
    /// In its place, what a passkey answered (`AuthenticationResponseJSON`).
    pub credential: Option<Value>,
    /// The session that the browser has already, which ends.
    pub previous: Option<Redacted<String>>,
}

/// What became of it.
#[derive(Debug, Clone)]
pub enum SecondFactor {
    /// A code is waited for.
    CodeExpected {
        /// By what.
        channel: MethodChannel,
        /// The masked phone; none for what is not sent.
        destination: Option<String>,
        /// Wrong codes that would still be compared.
        attempts_remaining: i32,
        /// When the code may be asked for again.
        resend_at: Option<Timestamp>,
        /// What a passkey is asked: `PublicKeyCredentialRequestOptions` as JSON, good for one answer.
        request_options: Option<Value>,
    },
    /// The code was right.
    SignedIn(SignedIn),
    /// It was not, or is not compared any more.
    Refused {
        /// Why.
        refusal: Refusal,
        /// Wrong codes that would still be compared, where that is known.
        attempts_remaining: Option<i32>,
    },
}

/// A sign-in with one step behind it, and the method that was chosen.
pub(super) struct HalfWay {
    pub(super) digest: [u8; 32],
    pub(super) account: Account,
    pub(super) login: LoginId,
    /// The new password, where this is a recovery.
    pub(super) pending_phc: Option<String>,
    /// The tenant whose identity provider was the first.
    pub(super) only: Option<TenantId>,
}

impl HalfWay {
    fn ending(&self) -> Ending<'_> {
        Ending {
            account: &self.account,
            half_way: Some(&self.digest),
            login: Some(self.login),
            pending_phc: self.pending_phc.as_deref(),
            only: self.only,
        }
    }
}

enum Method<'a> {
    /// One of a login's methods.
    Prove(MethodId),
    /// The app of an invited person.
    SetUp(&'a str),
}

impl Admins {
    /// Sends a code, or compares one.
    ///
    /// # Errors
    /// EXPIRED or NOT_FOUND at `methodId`; other refusals of the engine; faults.
    pub async fn second_factor(&self, input: &SecondFactorInput, client: &Client) -> Result<SecondFactor, Stop> {
        let (digest, method) = tokens::split(input.method_id.expose()).ok_or_else(refusals::no_such_method)?;
        let half_way = self.half_way(digest).await?;
        let method = read_method(&half_way, method)?;
        let proved = match (&method, &input.code, &input.credential) {
            (Method::Prove(method), None, None) => return self.ask(*method, client).await,
            (Method::SetUp(_), None, _) => return Ok(app_expects()),
            (Method::Prove(method), code, credential) => {
                self.prove(*method, code.as_ref(), credential.as_ref(), client).await?
            }
            (Method::SetUp(factor), Some(code), _) => self.set_up(&half_way, factor, code, client).await?,
        };
        match proved {
            Ok(()) => {
                let signed_in = self.sign_in(half_way.ending(), input.previous.as_ref(), client).await?;
                Ok(SecondFactor::SignedIn(signed_in))
            }
            Err((refusal, attempts_remaining)) => {
                let detail = json!({ "step": "second_factor" });
                self.audit_everywhere(&half_way.account, "admin.sign_in_failed", detail, client).await?;
                Ok(SecondFactor::Refused { refusal, attempts_remaining })
            }
        }
    }

    async fn half_way(&self, digest: [u8; 32]) -> Result<HalfWay, Stop> {
        let mut tx = self.platform_tx().await?;
        let row = sessions::find_half_way(&mut tx, &digest, self.platform.now()).await?;
        let row = row.ok_or_else(refusals::sign_in_again)?;
        let account = accounts::find(&mut tx, AccountId(row.account_id)).await?;
        tx.commit().await?;
        let account = account.ok_or_else(refusals::sign_in_again)?;
        let only = row.only_tenant.map(TenantId);
        Ok(HalfWay { digest, account, login: LoginId(row.login_id), pending_phc: row.pending_phc, only })
    }

    async fn ask(&self, method: MethodId, client: &Client) -> Result<SecondFactor, Stop> {
        let permit = console(client.ip, Operation::StartChallenge)?;
        let started = self.logins.start_challenge(&permit, &method.login.to_text(), &method.to_text()).await?;
        let Some(challenge) = started.challenge.filter(|_| started.refusal.is_none()) else {
            let refusal = started.refusal.unwrap_or_else(refusals::no_such_method);
            return Ok(SecondFactor::Refused { refusal, attempts_remaining: None });
        };
        Ok(SecondFactor::CodeExpected {
            channel: challenge.channel,
            destination: self.logins.destination(permit.tenant(), &challenge).await?,
            attempts_remaining: challenge.attempts_remaining,
            resend_at: challenge.resend_at,
            request_options: self.logins.request_options(permit.tenant(), &challenge).await?,
        })
    }

    async fn prove(
        &self,
        method: MethodId,
        code: Option<&Redacted<String>>,
        credential: Option<&Value>,
        client: &Client,
    ) -> Result<Proved, Stop> {
        let challenge = match self.challenge(method, client).await? {
            Ok(challenge) => challenge,
            Err(refusal) => return Ok(Err((refusal, None))),
        };
        let permit = console(client.ip, Operation::VerifyChallenge)?;
        let challenge = challenge.to_text();
        let proof = VerifyInput { challenge: &challenge, code, credential, remember_device: false };
        let verified = self.logins.verify_challenge(&permit, proof).await?;
        let attempts_remaining = verified.challenge.map(|challenge| challenge.attempts_remaining);
        match (verified.refusal, verified.login) {
            (None, Some(login)) if login.login_id == method.login => Ok(Ok(())),
            (Some(refusal), _) => Ok(Err((refusal, attempts_remaining))),
            _ => Err(Fault::internal("another login was completed than the one that was begun").into()),
        }
    }

    /// The challenge that is answered: of an app it begins now; of what is sent or asked of a passkey it was
    /// begun by choosing the method, and must not begin anew.
    async fn challenge(&self, method: MethodId, client: &Client) -> Result<Result<ChallengeId, Refusal>, Stop> {
        use MethodChannel::{Email, Passkey, Sms, Voice};
        if matches!(method.channel, Sms | Voice | Email | Passkey) {
            let mut tx = self.platform_tx().await?;
            let latest = accounts::latest_challenge(&mut tx, method.login, method.subject).await?;
            return Ok(latest.map(ChallengeId).ok_or_else(refusals::ask_for_the_code_first));
        }
        let permit = console(client.ip, Operation::StartChallenge)?;
        let started = self.logins.start_challenge(&permit, &method.login.to_text(), &method.to_text()).await?;
        Ok(match (started.refusal, started.challenge) {
            (None, Some(challenge)) => Ok(challenge.challenge_id),
            (refusal, _) => Err(refusal.unwrap_or_else(refusals::no_such_method)),
        })
    }

    /// Confirms the app of an invited person, which completes the login that accepting began.
    async fn set_up(
        &self,
        half_way: &HalfWay,
        factor: &str,
        code: &Redacted<String>,
        client: &Client,
    ) -> Result<Proved, Stop> {
        let permit = console(client.ip, Operation::ConfirmFactor)?;
        let input = ConfirmFactor {
            factor_id: factor.to_owned(),
            code: Some(code.expose().clone()),
            credential: None,
            login_id: Some(half_way.login.to_text()),
            remember_device: false,
        };
        let confirmed = self.factors.confirm_factor(&permit, input).await?;
        let attempts_remaining = confirmed.challenge.map(|challenge| challenge.attempts_remaining);
        match (confirmed.refusal, confirmed.completed_login) {
            (None, Some(_)) => Ok(Ok(())),
            (refusal, _) => Ok(Err((refusal.unwrap_or_else(refusals::sign_in_again), attempts_remaining))),
        }
    }
}

/// Nothing, or why not and how many tries are left.
type Proved = Result<(), (Refusal, Option<i32>)>;

fn read_method<'a>(half_way: &HalfWay, method: &'a str) -> Result<Method<'a>, Refusal> {
    if FactorId::from_text(method).is_some() {
        return Ok(Method::SetUp(method));
    }
    MethodId::from_text(method)
        .filter(|method| method.login == half_way.login && method.user == half_way.account.user)
        .map(Method::Prove)
        .ok_or_else(refusals::no_such_method)
}

fn app_expects() -> SecondFactor {
    SecondFactor::CodeExpected {
        channel: MethodChannel::Totp,
        destination: None,
        attempts_remaining: 5,
        resend_at: None,
        request_options: None,
    }
}
