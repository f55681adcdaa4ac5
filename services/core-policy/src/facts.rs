//! What a decision is made from, and the decision. Facts are values that the caller has read; what
//! is not here cannot influence who gets in.
//!
//! The facts about a user are kept with each login, as JSON that leaves out what is usual, so that a
//! decision can be made again years later: a field that an old record lacks had its usual value.

use std::net::IpAddr;

use core_kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Channel, DecisionReason, FactorKind, FactorStatus, FirstFactor, LoginOutcome, LoginPurpose, PhoneLine,
    SecurityLevel, UserKind,
};

/// How long a user is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lock {
    /// Over at this instant.
    Until(Timestamp),
    /// Until somebody unlocks it.
    Indefinite,
}

impl Lock {
    /// Whether it has not run out.
    #[must_use]
    pub fn holds(self, now: Timestamp) -> bool {
        match self {
            Self::Until(end) => now < end,
            Self::Indefinite => true,
        }
    }
}

/// One factor of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorFacts {
    /// What it is.
    pub kind: FactorKind,
    /// Where it stands.
    pub status: FactorStatus,
    /// A phone's line; a phone whose line is unknown is only called. `None` for what is no phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<PhoneLine>,
}

/// What is known of the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserFacts {
    /// Whose people.
    pub kind: UserKind,
    /// Switched off by the tenant.
    #[serde(default, skip_serializing_if = "is_false")]
    pub disabled: bool,
    /// Locked, perhaps not any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<Lock>,
    /// Every factor, PENDING ones and backup codes included, in the order in which they are offered
    /// where nothing else tells them apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<FactorFacts>,
    /// Whether a backup code is left.
    #[serde(default, skip_serializing_if = "is_false")]
    pub backup_codes_remaining: bool,
    /// Whether a temporary access code would complete this login.
    #[serde(default, skip_serializing_if = "is_false")]
    pub temporary_access_outstanding: bool,
    /// Whether the user turned it off.
    #[serde(default, skip_serializing_if = "is_false")]
    pub opted_out: bool,
    /// When the user's first login was asked about; `None`: this is the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_login_at: Option<Timestamp>,
    /// How often enrollment was skipped.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skips_used: u32,
    /// The user's own choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen_level: Option<SecurityLevel>,
    /// The advisor's choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advisor_level: Option<SecurityLevel>,
    /// Whether the login comes from a device that is trusted and has not run out.
    #[serde(default, skip_serializing_if = "is_false")]
    pub trusted_device: bool,
}

const fn is_false(flag: &bool) -> bool {
    !*flag
}

const fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl UserFacts {
    /// A user of whom nothing is known but the kind.
    #[must_use]
    pub const fn new(kind: UserKind) -> Self {
        Self {
            kind,
            disabled: false,
            lock: None,
            factors: Vec::new(),
            backup_codes_remaining: false,
            temporary_access_outstanding: false,
            opted_out: false,
            first_login_at: None,
            skips_used: 0,
            chosen_level: None,
            advisor_level: None,
            trusted_device: false,
        }
    }

    /// Whether the user has enrolled: a phone, mailbox, app or passkey that is ACTIVE or DISABLED. A
    /// DISABLED one counts, or guessing wrong codes would be a way to enroll another's phone.
    #[must_use]
    pub fn has_factor(&self) -> bool {
        self.factors.iter().any(|factor| factor.kind.counts_as_enrolled() && factor.status != FactorStatus::Pending)
    }
}

/// What is known of the login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginFacts {
    /// Whether billing or the operator stopped the tenant.
    pub tenant_suspended: bool,
    /// What it is for.
    pub purpose: LoginPurpose,
    /// What was accepted before.
    pub first_factor: FirstFactor,
    /// Where it comes from; `None`: unknown, which is in no network.
    pub ip: Option<IpAddr>,
}

/// How unusual a login is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Risk {
    /// 0 to 100; what it means is the policy's to say.
    pub score: u32,
}

/// What a user without a factor is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrollmentOffer {
    /// Whether it may be put off.
    pub skippable: bool,
    /// How often it may still be put off; `None`: no limit but the deadline.
    pub skips_remaining: Option<u32>,
    /// When putting it off ends; `None` while there is no date.
    pub deadline: Option<Timestamp>,
    /// What may be enrolled, the preferred first.
    pub channels: Vec<Channel>,
}

/// What the policy decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// In, out, or what is to be done first.
    pub outcome: LoginOutcome,
    /// Those of the row that won, and no others.
    pub reasons: Vec<DecisionReason>,
    /// The level in force for the user.
    pub level: SecurityLevel,
    /// With ENROLL, and only then.
    pub enrollment: Option<EnrollmentOffer>,
    /// Whether completing the login ends the user's opt-out.
    pub ends_opt_out: bool,
}
