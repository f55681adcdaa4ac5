//! A login and a challenge as commands and queries give them.

use core_kernel::{AdminId, ChallengeId, FactorId, Fault, LoginId, MessageId, Timestamp, UserId};
use core_policy::{
    Completion, DecisionReason, FirstFactor, LoginOutcome, LoginPurpose, MethodChannel, SecurityLevel, UserKind,
};
use serde_json::Value;

use crate::store::logins::LoginRow;

/// A login: the decision, its reasons, and whether it is complete.
#[derive(Debug, Clone)]
pub struct LoginView {
    /// The login.
    pub login_id: LoginId,
    /// Whose.
    pub user_id: UserId,
    /// The tenant's own identifier of the user, the assertion's subject.
    pub external_id: String,
    /// The user's audience.
    pub user_kind: UserKind,
    /// The administrator who looks after the user.
    pub advisor_id: Option<AdminId>,
    /// What it is for.
    pub purpose: LoginPurpose,
    /// What the policy decided.
    pub outcome: LoginOutcome,
    /// Why.
    pub reasons: Vec<DecisionReason>,
    /// The level in force.
    pub level: SecurityLevel,
    /// Under which version of the policy.
    pub policy_version: i32,
    /// 0 to 100.
    pub risk_score: i32,
    /// The findings, as recorded.
    pub risk_signals: Value,
    /// What was accepted before.
    pub first_factor: FirstFactor,
    /// Where the user was.
    pub ip_address: String,
    /// Where that is, as far as it is known.
    pub location: Option<LoginLocation>,
    /// By the tenant's clock.
    pub created_at: Timestamp,
    /// Until when it can be completed, by the tenant's clock.
    pub expires_at: Timestamp,
    /// When the user was let in, by the tenant's clock.
    pub completed_at: Option<Timestamp>,
    /// The same by the wall clock.
    pub completed_wall: Option<Timestamp>,
    /// How; none where it was allowed outright.
    pub completed_with: Option<Completion>,
    /// The channel that was proved.
    pub completed_proof: Option<MethodChannel>,
    /// Completed by a temporary access code that allows factors to be changed.
    pub may_change_factors: bool,
    /// Whether this very call completed it: only then, and in `login(id)` for five minutes, an
    /// assertion is given.
    pub just_completed: bool,
}

impl LoginView {
    pub(crate) fn from_row(row: LoginRow) -> Result<Self, Fault> {
        let reasons = row.reasons.iter().map(|reason| word(DecisionReason::parse(reason), "reason"));
        Ok(Self {
            login_id: LoginId(row.login_id),
            user_id: UserId(row.user_id),
            external_id: row.external_id,
            user_kind: word(UserKind::parse(&row.user_kind), "kind")?,
            advisor_id: row.advisor_id.map(AdminId),
            purpose: word(LoginPurpose::parse(&row.purpose), "purpose")?,
            outcome: word(LoginOutcome::parse(&row.outcome), "outcome")?,
            reasons: reasons.collect::<Result<_, _>>()?,
            level: word(SecurityLevel::parse(&row.level), "level")?,
            policy_version: row.policy_version,
            risk_score: row.risk_score.into(),
            risk_signals: row.risk_signals,
            first_factor: word(FirstFactor::parse(&row.first_factor), "first factor")?,
            location: LoginLocation::new(row.country, row.city, row.latitude, row.longitude),
            ip_address: row.ip_address,
            created_at: row.created_at,
            expires_at: row.expires_at,
            completed_at: row.completed_at,
            completed_wall: row.completed_wall,
            completed_with: row.completed_with.map(|with| word(Completion::parse(&with), "completion")).transpose()?,
            completed_proof: row
                .completed_proof
                .map(|proof| word(MethodChannel::parse(&proof), "proof"))
                .transpose()?,
            may_change_factors: row.may_change_factors,
            just_completed: false,
        })
    }
}

/// Where an address is, as a database of addresses says.
#[derive(Debug, Clone, PartialEq)]
pub struct LoginLocation {
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Its English name.
    pub city: Option<String>,
    /// Degrees north.
    pub latitude: Option<f32>,
    /// Degrees east.
    pub longitude: Option<f32>,
}

impl LoginLocation {
    /// None where nothing of it is known.
    pub(crate) fn new(
        country: Option<String>,
        city: Option<String>,
        latitude: Option<f32>,
        longitude: Option<f32>,
    ) -> Option<Self> {
        let known = country.is_some() || city.is_some() || latitude.is_some();
        known.then_some(Self { country, city, latitude, longitude })
    }
}

/// A stored word that this version does not know is a fault, never a guess.
pub(crate) fn word<T>(parsed: Option<T>, what: &'static str) -> Result<T, Fault> {
    parsed.ok_or_else(|| Fault::internal(format!("the stored {what} is unknown")))
}

/// A challenge, with what its payload shows. The destination is unsealed only when it is asked for.
#[derive(Debug, Clone)]
pub struct ChallengeRecord {
    /// The challenge.
    pub challenge_id: ChallengeId,
    /// The channel last used.
    pub channel: MethodChannel,
    /// The factor, none for a temporary access code.
    pub factor_id: Option<FactorId>,
    /// The factor's sealed destination, where a code is sent.
    pub sealed_destination: Option<Vec<u8>>,
    /// What a passkey's authenticator was asked, sealed, while it waits for the answer.
    pub sealed_state: Option<Vec<u8>>,
    /// The login; none where a factor is enrolled outside one.
    pub login_id: Option<LoginId>,
    /// PENDING, VERIFIED, EXPIRED, FAILED or SUPERSEDED.
    pub status: &'static str,
    /// Tries left to the login.
    pub attempts_remaining: i32,
    /// By the tenant's clock.
    pub expires_at: Timestamp,
    /// The earliest time of the next send by this channel.
    pub resend_at: Option<Timestamp>,
    /// The latest message that carries the code, where this call sent one.
    pub message_id: Option<MessageId>,
}
