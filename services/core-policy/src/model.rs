//! The policy as it is stored.
//!
//! Policies are kept as JSON for as long as the logins they decided. A field that an old document
//! lacks therefore takes the value of a new tenant's policy, and where there is a choice the
//! stricter one: no network, no trusted device, mandatory since ever. A document that cannot be read
//! at all is an error, and nobody is let in by it.

use chrono::DateTime;
use core_kernel::Timestamp;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::{Channel, SecurityLevel, UserKind};

/// A day, in seconds.
pub(crate) const DAY: u32 = 86_400;

/// A tenant's rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// Rules for the tenant's own people.
    pub internal: AudiencePolicy,
    /// Rules for clients and counterparties.
    pub external: AudiencePolicy,
    /// Networks from which INTERNAL users need no second factor.
    pub allowed_networks: Vec<AllowedNetwork>,
    /// ISO 3166-1 alpha-2 codes of the countries whose numbers may be enrolled and sent to.
    pub phone_countries: Vec<String>,
    /// Rules for codes that are sent.
    pub codes: CodePolicy,
    /// What to make of a risk score.
    pub risk: RiskPolicy,
    /// The longest life of a temporary access code, in seconds.
    pub temporary_access_max_seconds: u32,
}

/// Rules for one audience. The rollout has three phases: closed, optional, mandatory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AudiencePolicy {
    /// In order of preference, without repetition.
    pub allowed_channels: Vec<Channel>,
    /// Before it nobody is asked to enroll; `None`: it is open.
    pub enrollment_opens_at: Option<Timestamp>,
    /// From then on enrollment cannot be skipped; `None`: it stays optional. *At once* is stored as
    /// the instant at which the version took effect, so that "first seen later" keeps its meaning.
    #[serde(default = "since_ever")]
    pub mandatory_from: Option<Timestamp>,
    /// How often enrollment may be skipped while it is optional; `None`: no limit.
    pub max_skips: Option<u32>,
    /// How long a user first seen after `mandatory_from` may still skip, in seconds.
    pub grace_period_seconds: u32,
    /// The level of a user who has not chosen.
    pub default_level: SecurityLevel,
    /// The level below which nobody goes.
    pub minimum_level: SecurityLevel,
    /// Whether a user's own choice counts.
    pub user_may_choose_level: bool,
    /// Until then STANDARD behaves like HIGH; `None`: adaptive from the start.
    pub adaptive_from: Option<Timestamp>,
    /// How long a device is trusted after a proof, in seconds; 0: never.
    pub trusted_device_seconds: u32,
}

/// A network from which INTERNAL users need no second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowedNetwork {
    /// Host bits are zero; never a private or shared range.
    pub cidr: IpNet,
    /// What people call it.
    pub label: String,
    /// From then on it lets nobody in; `None`: it stays.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// Rules for codes that are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CodePolicy {
    /// 6 to 8 (NIST SP 800-63B-4: at least 6).
    pub digits: u32,
    /// 60 to 600 (NIST SP 800-63B-4: at most 10 minutes).
    pub ttl_seconds: u32,
    /// Wrong codes compared per login, 3 to 5.
    pub max_attempts: u32,
    /// Before the same code goes out again, 15 to 300; in a SANDBOX also 0.
    pub resend_after_seconds: u32,
}

/// What to make of a risk score, which runs from 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RiskPolicy {
    /// From this score on STANDARD asks for a factor, 1 to 100.
    pub challenge_threshold: u32,
    /// From this score on a login is denied, above `challenge_threshold`; `None`: never.
    pub deny_threshold: Option<u32>,
    /// Faster travel between two logins is impossible, km/h, 300 to 2,000.
    pub max_travel_speed_kmh: u32,
}

#[expect(clippy::unnecessary_wraps, reason = "serde asks for the field's own type")]
fn since_ever() -> Option<Timestamp> {
    Some(DateTime::UNIX_EPOCH)
}

impl Policy {
    /// The policy of a new tenant (version 1), mandatory from `now` on; also the default of every
    /// field that an administrator leaves out.
    #[must_use]
    pub fn new_tenant(now: Timestamp) -> Self {
        Self {
            internal: AudiencePolicy::new_tenant(UserKind::Internal, now),
            external: AudiencePolicy::new_tenant(UserKind::External, now),
            allowed_networks: Vec::new(),
            phone_countries: vec!["US".to_owned()],
            codes: CodePolicy::default(),
            risk: RiskPolicy::default(),
            temporary_access_max_seconds: 8 * 3_600,
        }
    }

    /// The rules for one audience.
    #[must_use]
    pub const fn audience(&self, kind: UserKind) -> &AudiencePolicy {
        match kind {
            UserKind::Internal => &self.internal,
            UserKind::External => &self.external,
        }
    }
}

impl AudiencePolicy {
    /// One audience of [`Policy::new_tenant`].
    #[must_use]
    pub fn new_tenant(kind: UserKind, now: Timestamp) -> Self {
        Self {
            allowed_channels: vec![Channel::Sms, Channel::Voice, Channel::Totp, Channel::Passkey],
            enrollment_opens_at: None,
            mandatory_from: Some(now),
            max_skips: None,
            grace_period_seconds: 0,
            default_level: SecurityLevel::Standard,
            minimum_level: SecurityLevel::Standard,
            user_may_choose_level: true,
            adaptive_from: None,
            trusted_device_seconds: match kind {
                UserKind::Internal => 30 * DAY,
                UserKind::External => 0,
            },
        }
    }
}

impl Default for Policy {
    /// [`Policy::new_tenant`], mandatory since ever: what an incomplete document is filled up from.
    fn default() -> Self {
        Self::new_tenant(DateTime::UNIX_EPOCH)
    }
}

impl Default for AudiencePolicy {
    /// The stricter audience's, mandatory since ever.
    fn default() -> Self {
        Self::new_tenant(UserKind::External, DateTime::UNIX_EPOCH)
    }
}

impl Default for CodePolicy {
    fn default() -> Self {
        Self { digits: 6, ttl_seconds: 300, max_attempts: 5, resend_after_seconds: 30 }
    }
}

impl Default for RiskPolicy {
    fn default() -> Self {
        Self { challenge_threshold: 50, deny_threshold: None, max_travel_speed_kmh: 900 }
    }
}
