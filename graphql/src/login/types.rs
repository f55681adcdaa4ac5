//! A login, its methods and its prompt.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use core_access::Operation;
use core_policy::EnrollmentOffer;
use svc_logins::{LoginLocation, LoginView, MethodView};

use super::challenges::challenges_of_login;
use super::offers::{methods_of, offer_at};
use crate::challenge::Challenge;
use crate::connection::connection;
use crate::context::{permit, services};
use crate::directory::{User, user_of};
use crate::enums::{
    Channel, Completion, DecisionReason, FirstFactor, LoginOutcome, LoginPurpose, MethodChannel, PhoneRole,
    RiskSignalKind, SecurityLevel, from_word,
};
use crate::factor::{Factor, suggested_factors};
use crate::ids::id;
use crate::scalars::{CountryCode, DateTime, IpAddress};

connection! {
    /// A page of logins.
    LoginConnection, LoginEdge of Login;
}

/// One attempt to get in after the first factor was accepted, or one fresh proof.
pub struct Login {
    view: LoginView,
}

impl From<LoginView> for Login {
    fn from(view: LoginView) -> Self {
        Self { view }
    }
}

#[Object]
impl Login {
    /// Opaque, unique and never reused.
    pub(crate) async fn id(&self) -> ID {
        id(self.view.login_id)
    }

    /// Who.
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        Box::pin(user_of(ctx, self.view.user_id)).await
    }

    /// What for.
    async fn purpose(&self) -> LoginPurpose {
        self.view.purpose.into()
    }

    /// What the policy decided.
    async fn outcome(&self) -> LoginOutcome {
        self.view.outcome.into()
    }

    /// Why: those of the rule that decided, and no others.
    async fn reasons(&self) -> Vec<DecisionReason> {
        self.view.reasons.iter().map(|reason| (*reason).into()).collect()
    }

    /// The level in force for the user.
    async fn level(&self) -> SecurityLevel {
        self.view.level.into()
    }

    /// The version of the policy that decided.
    async fn policy_version(&self) -> i32 {
        self.view.policy_version
    }

    /// 0 to 100.
    async fn risk_score(&self) -> i32 {
        self.view.risk_score
    }

    /// The findings that add up to the score.
    async fn risk_signals(&self) -> Vec<RiskSignal> {
        let signals = self.view.risk_signals.as_array().map(Vec::as_slice).unwrap_or_default();
        signals.iter().filter_map(RiskSignal::read).collect()
    }

    /// What had been accepted before.
    async fn first_factor(&self) -> FirstFactor {
        self.view.first_factor.into()
    }

    /// Where the user was.
    async fn ip_address(&self) -> IpAddress {
        IpAddress(self.view.ip_address.clone())
    }

    /// Where that is, if it is known.
    async fn location(&self) -> Option<Location> {
        self.view.location.clone().map(Location::from)
    }

    /// When it began.
    async fn created_at(&self) -> DateTime {
        self.view.created_at.into()
    }

    /// Until when it can still be completed: 15 minutes; 60 for ENROLL or with an open request for temporary access.
    async fn expires_at(&self) -> DateTime {
        self.view.expires_at.into()
    }

    /// Ways to complete this login by a proof, the preferred first, as of now (a code issued or approved meanwhile appears).
    /// CHALLENGE: factors, backup codes, a temporary access code; ENROLL: a temporary access code if there is one; otherwise empty.
    async fn methods(&self, ctx: &Context<'_>) -> Result<Vec<LoginMethod>> {
        methods_of(ctx, &self.view).await
    }

    /// What was asked of the user, the oldest first; `challengeUpdated` tells how each goes on.
    async fn challenges(&self, ctx: &Context<'_>) -> Result<Vec<Challenge>> {
        challenges_of_login(ctx, self.view.login_id).await
    }

    /// Null unless ENROLL.
    async fn enrollment_prompt(&self, ctx: &Context<'_>) -> Result<Option<EnrollmentPrompt>> {
        let offer = offer_at(ctx, &self.view).await?;
        Ok(offer.map(|offer| EnrollmentPrompt { offer, user: self.view.user_id }))
    }

    /// Whether the user is in: allowed outright, or a factor proved, enrollment completed or skipped.
    async fn completed_at(&self) -> Option<DateTime> {
        self.view.completed_at.map(DateTime::from)
    }

    /// How it was completed; null when it was allowed outright or is not complete.
    async fn completed_with(&self) -> Option<Completion> {
        self.view.completed_with.map(Completion::from)
    }

    /// A JWT signed with a key of `/.well-known/jwks.json`, that the integrator verifies offline. Non-null only in the payload of
    /// the call that completed the login, and in `login(id)` for an API key with LOGIN until 5 minutes after `completedAt`; null in
    /// lists and nodes, and to everybody else. Claims: `iss` (configured public URL), `aud` (tenant id), `sub` (externalId), `iat` =
    /// completedAt, `exp` = iat + 300, `jti` (login id), `auth_time`, `amr` (of: pwd, fed, link, sms, tel, email, otp, pop, assisted),
    /// `acr` and `acr_rank`, `reasons`, `first_enrollment`, `policy_version`. `acr` is a ladder, its rank a number to compare with:
    /// "postern:1fa" 10 (allowed outright, skipped, opted out), "postern:assisted" 15 (an advisor's code), "postern:2fa-email" 20,
    /// "postern:2fa" 30 (SMS, voice, app, backup code), "postern:2fa-phr" 40 (passkey: phishing-resistant).
    async fn assertion(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if !self.view.just_completed {
            return Ok(None);
        }
        let permit = permit(ctx, Operation::ReadLogin)?;
        Ok(services(ctx)?.logins.assertion(&permit, &self.view)?)
    }
}

/// One way to complete a login.
pub struct LoginMethod(MethodView);

impl From<MethodView> for LoginMethod {
    fn from(view: MethodView) -> Self {
        Self(view)
    }
}

#[Object]
impl LoginMethod {
    /// Opaque; to be passed to startChallenge.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.to_text())
    }

    /// By what.
    async fn channel(&self) -> MethodChannel {
        self.0.channel.into()
    }

    /// Masked phone or address; null for app, passkey, and codes that are not sent.
    async fn destination(&self) -> Option<&str> {
        self.0.destination.as_deref()
    }

    /// Of a phone: the primary or the recovery one.
    async fn phone_role(&self) -> Option<PhoneRole> {
        self.0.phone_role.map(PhoneRole::from)
    }

    /// The first of the list, and no other.
    async fn preferred(&self) -> bool {
        self.0.preferred
    }
}

/// What a user without a factor is asked.
pub struct EnrollmentPrompt {
    offer: EnrollmentOffer,
    user: core_kernel::UserId,
}

#[Object]
impl EnrollmentPrompt {
    /// Whether it may be put off.
    async fn skippable(&self) -> bool {
        self.offer.skippable
    }

    /// How often it may still be put off. Null: no limit but the deadline.
    async fn skips_remaining(&self) -> Option<u32> {
        self.offer.skips_remaining
    }

    /// Contacts that the tenant supplied, masked; confirm one after sendFactorCode.
    async fn suggested_factors(&self, ctx: &Context<'_>) -> Result<Vec<Factor>> {
        suggested_factors(ctx, self.user).await
    }

    /// When skipping ends; null while there is no date.
    async fn deadline(&self) -> Option<DateTime> {
        self.offer.deadline.map(DateTime::from)
    }

    /// What may be enrolled, the preferred first.
    async fn channels(&self) -> Vec<Channel> {
        self.offer.channels.iter().map(|channel| (*channel).into()).collect()
    }
}

/// One explainable finding; scores add up, capped at 100.
#[derive(SimpleObject)]
pub struct RiskSignal {
    /// What kind.
    kind: RiskSignalKind,
    /// What it adds.
    score: i32,
    /// For a person: "4,100 km from the last login 12 minutes ago".
    detail: String,
}

impl RiskSignal {
    fn read(stored: &serde_json::Value) -> Option<Self> {
        Some(Self {
            kind: from_word(stored.get("kind")?.as_str()?)?,
            score: i32::try_from(stored.get("score")?.as_i64()?).ok()?,
            detail: stored.get("detail")?.as_str()?.to_owned(),
        })
    }
}

/// Where an address is.
#[derive(SimpleObject)]
pub struct Location {
    /// The country.
    country: Option<CountryCode>,
    /// The city.
    city: Option<String>,
    /// Degrees north.
    latitude: Option<f64>,
    /// Degrees east.
    longitude: Option<f64>,
}

impl From<LoginLocation> for Location {
    fn from(location: LoginLocation) -> Self {
        Self {
            country: location.country.map(CountryCode),
            city: location.city,
            latitude: location.latitude.map(f64::from),
            longitude: location.longitude.map(f64::from),
        }
    }
}
