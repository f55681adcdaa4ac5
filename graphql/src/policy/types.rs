//! A version of a policy.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use core_access::Operation;
use core_kernel::{PolicyId, TypedId};
use svc_policy::PolicyView;

use super::template::load_template;
use crate::connection::connection;
use crate::context::{permit, services};
use crate::enums::{Channel, PolicyStatus, SecurityLevel};
use crate::ids::id;
use crate::scalars::{Cidr, CountryCode, DateTime};

connection! {
    /// A page of a policy's versions.
    PolicyConnection, PolicyEdge of Policy;
}

/// One numbered version of a tenant's rules. It is never changed; another one supersedes it.
pub struct Policy(PolicyView);

impl From<PolicyView> for Policy {
    fn from(view: PolicyView) -> Self {
        Self(view)
    }
}

/// The policy of that identifier, a partner's template included; `None` where the caller may not see it.
pub(crate) async fn load_policy(ctx: &Context<'_>, id: &str) -> Result<Option<Policy>> {
    let Some(policy) = PolicyId::from_text(id) else { return Ok(None) };
    let found = match permit(ctx, Operation::ReadPolicy) {
        Ok(permit) => services(ctx)?.policies.lookup(&permit, policy).await?,
        Err(_) => None,
    };
    match found {
        Some(view) => Ok(Some(view.into())),
        None => load_template(ctx, policy).await,
    }
}

#[Object]
impl Policy {
    /// Opaque, unique and never reused.
    pub(crate) async fn id(&self) -> ID {
        id(self.0.version.policy_id)
    }

    /// Counts up from 1 within a tenant; every decision records the version it was made under.
    async fn version(&self) -> i32 {
        self.0.version.version
    }

    /// Where it stands, by the tenant's clock.
    async fn status(&self) -> PolicyStatus {
        self.0.status.into()
    }

    /// From then on it is in force, until a later one is.
    async fn effective_at(&self) -> DateTime {
        self.0.version.effective_at.into()
    }

    /// Who published it, as in the audit log.
    async fn published_by(&self) -> Option<&str> {
        self.0.version.published_by.as_deref()
    }

    /// What the publisher wrote about it.
    async fn comment(&self) -> Option<&str> {
        self.0.version.comment.as_deref()
    }

    /// The organisation's own people.
    async fn internal(&self) -> AudiencePolicy {
        (&self.0.version.policy.internal).into()
    }

    /// Clients and counterparties.
    async fn external(&self) -> AudiencePolicy {
        (&self.0.version.policy.external).into()
    }

    /// Networks from which INTERNAL users need no second factor. Never applies to external users.
    async fn allowed_networks(&self) -> Vec<AllowedNetwork> {
        self.0.version.policy.allowed_networks.iter().map(AllowedNetwork::from).collect()
    }

    /// Countries whose phone numbers may be enrolled and sent to.
    async fn phone_countries(&self) -> Vec<CountryCode> {
        self.0.version.policy.phone_countries.iter().cloned().map(CountryCode).collect()
    }

    /// Rules for codes that are sent.
    async fn codes(&self) -> CodePolicy {
        self.0.version.policy.codes.into()
    }

    /// What to make of a risk score.
    async fn risk(&self) -> RiskPolicy {
        self.0.version.policy.risk.into()
    }

    /// How long a temporary access code may be valid at most.
    async fn temporary_access_max_seconds(&self) -> i32 {
        int(self.0.version.policy.temporary_access_max_seconds)
    }
}

/// Rules for one audience. The rollout has three phases: closed (before enrollmentOpensAt), optional, mandatory (from mandatoryFrom).
#[derive(SimpleObject)]
pub struct AudiencePolicy {
    /// Channels in order of preference. EMAIL is off unless an administrator turns it on.
    pub allowed_channels: Vec<Channel>,
    /// Before it nobody is asked to enroll; null: it is open.
    pub enrollment_opens_at: Option<DateTime>,
    /// From this moment enrollment cannot be skipped or opted out of. Null: it stays optional.
    pub mandatory_from: Option<DateTime>,
    /// While optional: skipping more often than this is refused; null: no limit.
    pub max_skips: Option<i32>,
    /// A user who first logs in later than mandatoryFrom may still skip for this long.
    pub grace_period_seconds: i32,
    /// The level of a user who has not chosen.
    pub default_level: SecurityLevel,
    /// The level below which nobody goes.
    pub minimum_level: SecurityLevel,
    /// Whether a user's own choice counts.
    pub user_may_choose_level: bool,
    /// Until then STANDARD behaves like HIGH. Null: adaptive from the start.
    pub adaptive_from: Option<DateTime>,
    /// A device on which a factor was proved needs none for this long at STANDARD; 0 turns that off.
    pub trusted_device_seconds: i32,
}

impl From<&core_policy::AudiencePolicy> for AudiencePolicy {
    fn from(audience: &core_policy::AudiencePolicy) -> Self {
        Self {
            allowed_channels: audience.allowed_channels.iter().map(|channel| (*channel).into()).collect(),
            enrollment_opens_at: audience.enrollment_opens_at.map(DateTime::from),
            mandatory_from: audience.mandatory_from.map(DateTime::from),
            max_skips: audience.max_skips.map(int),
            grace_period_seconds: int(audience.grace_period_seconds),
            default_level: audience.default_level.into(),
            minimum_level: audience.minimum_level.into(),
            user_may_choose_level: audience.user_may_choose_level,
            adaptive_from: audience.adaptive_from.map(DateTime::from),
            trusted_device_seconds: int(audience.trusted_device_seconds),
        }
    }
}

/// A network from which INTERNAL users need no second factor.
#[derive(SimpleObject)]
pub struct AllowedNetwork {
    /// The network.
    pub cidr: Cidr,
    /// What people call it.
    pub label: String,
    /// From then on it lets nobody in; null: it stays.
    pub expires_at: Option<DateTime>,
}

impl From<&core_policy::AllowedNetwork> for AllowedNetwork {
    fn from(network: &core_policy::AllowedNetwork) -> Self {
        Self {
            cidr: Cidr(network.cidr.to_string()),
            label: network.label.clone(),
            expires_at: network.expires_at.map(DateTime::from),
        }
    }
}

/// Rules for codes that are sent.
#[derive(SimpleObject)]
pub struct CodePolicy {
    /// 6 to 8.
    pub digits: i32,
    /// How long a code is valid, 60 to 600.
    pub ttl_seconds: i32,
    /// How many wrong codes are compared per login, 3 to 5.
    pub max_attempts: i32,
    /// Before the same code goes out again, 15 to 300 (0 in a SANDBOX).
    pub resend_after_seconds: i32,
}

impl From<core_policy::CodePolicy> for CodePolicy {
    fn from(codes: core_policy::CodePolicy) -> Self {
        Self {
            digits: int(codes.digits),
            ttl_seconds: int(codes.ttl_seconds),
            max_attempts: int(codes.max_attempts),
            resend_after_seconds: int(codes.resend_after_seconds),
        }
    }
}

/// What to make of a risk score.
#[derive(SimpleObject)]
pub struct RiskPolicy {
    /// A login scoring at least this is challenged at STANDARD.
    pub challenge_threshold: i32,
    /// A login scoring at least this is denied; null: never.
    pub deny_threshold: Option<i32>,
    /// Faster travel than this between two logins is impossible, in km/h (300 to 2,000).
    pub max_travel_speed_kmh: i32,
}

impl From<core_policy::RiskPolicy> for RiskPolicy {
    fn from(risk: core_policy::RiskPolicy) -> Self {
        Self {
            challenge_threshold: int(risk.challenge_threshold),
            deny_threshold: risk.deny_threshold.map(int),
            max_travel_speed_kmh: int(risk.max_travel_speed_kmh),
        }
    }
}

/// Every number of a policy is far below the limit of `Int`.
fn int(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
