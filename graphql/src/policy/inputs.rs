//! A policy as it is given. Nothing is checked here: the draft goes to the service as it came.

use async_graphql::{InputObject, MaybeUndefined};
use core_policy::{AllowedNetworkDraft, AudienceDraft, CodeDraft, Given, PolicyDraft, RiskDraft};

use crate::enums::{Channel, SecurityLevel};
use crate::scalars::{Cidr, CountryCode, DateTime};

/// Published whole: what is left out takes the value of a new tenant's policy, never that of the previous version.
#[derive(InputObject)]
pub struct PolicyInput {
    /// The organisation's own people.
    pub internal: AudiencePolicyInput,
    /// Clients and counterparties.
    pub external: AudiencePolicyInput,
    /// Networks from which INTERNAL users need no second factor; at most 200, none private, none wider than /8 (IPv4) or /32 (IPv6).
    #[graphql(default)]
    pub allowed_networks: Vec<AllowedNetworkInput>,
    /// Countries whose phone numbers may be enrolled and sent to.
    #[graphql(default_with = "vec![CountryCode(\"US\".to_owned())]")]
    pub phone_countries: Vec<CountryCode>,
    /// Rules for codes that are sent.
    pub codes: Option<CodePolicyInput>,
    /// What to make of a risk score.
    pub risk: Option<RiskPolicyInput>,
    /// How long a temporary access code may be valid at most, 600 to 86,400; left out: 28,800.
    pub temporary_access_max_seconds: Option<i32>,
}

/// Rules for one audience.
#[derive(InputObject)]
pub struct AudiencePolicyInput {
    /// Channels in order of preference, at least one.
    pub allowed_channels: Vec<Channel>,
    /// Before it nobody is asked to enroll; left out: it is open.
    pub enrollment_opens_at: Option<DateTime>,
    /// Left out: at once. Explicit null: enrollment stays optional.
    pub mandatory_from: MaybeUndefined<DateTime>,
    /// While optional: skipping more often than this is refused, 0 to 100; left out: no limit.
    pub max_skips: Option<i32>,
    /// A user who first logs in later than mandatoryFrom may still skip for this long, at most 90 days.
    #[graphql(default = 0)]
    pub grace_period_seconds: i32,
    /// The level of a user who has not chosen.
    #[graphql(default_with = "SecurityLevel::Standard")]
    pub default_level: SecurityLevel,
    /// The level below which nobody goes; not above the default.
    #[graphql(default_with = "SecurityLevel::Standard")]
    pub minimum_level: SecurityLevel,
    /// Whether a user's own choice counts.
    #[graphql(default = true)]
    pub user_may_choose_level: bool,
    /// Until then STANDARD behaves like HIGH; left out: adaptive from the start.
    pub adaptive_from: Option<DateTime>,
    /// A device on which a factor was proved needs none for this long at STANDARD, at most 90 days; left out: 30 days for
    /// INTERNAL, 0 for EXTERNAL.
    pub trusted_device_seconds: Option<i32>,
}

/// A network from which INTERNAL users need no second factor.
#[derive(InputObject)]
pub struct AllowedNetworkInput {
    /// The network.
    pub cidr: Cidr,
    /// What people call it.
    pub label: String,
    /// From then on it lets nobody in; left out: it stays.
    pub expires_at: Option<DateTime>,
}

/// Rules for codes that are sent.
#[derive(InputObject, Default)]
pub struct CodePolicyInput {
    /// 6 to 8; left out: 6.
    pub digits: Option<i32>,
    /// 60 to 600; left out: 300.
    pub ttl_seconds: Option<i32>,
    /// 3 to 5; left out: 5.
    pub max_attempts: Option<i32>,
    /// 15 to 300, or 0 in a SANDBOX; left out: 30.
    pub resend_after_seconds: Option<i32>,
}

/// What to make of a risk score.
#[derive(InputObject, Default)]
pub struct RiskPolicyInput {
    /// 1 to 100; left out: 50.
    pub challenge_threshold: Option<i32>,
    /// Above challengeThreshold, at most 100; left out: never.
    pub deny_threshold: Option<i32>,
    /// 300 to 2,000; left out: 900.
    pub max_travel_speed_kmh: Option<i32>,
}

impl From<PolicyInput> for PolicyDraft {
    fn from(input: PolicyInput) -> Self {
        let codes = input.codes.unwrap_or_default();
        let risk = input.risk.unwrap_or_default();
        Self {
            internal: input.internal.into(),
            external: input.external.into(),
            allowed_networks: input.allowed_networks.into_iter().map(AllowedNetworkDraft::from).collect(),
            phone_countries: Some(input.phone_countries.into_iter().map(|code| code.0).collect()),
            codes: CodeDraft {
                digits: codes.digits,
                ttl_seconds: codes.ttl_seconds,
                max_attempts: codes.max_attempts,
                resend_after_seconds: codes.resend_after_seconds,
            },
            risk: RiskDraft {
                challenge_threshold: risk.challenge_threshold,
                deny_threshold: risk.deny_threshold,
                max_travel_speed_kmh: risk.max_travel_speed_kmh,
            },
            temporary_access_max_seconds: input.temporary_access_max_seconds,
        }
    }
}

impl From<AudiencePolicyInput> for AudienceDraft {
    fn from(input: AudiencePolicyInput) -> Self {
        Self {
            allowed_channels: input.allowed_channels.into_iter().map(Into::into).collect(),
            enrollment_opens_at: input.enrollment_opens_at.map(|at| at.0),
            mandatory_from: match input.mandatory_from {
                MaybeUndefined::Undefined => Given::LeftOut,
                MaybeUndefined::Null => Given::Null,
                MaybeUndefined::Value(at) => Given::Value(at.0),
            },
            max_skips: input.max_skips,
            grace_period_seconds: Some(input.grace_period_seconds),
            default_level: Some(input.default_level.into()),
            minimum_level: Some(input.minimum_level.into()),
            user_may_choose_level: Some(input.user_may_choose_level),
            adaptive_from: input.adaptive_from.map(|at| at.0),
            trusted_device_seconds: input.trusted_device_seconds,
        }
    }
}

impl From<AllowedNetworkInput> for AllowedNetworkDraft {
    fn from(input: AllowedNetworkInput) -> Self {
        Self { cidr: input.cidr.0, label: input.label, expires_at: input.expires_at.map(|at| at.0) }
    }
}
