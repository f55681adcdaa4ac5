//! `startChallenge`: begins a challenge, or sends its code again.

use core_access::Permit;
use core_crypto::KeyPurpose;
use core_kernel::{ChallengeId, FactorId, LoginId, MessageId, Refusal, Stop, TypedId};
use core_policy::{MethodChannel, Policy, UserKind};
use io_limits::limit;
use io_postgres::{Thing, Touch};
use io_traces::spans;

use crate::methods::MethodId;
use crate::refusals::{no_such_login, of_outcome};
use crate::steps::start::{StartItem, Started};
use crate::{ChallengeRecord, Logins, meters};

/// A challenge, and why nothing was sent if so.
#[derive(Debug, Clone)]
pub struct StartOutput {
    /// Also with TOO_SOON, where it tells when the code may go again.
    pub challenge: Option<ChallengeRecord>,
    /// The refusal, if there is one.
    pub refusal: Option<Refusal>,
}

impl Logins {
    /// Starts proving a second factor, or sends its code again.
    ///
    /// # Errors
    /// Refusals without a challenge, and faults.
    pub async fn start_challenge(&self, permit: &Permit, login: &str, method: &str) -> Result<StartOutput, Stop> {
        let login = LoginId::from_text(login).ok_or_else(no_such_login)?;
        let Some(method) = MethodId::from_text(method).filter(|method| method.login == login) else {
            // A login that is not there is told before a method that does not belong to it.
            self.lookup_login(permit, login).await?.ok_or_else(no_such_login)?;
            return Err(no_such_method());
        };
        self.limits.check(limit::USER_START_CHALLENGE, (permit.tenant(), method.user)).await?;
        let state = match method.channel {
            MethodChannel::Passkey => Box::pin(self.ask_passkeys(permit, method)).await?,
            _ => None,
        };
        let item = StartItem { state, ..self.start_item(permit, method).await? };
        let started = self.start.run(item.clone()).await?;
        let is_new = started.challenge_id == Some(item.challenge.0);
        meters::started(&self.platform.meters, item.method, &started, is_new);
        if started.message_id.is_some() {
            self.platform.messages_queued.notify_one();
        }
        if let Some(challenge) = started.challenge_id {
            self.platform.watch.touch(Touch::new(Thing::Challenge, permit.tenant(), challenge));
        }
        output(&item, started)
    }

    async fn start_item(&self, permit: &Permit, method: MethodId) -> Result<StartItem, Stop> {
        let tenant = permit.tenant();
        let now = self.platform.tenant_now(tenant).await?;
        let policy = self.policy_at(tenant, now).await?.policy;
        let wall = self.platform.now();
        let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
        Ok(StartItem {
            tenant,
            login: method.login,
            factor: method.subject,
            method: method.channel,
            allowed: allowed(&policy),
            challenge: ChallengeId::new(&*self.platform.entropy, wall),
            message: MessageId::new(&*self.platform.entropy, wall),
            code_key: self.platform.keys.ring().current(KeyPurpose::Code).id(),
            digits: i16::try_from(policy.codes.digits).unwrap_or(6),
            ttl_seconds: number(policy.codes.ttl_seconds),
            resend_after_seconds: number(policy.codes.resend_after_seconds),
            state: None,
            origin: spans::origin(),
        })
    }
}

fn allowed(policy: &Policy) -> String {
    let names =
        |kind| policy.audience(kind).allowed_channels.iter().map(|channel| channel.as_str()).collect::<Vec<_>>();
    format!("{}|{}", names(UserKind::Internal).join(","), names(UserKind::External).join(","))
}

fn no_such_method() -> Stop {
    Refusal::not_found("method").at("methodId").into()
}

fn output(item: &StartItem, started: Started) -> Result<StartOutput, Stop> {
    match started.outcome.as_str() {
        "NOT_FOUND" => return Err(no_such_login()),
        "NO_METHOD" => return Err(no_such_method()),
        _ => {}
    }
    let refusal = of_outcome(&started.outcome)?;
    let Some(challenge) = started.challenge_id.filter(|_| refusal.is_none() || started.resend_at.is_some()) else {
        // A destination that is held back before any challenge began tells only when it may go.
        return refusal.map_or_else(|| Err(no_such_login()), |refusal| Err(with_time(refusal, &started).into()));
    };
    let sends = matches!(item.method, MethodChannel::Sms | MethodChannel::Voice | MethodChannel::Email);
    let record = ChallengeRecord {
        challenge_id: ChallengeId(challenge),
        channel: item.method,
        factor_id: started.factor_id.map(FactorId),
        sealed_destination: started.factor_secret.filter(|_| sends),
        sealed_state: item.state.clone(),
        login_id: Some(item.login),
        status: "PENDING",
        attempts_remaining: started.attempts_remaining.unwrap_or(0),
        expires_at: started.expires_at.ok_or_else(no_such_login)?,
        resend_at: started.resend_at,
        message_id: started.message_id.map(MessageId),
    };
    Ok(StartOutput { challenge: Some(record), refusal })
}

fn with_time(mut refusal: Refusal, started: &Started) -> Refusal {
    if let Some(at) = started.resend_at {
        refusal.message = format!("Too many codes went to this destination; the next may go at {}.", at.to_rfc3339());
    }
    refusal
}
