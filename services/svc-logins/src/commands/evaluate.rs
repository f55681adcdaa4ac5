//! `evaluateLogin`: load, decide, record. Two round trips.

use std::net::IpAddr;

use core_access::Permit;
use core_crypto::digest_token;
use core_kernel::{AdminId, Fault, LoginId, Refusal, Stop, TenantId, Timestamp, TypedId, UserId, fold_identifier};
use core_policy::{Decision, FirstFactor, LoginFacts, LoginOutcome, LoginPurpose, Risk, decide, parse_ip};
use io_limits::limit;
use svc_directory::users::UserRef;
use svc_policy::PolicyVersion;
use uuid::Uuid;

use super::idempotency;
use crate::methods::UserSnapshot;
use crate::model::LoginLocation;
use crate::refusals::no_such_user;
use crate::risk::Judged;
use crate::steps::load::{LoadItem, Loaded};
use crate::steps::record::{Idempotency, LoginOrigin, RecordItem};
use crate::{Given, LoginView, Logins, meters};

/// How long a login can be completed, in seconds.
const LIFETIME_SECONDS: i32 = 15 * 60;
/// The same where the user enrolls first.
const ENROLL_LIFETIME_SECONDS: i32 = 60 * 60;
/// The longest user agent that is kept, in characters; more is cut.
const MAX_USER_AGENT_CHARS: usize = 512;

/// The first factor was accepted: what now?
#[derive(Debug, Clone)]
pub struct EvaluateInput {
    /// Who.
    pub user: UserRef,
    /// What for.
    pub purpose: LoginPurpose,
    /// What was accepted.
    pub first_factor: FirstFactor,
    /// The user's address as the integrator's own server saw it.
    pub ip_address: String,
    /// The browser's name for itself.
    pub user_agent: Option<String>,
    /// From an earlier `verifyChallenge` with `rememberDevice`.
    pub device_token: Option<String>,
    /// For retries.
    pub idempotency_key: Option<String>,
}

/// All that a decision was made from.
struct Case {
    tenant: TenantId,
    user: UserSnapshot,
    suspended: bool,
    now: Timestamp,
    ip: IpAddr,
    user_agent: Option<String>,
    /// The trusted device that it comes from.
    device: Option<Uuid>,
    webhook_logins: bool,
}

impl Logins {
    /// Decides whether a login needs a second factor.
    ///
    /// # Errors
    /// NOT_FOUND for the user, INVALID fields, CONFLICT of an idempotency key; faults.
    pub async fn evaluate(&self, permit: &Permit, input: &EvaluateInput) -> Result<LoginView, Stop> {
        let entry = idempotency::entry(permit, input);
        let loaded = self.load_user(permit, input, entry.as_ref().ok().and_then(Option::as_ref)).await?;
        let case = self.case(permit.tenant(), &loaded, input)?;
        let entry = entry?;
        self.limits.check(limit::USER_EVALUATE_LOGIN, (permit.tenant(), case.user.user_id)).await?;
        if let Some(repeated) = Box::pin(self.repeated(permit, &loaded, entry.as_ref())).await? {
            return Ok(repeated);
        }
        let policy = self.policy_at(permit.tenant(), case.now).await?;
        let judged = self.risk.judge(&loaded, (case.ip, case.user_agent.as_deref(), case.now), &policy.policy.risk)?;
        let decision = decide_case(&case, &policy, input, judged.risk());
        match self.record_decision(&case, &policy, input, (decision, judged), entry.clone()).await? {
            Some(view) => Ok(view),
            None => Box::pin(self.lost_race(permit, input, entry)).await,
        }
    }

    /// Begins the login of a one-time link that was just consumed.
    ///
    /// # Errors
    /// As [`Self::evaluate`].
    pub async fn begin_by_link(
        &self,
        permit: &Permit,
        user: UserId,
        ip: IpAddr,
        user_agent: Option<String>,
    ) -> Result<LoginView, Stop> {
        let input = EvaluateInput {
            user: UserRef::Id(user.to_text()),
            purpose: LoginPurpose::SignIn,
            first_factor: FirstFactor::OneTimeLink,
            ip_address: ip.to_string(),
            user_agent,
            device_token: None,
            idempotency_key: None,
        };
        self.evaluate(permit, &input).await
    }

    async fn load_user(
        &self,
        permit: &Permit,
        input: &EvaluateInput,
        entry: Option<&Idempotency>,
    ) -> Result<Loaded, Stop> {
        let (user, external_id_folded) = match &input.user {
            UserRef::Id(text) => (Some(UserId::from_text(text).ok_or_else(no_such_user)?.0), None),
            UserRef::ExternalId(text) => (None, Some(fold_identifier(text)).filter(|folded| !folded.contains('\0'))),
        };
        if user.is_none() && external_id_folded.is_none() {
            return Err(no_such_user());
        }
        let item = LoadItem {
            tenant: permit.tenant(),
            user,
            external_id_folded,
            api_key: entry.map(|entry| entry.api_key),
            idempotency_key: entry.map(|entry| entry.key.clone()),
            login: None,
            device_digest: input.device_token.as_deref().map(|token| digest_token(token).to_vec()),
        };
        Ok(self.load.run(item).await?)
    }

    fn case(&self, tenant: TenantId, loaded: &Loaded, input: &EvaluateInput) -> Result<Case, Stop> {
        let user = UserSnapshot::from_loaded(loaded.clone())?.ok_or_else(no_such_user)?;
        let ip = parse_ip(&input.ip_address)
            .ok_or_else(|| Refusal::invalid("ipAddress", "This is not an IPv4 or IPv6 address."))?;
        let now = loaded.now.ok_or_else(|| Fault::internal("the tenant has no clock"))?;
        let suspended = loaded.tenant_status.as_deref() != Some("ACTIVE");
        let user_agent = input.user_agent.as_deref().map(printable);
        let webhook_logins = loaded.webhook_logins.unwrap_or(false);
        Ok(Case { tenant, user, suspended, now, ip, user_agent, device: loaded.device_id, webhook_logins })
    }

    /// None where another call with the same idempotency key was faster.
    async fn record_decision(
        &self,
        case: &Case,
        policy: &PolicyVersion,
        input: &EvaluateInput,
        (decision, judged): (Decision, Judged),
        entry: Option<Idempotency>,
    ) -> Result<Option<LoginView>, Stop> {
        let enroll = decision.outcome == LoginOutcome::Enroll;
        let item = RecordItem {
            tenant: case.tenant,
            login: LoginId::new(&*self.platform.entropy, self.platform.now()),
            user: case.user.user_id,
            purpose: input.purpose,
            first_factor: input.first_factor,
            policy_version: policy.version,
            ip: case.ip.to_string(),
            user_agent: case.user_agent.clone(),
            enrolling: !case.user.facts.has_factor(),
            max_attempts: i16::try_from(policy.policy.codes.max_attempts).unwrap_or(3),
            created_at: case.now,
            lifetime_seconds: if enroll { ENROLL_LIFETIME_SECONDS } else { LIFETIME_SECONDS },
            decision,
            idempotency: entry,
            first: case.user.facts.first_login_at.is_none(),
            risk_score: judged.score(),
            risk_signals: judged.signals(),
            origin: judged.origin(),
            given: given(case, judged)?,
            device: case.device,
            webhook_logins: case.webhook_logins,
        };
        let wall = self.platform.now();
        let recorded = self.record.run(item.clone()).await?;
        if recorded {
            meters::decided(&self.platform.meters, &item.decision, item.risk_score);
        }
        Ok(recorded.then(|| view_of(case, &item, wall)))
    }

    async fn lost_race(
        &self,
        permit: &Permit,
        input: &EvaluateInput,
        entry: Option<Idempotency>,
    ) -> Result<LoginView, Stop> {
        let loaded = self.load_user(permit, input, entry.as_ref()).await?;
        let repeated = self.repeated(permit, &loaded, entry.as_ref()).await?;
        repeated.ok_or_else(|| Stop::Fault(Fault::Unavailable))
    }
}

fn decide_case(case: &Case, policy: &PolicyVersion, input: &EvaluateInput, risk: Option<Risk>) -> Decision {
    let facts = LoginFacts {
        tenant_suspended: case.suspended,
        purpose: input.purpose,
        first_factor: input.first_factor,
        ip: Some(case.ip),
    };
    decide(&policy.policy, &case.user.facts, &facts, risk, case.now)
}

/// What is kept to explain the decision by, and to make it again.
fn given(case: &Case, judged: Judged) -> Result<String, Fault> {
    let given = Given { user: case.user.facts.clone(), suspended: case.suspended, risk: Some(judged.recorded()) };
    serde_json::to_string(&given).map_err(Fault::internal)
}

fn location_of(origin: &LoginOrigin) -> Option<LoginLocation> {
    let (latitude, longitude) = origin.position.map(|(latitude, longitude, _)| (latitude, longitude)).unzip();
    LoginLocation::new(origin.country.clone(), origin.city.clone(), latitude, longitude)
}

fn printable(user_agent: &str) -> String {
    user_agent.chars().filter(|c| !c.is_control()).take(MAX_USER_AGENT_CHARS).collect()
}

fn view_of(case: &Case, item: &RecordItem, wall: Timestamp) -> LoginView {
    let allowed = item.decision.outcome == LoginOutcome::Allow;
    LoginView {
        login_id: item.login,
        user_id: case.user.user_id,
        external_id: case.user.external_id.clone(),
        user_kind: case.user.facts.kind,
        advisor_id: case.user.advisor_id.map(AdminId),
        purpose: item.purpose,
        outcome: item.decision.outcome,
        reasons: item.decision.reasons.clone(),
        level: item.decision.level,
        policy_version: item.policy_version,
        risk_score: item.risk_score.into(),
        risk_signals: item.risk_signals.clone(),
        first_factor: item.first_factor,
        ip_address: item.ip.clone(),
        location: location_of(&item.origin),
        created_at: item.created_at,
        expires_at: item.created_at + chrono::Duration::seconds(item.lifetime_seconds.into()),
        completed_at: allowed.then_some(item.created_at),
        completed_wall: allowed.then_some(wall),
        completed_with: None,
        completed_proof: None,
        may_change_factors: false,
        just_completed: allowed,
    }
}
