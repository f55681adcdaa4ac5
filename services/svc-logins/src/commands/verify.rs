//! `verifyChallenge`: compares, counts and completes in one statement; answered after commit.

use core_access::Permit;
use core_crypto::{
    BackupCode, CodePurpose, CodeSubject, DEVICE_TOKEN_PREFIX, SecretToken, TotpSecret, matching_keys,
    temporary_code_digests,
};
use core_kernel::{
    AdminId, ChallengeId, DeviceId, FactorId, Fault, LoginId, Redacted, Refusal, RefusalCode, Stop, TenantId, TypedId,
    UserId,
};
use core_policy::{
    Completion, DecisionReason, FirstFactor, LoginOutcome, LoginPurpose, MethodChannel, SecurityLevel, UserKind,
};
use io_postgres::{Thing, Touch};
use serde_json::Value;
use svc_platform::place;

use crate::model::{LoginLocation, word};
use crate::refusals::of_outcome;
use crate::steps::verify::{Checked, NewDevice, Verified, VerifyItem};
use crate::{ChallengeRecord, LoginView, Logins, meters};

/// The longest code that is looked at, in characters; a longer one is refused unread.
const MAX_CODE_CHARS: usize = 128;

/// A proof.
#[derive(Debug, Clone, Copy)]
pub struct VerifyInput<'a> {
    /// The challenge.
    pub challenge: &'a str,
    /// The code, as the user typed it.
    pub code: Option<&'a Redacted<String>>,
    /// A passkey's credential, as `navigator.credentials.get()` gave it (`AuthenticationResponseJSON`).
    pub credential: Option<&'a Value>,
    /// Whether the device is to be trusted from now on, where the policy does so.
    pub remember_device: bool,
}

/// What became of a proof.
#[derive(Debug, Clone)]
pub struct VerifyOutput {
    /// The login, if this call completed it.
    pub login: Option<LoginView>,
    /// The challenge, with the tries that are left.
    pub challenge: Option<ChallengeRecord>,
    /// The token by which the device is trusted from now on, shown once.
    pub device_token: Option<Redacted<String>>,
    /// The refusal, if there is one.
    pub refusal: Option<Refusal>,
}

impl Logins {
    /// Proves a second factor. Exactly one of any number of parallel calls with the right code succeeds.
    ///
    /// What few calls come to is boxed: this future is made for every one of them.
    ///
    /// # Errors
    /// INVALID or NOT_FOUND, which cost no try; faults.
    pub async fn verify_challenge(&self, permit: &Permit, input: VerifyInput<'_>) -> Result<VerifyOutput, Stop> {
        let challenge = ChallengeId::from_text(input.challenge).ok_or_else(no_such_challenge)?;
        let code = input.code.map(Redacted::expose).filter(|code| !code.trim().is_empty());
        let passkey = match (input.credential, code) {
            (Some(credential), _) => Some(Box::pin(self.read_passkey(permit, challenge, credential)).await?),
            (None, None) => return Box::pin(self.without_code(permit, challenge)).await,
            (None, Some(code)) if code.chars().count() > MAX_CODE_CHARS => {
                return Box::pin(self.with_invalid_code(permit, challenge)).await;
            }
            (None, Some(_)) => None,
        };
        let code = code.map_or("", String::as_str);
        let device = if input.remember_device { Box::pin(self.new_device(permit.tenant())).await? } else { None };
        let (device, token) = device.unzip();
        let item = VerifyItem { device, checked: passkey, ..self.first_item(permit.tenant(), challenge, code) };
        let mut verified = self.verify.run(item.clone()).await?;
        if verified.outcome == "NEEDS_SECRET" {
            let checked = Box::pin(self.check_secret(permit.tenant(), &verified, code)).await?;
            verified = self.verify.run(VerifyItem { checked: Some(checked), ..item }).await?;
        }
        meters::proved(&self.platform.meters, &verified);
        if verified.outcome == "WRONG_CODE" || verified.outcome == "OK" {
            // A lock or an assisted login queued notices.
            self.platform.messages_queued.notify_one();
            self.platform.watch.touch(Touch::new(Thing::Challenge, permit.tenant(), challenge));
        }
        let device_token = token.filter(|_| verified.device_trusted == Some(true));
        Ok(VerifyOutput { device_token, ..output(challenge, verified)? })
    }

    /// A device to be trusted; none where the policy trusts the devices of neither audience.
    async fn new_device(&self, tenant: TenantId) -> Result<Option<(NewDevice, Redacted<String>)>, Stop> {
        let policy = self.policy_at(tenant, self.platform.tenant_now(tenant).await?).await?.policy;
        let seconds = |kind| i32::try_from(policy.audience(kind).trusted_device_seconds).unwrap_or(i32::MAX);
        let (internal_seconds, external_seconds) = (seconds(UserKind::Internal), seconds(UserKind::External));
        if internal_seconds == 0 && external_seconds == 0 {
            return Ok(None);
        }
        let id = DeviceId::new(&*self.platform.entropy, self.platform.now());
        let token = SecretToken::generate(DEVICE_TOKEN_PREFIX, &*self.platform.entropy);
        let device = NewDevice { id, digest: token.digest().to_vec(), internal_seconds, external_seconds };
        Ok(Some((device, Redacted::new(token.expose().to_owned()))))
    }

    fn first_item(&self, tenant: TenantId, challenge: ChallengeId, code: &str) -> VerifyItem {
        let subject = CodeSubject { tenant, challenge, purpose: CodePurpose::Login };
        VerifyItem {
            tenant,
            challenge,
            matching: matching_keys(&self.platform.keys.ring(), &subject, code),
            backup_slot: BackupCode::parse(code).map(|backup| backup.slot()),
            checked: None,
            device: None,
        }
    }

    /// A credential is compared with what its challenge asked; one that asks for a code takes none.
    async fn read_passkey(&self, permit: &Permit, id: ChallengeId, credential: &Value) -> Result<Checked, Stop> {
        let challenge = self.lookup_challenge(permit, id).await?.ok_or_else(no_such_challenge)?;
        if challenge.channel != MethodChannel::Passkey {
            return Err(enter_the_code().into());
        }
        self.check_passkey(permit.tenant(), &challenge, credential).await
    }

    /// Absent is NOT_FOUND before a missing code is INVALID.
    async fn without_code(&self, permit: &Permit, challenge: ChallengeId) -> Result<VerifyOutput, Stop> {
        let challenge = self.lookup_challenge(permit, challenge).await?.ok_or_else(no_such_challenge)?;
        let asks_for_passkey = challenge.channel == MethodChannel::Passkey;
        Err(if asks_for_passkey { give_the_credential() } else { enter_the_code() }.into())
    }

    async fn with_invalid_code(&self, permit: &Permit, challenge: ChallengeId) -> Result<VerifyOutput, Stop> {
        self.lookup_challenge(permit, challenge).await?.ok_or_else(no_such_challenge)?;
        Err(Refusal::invalid("code", "This is too long for a code.").into())
    }

    async fn check_secret(&self, tenant: TenantId, verified: &Verified, code: &str) -> Result<Checked, Stop> {
        match verified.kind.as_deref() {
            Some("TOTP") => Ok(self.check_totp(tenant, verified, code).await?),
            Some("PASSKEY") => Err(give_the_credential().into()),
            Some("BACKUP_CODE") => Ok(self.check_backup_code(verified, code).await?),
            Some("TEMPORARY_ACCESS_CODE") => {
                let user = verified.user_id.map(UserId).ok_or_else(|| Fault::internal("a login without a user"))?;
                let digests = temporary_code_digests(&self.platform.keys.ring(), tenant, user, code);
                let temporary_digests = digests.into_iter().map(|(_, digest)| digest).collect();
                Ok(Checked { temporary_digests, ..Checked::default() })
            }
            _ => Err(Fault::internal("a challenge of an unknown kind").into()),
        }
    }

    async fn check_totp(&self, tenant: TenantId, verified: &Verified, code: &str) -> Result<Checked, Fault> {
        let (Some(factor), Some(sealed)) = (verified.factor_id, verified.factor_secret.as_deref()) else {
            return Err(Fault::internal("an app without a seed"));
        };
        let key = self.platform.keys.data_key(&self.platform.database, tenant).await?;
        let opened = key.open(&place(tenant, "factor", factor, "secret_sealed"), sealed).map_err(Fault::internal)?;
        let secret = TotpSecret::from_bytes(&opened).ok_or_else(|| Fault::internal("a seed of another length"))?;
        Ok(Checked { totp_step: secret.matching_step(code, self.platform.now()), ..Checked::default() })
    }

    /// One hash per try, however many codes there are; off the async threads, and few at once.
    async fn check_backup_code(&self, verified: &Verified, code: &str) -> Result<Checked, Fault> {
        let (Some(hash), Some(given)) = (verified.backup_hash.clone(), BackupCode::parse(code)) else {
            return Ok(Checked::default());
        };
        let _turn = self.hashing.acquire().await.map_err(Fault::internal)?;
        let backup_right = tokio::task::spawn_blocking(move || given.verify(&hash)).await.map_err(Fault::internal)?;
        Ok(Checked { backup_right, ..Checked::default() })
    }
}

fn enter_the_code() -> Refusal {
    Refusal::invalid("code", "Enter the code.")
}

fn give_the_credential() -> Refusal {
    Refusal::invalid("credential", "Give the passkey's credential.")
}

fn no_such_challenge() -> Stop {
    Refusal::not_found("challenge").at("challengeId").into()
}

fn output(id: ChallengeId, verified: Verified) -> Result<VerifyOutput, Stop> {
    let by_passkey = verified.kind.as_deref() == Some("PASSKEY");
    let refusal = of_outcome(&verified.outcome)?.map(|refusal| point(refusal, by_passkey));
    if refusal.as_ref().is_some_and(|refusal| refusal.code == RefusalCode::NotFound) {
        return Err(no_such_challenge());
    }
    let challenge = challenge_of(id, &verified)?;
    let login = if refusal.is_none() { Some(login_of(verified)?) } else { None };
    Ok(VerifyOutput { login, challenge: Some(challenge), device_token: None, refusal })
}

fn point(refusal: Refusal, by_passkey: bool) -> Refusal {
    match refusal.code {
        RefusalCode::WrongCode if by_passkey => {
            let message = "This passkey did not answer what was asked. Ask again.";
            Refusal::new(RefusalCode::WrongCode, message).at("credential")
        }
        RefusalCode::WrongCode => refusal.at("code"),
        RefusalCode::NotFound => refusal.at("challengeId"),
        _ => refusal,
    }
}

fn challenge_of(id: ChallengeId, verified: &Verified) -> Result<ChallengeRecord, Fault> {
    let status = match verified.outcome.as_str() {
        "OK" => "VERIFIED",
        "ALREADY_COMPLETED" if verified.completed_by == Some(id.0) => "VERIFIED",
        "ALREADY_COMPLETED" => "SUPERSEDED",
        "EXPIRED" => "EXPIRED",
        _ if verified.attempts_remaining == Some(0) => "FAILED",
        _ => "PENDING",
    };
    let sends = verified.kind.as_deref() == Some("CODE");
    Ok(ChallengeRecord {
        challenge_id: id,
        channel: word(verified.channel.as_deref().and_then(MethodChannel::parse), "channel")?,
        factor_id: verified.factor_id.map(FactorId),
        sealed_destination: verified.factor_secret.clone().filter(|_| sends),
        sealed_state: None,
        login_id: verified.login_id.map(LoginId),
        status,
        attempts_remaining: verified.attempts_remaining.unwrap_or(0),
        expires_at: verified.challenge_expires_at.ok_or_else(|| Fault::internal("a challenge without an end"))?,
        resend_at: None,
        message_id: None,
    })
}

fn login_of(row: Verified) -> Result<LoginView, Fault> {
    let gone = || Fault::internal("a login without its columns");
    let reasons = row.reasons.unwrap_or_default();
    Ok(LoginView {
        login_id: LoginId(row.login_id.ok_or_else(gone)?),
        user_id: UserId(row.user_id.ok_or_else(gone)?),
        external_id: row.external_id.ok_or_else(gone)?,
        user_kind: word(row.user_kind.as_deref().and_then(UserKind::parse), "kind")?,
        advisor_id: row.advisor_id.map(AdminId),
        purpose: word(row.purpose.as_deref().and_then(LoginPurpose::parse), "purpose")?,
        outcome: word(row.login_outcome.as_deref().and_then(LoginOutcome::parse), "outcome")?,
        reasons: reasons
            .iter()
            .map(|reason| word(DecisionReason::parse(reason), "reason"))
            .collect::<Result<_, _>>()?,
        level: word(row.level.as_deref().and_then(SecurityLevel::parse), "level")?,
        policy_version: row.policy_version.ok_or_else(gone)?,
        risk_score: row.risk_score.unwrap_or(0),
        risk_signals: row.risk_signals.unwrap_or_default(),
        first_factor: word(row.first_factor.as_deref().and_then(FirstFactor::parse), "first factor")?,
        ip_address: row.ip_address.ok_or_else(gone)?,
        location: LoginLocation::new(row.country, row.city, row.latitude, row.longitude),
        created_at: row.created_at.ok_or_else(gone)?,
        expires_at: row.expires_at.ok_or_else(gone)?,
        completed_at: row.completed_at,
        completed_wall: row.completed_wall,
        completed_with: row.completed_with.as_deref().and_then(Completion::parse),
        completed_proof: row.completed_with.as_deref().and_then(MethodChannel::parse),
        may_change_factors: row.may_change_factors.unwrap_or(false),
        just_completed: true,
    })
}
