//! Finishing an enrollment. The rule that allowed it to be begun is asked again, and the code is
//! checked, counted and taken by one SQL function whose transaction is committed whatever it says.

use core_access::Permit;
use core_crypto::{CodePurpose, CodeSubject, DEVICE_TOKEN_PREFIX, SecretToken, matching_keys};
use core_kernel::{ChallengeId, DeviceId, Fault, MessageId, Redacted, Refusal, Stop};
use core_policy::{Channel, FactorKind, FactorStatus};
use serde_json::Value;
use svc_platform::{ChallengeStatus, ChallengeView};

use crate::commands::work::{Work, at_factor};
use crate::contacts::{self, open_contact, open_seed};
use crate::model::Confirmation;
use crate::rules::channels::check_kind;
use crate::rules::step_up::Ground;
use crate::store::challenges::{ChallengeRow, find_enrolling};
use crate::store::confirm::{Answer, Guess, confirm_factor_code};
use crate::store::devices;
use crate::store::factors::{self, FactorRecord};
use crate::store::word;
use crate::{Factors, refusal};

/// What is given back.
#[derive(Debug, Clone)]
pub struct ConfirmFactor {
    /// The pending factor.
    pub factor_id: String,
    /// The code that was sent, or that the app shows.
    pub code: Option<String>,
    /// A passkey's credential, as `navigator.credentials.create()` made it (`RegistrationResponseJSON`).
    pub credential: Option<Value>,
    /// The login on whose ground it is asked, and which it completes if it asked for an enrollment.
    pub login_id: Option<String>,
    /// Whether the device is to be trusted from now on, where the policy does so.
    pub remember_device: bool,
}

impl Factors {
    /// Confirms a pending factor.
    ///
    /// # Errors
    /// NOT_FOUND, INVALID, VERIFICATION_REQUIRED, NOT_ALLOWED_BY_POLICY, USER_LOCKED or EXPIRED, before
    /// anything is compared; what the comparison says is in [`Confirmation::refusal`].
    pub async fn confirm_factor(&self, permit: &Permit, input: ConfirmFactor) -> Result<Confirmation, Stop> {
        let (mut work, factor) = self.open_by_factor(permit, &input.factor_id, input.login_id.as_deref()).await?;
        if factor.kind == FactorKind::Passkey {
            return work.confirm_passkey(&factor, &input).await;
        }
        let code = input.code.ok_or_else(|| Refusal::invalid("code", "Give the code."))?;
        if factor.status != FactorStatus::Pending {
            return Ok(refused(refusal::already_confirmed(), None));
        }
        let ground = work.authorize_kind(factor.kind)?;
        check_kind(&work.allowed(), factor.kind, factor.line)?;
        if let Some(contact) = open_contact(&work.key, &factor)? {
            work.check_contact(ground, factor.kind, &contact).map_err(at_factor)?;
        }
        let challenge = work.challenge_of(&factor).await?;
        let guess = work.guess(&factor, challenge.as_ref(), ground, &code)?;
        let answer = confirm_factor_code(&mut work.tx, &guess).await?;
        work.answer(ground, &factor, challenge, &answer, input.remember_device).await
    }
}

pub(super) fn refused(refusal: Refusal, challenge: Option<ChallengeView>) -> Confirmation {
    let refusal = Some(refusal);
    Confirmation { factor: None, challenge, login: None, completed_login: None, device_token: None, refusal }
}

impl Work<'_> {
    async fn challenge_of(&mut self, factor: &FactorRecord) -> Result<Option<ChallengeRow>, Stop> {
        if factor.kind == FactorKind::Totp {
            return Ok(None);
        }
        let resend_after = i32::try_from(self.policy.codes.resend_after_seconds).map_err(Fault::internal)?;
        let login = self.login_id();
        Ok(find_enrolling(&mut self.tx, factor.id, login, resend_after).await?)
    }

    fn guess(
        &self,
        factor: &FactorRecord,
        challenge: Option<&ChallengeRow>,
        ground: Ground,
        code: &str,
    ) -> Result<Guess, Fault> {
        let platform = &self.factors.platform;
        let matching = challenge.map(|challenge| {
            let challenge = ChallengeId(challenge.challenge_id);
            let subject = CodeSubject { tenant: self.permit.tenant(), challenge, purpose: CodePurpose::Enroll };
            matching_keys(&platform.keys.ring(), &subject, code)
        });
        // An app knows the real time, whatever a sandbox's clock says.
        let step = match factor.kind {
            FactorKind::Totp => open_seed(&self.key, factor)?.matching_step(code, platform.now()),
            _ => None,
        };
        Ok(Guess {
            challenge: challenge.map(|challenge| (challenge.challenge_id, challenge.month)),
            digits: matching.as_ref().map_or(0, |matching| matching.digits),
            matching_keys: matching.map_or_else(Vec::new, |matching| matching.key_ids),
            ..self.guess_by_step(factor, ground, step)?
        })
    }

    /// Of what no code is sent for: the step or counter of a right answer, none of a wrong one.
    pub(super) fn guess_by_step(
        &self,
        factor: &FactorRecord,
        ground: Ground,
        step: Option<i64>,
    ) -> Result<Guess, Fault> {
        Ok(Guess {
            user: self.subject.user.user_id,
            factor: factor.id,
            login: self.login_id(),
            challenge: None,
            digits: 0,
            matching_keys: Vec::new(),
            step,
            max_attempts: i16::try_from(self.policy.codes.max_attempts).map_err(Fault::internal)?,
            completes_login: ground == Ground::FirstEnrollment && self.subject.login.is_some(),
            by_support: ground == Ground::Support,
        })
    }

    pub(super) async fn answer(
        self,
        ground: Ground,
        factor: &FactorRecord,
        challenge: Option<ChallengeRow>,
        answer: &Answer,
        remember_device: bool,
    ) -> Result<Confirmation, Stop> {
        let challenge = challenge.map(|row| self.view_of(factor, row, answer)).transpose()?;
        let refusal = match answer.outcome.as_str() {
            "OK" => return self.confirmed(ground, factor, challenge, answer.login_completed, remember_device).await,
            "WRONG_CODE" if factor.kind == FactorKind::Passkey => refusal::wrong_credential(),
            "WRONG_CODE" => refusal::wrong_code(),
            "TOO_MANY_ATTEMPTS" => refusal::too_many_attempts(),
            "EXPIRED" if factor.has_run_out(self.subject.now) => refusal::enrollment_expired(),
            "EXPIRED" => refusal::code_expired(),
            "USER_LOCKED" => refusal::user_locked(),
            "ALREADY_COMPLETED" => refusal::already_confirmed(),
            "NOT_USABLE" => refusal::tenant_suspended(),
            _ => return Err(Refusal::not_found("factor").at("factorId").into()),
        };
        // A try that was compared is counted before it is answered.
        self.commit_touching(challenge.as_ref().map(|view| view.challenge_id)).await?;
        Ok(refused(refusal, challenge))
    }

    async fn confirmed(
        mut self,
        ground: Ground,
        factor: &FactorRecord,
        challenge: Option<ChallengeView>,
        login_completed: bool,
        remember_device: bool,
    ) -> Result<Confirmation, Stop> {
        let detail = serde_json::json!({ "kind": factor.kind.as_str(), "factor_id": factor.id.to_string() });
        self.audit(ground, "factor.confirmed", &factor.user.to_string(), detail).await?;
        let record = factors::lookup(&mut self.tx, factor.id).await?;
        let record = record.ok_or_else(|| Fault::internal("the factor that was just confirmed is gone"))?;
        let view = contacts::view(&self.key, &record)?;
        let login = self.login_id();
        let device_token = if remember_device { self.trust_device().await? } else { None };
        self.commit_touching(challenge.as_ref().map(|view| view.challenge_id)).await?;
        let completed_login = login.filter(|_| login_completed);
        Ok(Confirmation { factor: Some(view), challenge, login, completed_login, device_token, refusal: None })
    }

    /// The token of the device from which the login that is being completed comes; none where the
    /// policy trusts no devices. Devices trusted before have just ended with the change of factors.
    async fn trust_device(&mut self) -> Result<Option<Redacted<String>>, Stop> {
        let seconds = self.policy.audience(self.subject.user.kind).trusted_device_seconds;
        let Some(login) = self.login_id().filter(|_| seconds > 0) else { return Ok(None) };
        let platform = &self.factors.platform;
        let token = SecretToken::generate(DEVICE_TOKEN_PREFIX, &*platform.entropy);
        let device = DeviceId::new(&*platform.entropy, platform.now());
        let seconds = i32::try_from(seconds).unwrap_or(i32::MAX);
        devices::trust(&mut self.tx, self.subject.user.user_id, login, device, &token, seconds).await?;
        Ok(Some(Redacted::new(token.expose().to_owned())))
    }

    fn view_of(&self, factor: &FactorRecord, row: ChallengeRow, answer: &Answer) -> Result<ChallengeView, Fault> {
        let attempts_remaining = answer.attempts_remaining.unwrap_or(0);
        let status = match answer.outcome.as_str() {
            "OK" | "ALREADY_COMPLETED" => ChallengeStatus::Verified,
            _ if row.expires_at <= self.subject.now || row.verified_at.is_some() => ChallengeStatus::Expired,
            _ if attempts_remaining == 0 => ChallengeStatus::Failed,
            _ => ChallengeStatus::Pending,
        };
        Ok(ChallengeView {
            challenge_id: ChallengeId(row.challenge_id),
            channel: word(Channel::parse(&row.channel), "channel")?.into(),
            destination: open_contact(&self.key, factor)?.map(|contact| contact.masked()),
            status,
            attempts_remaining,
            expires_at: row.expires_at,
            resend_at: row.resend_at,
            message_id: row.message_id.map(MessageId),
        })
    }
}
