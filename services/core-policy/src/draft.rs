//! A policy as an administrator gives it: unparsed texts, unchecked numbers, gaps. It says nothing
//! until [`PolicyDraft::validate`] has turned it into a [`Policy`](crate::Policy).

use core_kernel::Timestamp;

use crate::{Channel, SecurityLevel};

/// A field for which leaving it out and giving null are two different wishes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Given<T> {
    /// Not mentioned.
    #[default]
    LeftOut,
    /// Explicitly null.
    Null,
    /// Given.
    Value(T),
}

/// `PolicyInput`. `None` takes the value of a new tenant's policy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyDraft {
    /// `internal`.
    pub internal: AudienceDraft,
    /// `external`.
    pub external: AudienceDraft,
    /// `allowedNetworks`.
    pub allowed_networks: Vec<AllowedNetworkDraft>,
    /// `phoneCountries`.
    pub phone_countries: Option<Vec<String>>,
    /// `codes`.
    pub codes: CodeDraft,
    /// `risk`.
    pub risk: RiskDraft,
    /// `temporaryAccessMaxSeconds`.
    pub temporary_access_max_seconds: Option<i32>,
}

/// `AudiencePolicyInput`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AudienceDraft {
    /// `allowedChannels`; must name at least one.
    pub allowed_channels: Vec<Channel>,
    /// `enrollmentOpensAt`, RFC 3339.
    pub enrollment_opens_at: Option<String>,
    /// `mandatoryFrom`, RFC 3339. Left out: at once. Null: it stays optional.
    pub mandatory_from: Given<String>,
    /// `maxSkips`.
    pub max_skips: Option<i32>,
    /// `gracePeriodSeconds`.
    pub grace_period_seconds: Option<i32>,
    /// `defaultLevel`.
    pub default_level: Option<SecurityLevel>,
    /// `minimumLevel`.
    pub minimum_level: Option<SecurityLevel>,
    /// `userMayChooseLevel`.
    pub user_may_choose_level: Option<bool>,
    /// `adaptiveFrom`, RFC 3339.
    pub adaptive_from: Option<String>,
    /// `trustedDeviceSeconds`.
    pub trusted_device_seconds: Option<i32>,
}

/// `AllowedNetworkInput`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AllowedNetworkDraft {
    /// `cidr`.
    pub cidr: String,
    /// `label`.
    pub label: String,
    /// `expiresAt`, RFC 3339.
    pub expires_at: Option<String>,
}

/// `CodePolicyInput`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CodeDraft {
    /// `digits`.
    pub digits: Option<i32>,
    /// `ttlSeconds`.
    pub ttl_seconds: Option<i32>,
    /// `maxAttempts`.
    pub max_attempts: Option<i32>,
    /// `resendAfterSeconds`.
    pub resend_after_seconds: Option<i32>,
}

/// `RiskPolicyInput`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RiskDraft {
    /// `challengeThreshold`.
    pub challenge_threshold: Option<i32>,
    /// `denyThreshold`.
    pub deny_threshold: Option<i32>,
    /// `maxTravelSpeedKmh`.
    pub max_travel_speed_kmh: Option<i32>,
}

/// What publishing depends on besides the draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishContext {
    /// Now, on the tenant's clock.
    pub now: Timestamp,
    /// When it is to take effect; `None`: now.
    pub effective_at: Option<Timestamp>,
    /// Whether the tenant is a SANDBOX.
    pub sandbox: bool,
}

impl PublishContext {
    /// The instant at which the version takes effect: what *at once* means in a policy.
    #[must_use]
    pub fn takes_effect_at(&self) -> Timestamp {
        self.effective_at.unwrap_or(self.now)
    }
}
