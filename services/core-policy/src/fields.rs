//! The fields of a policy by name, spelled as paths into `PolicyInput`.
//!
//! To add a field to the policy is to add a line here too: a test compares this table with the model,
//! since a field that cannot be named could not be locked.

use crate::{Policy, SecurityLevel};

/// One field of a policy.
#[derive(Clone, Copy)]
pub struct PolicyField {
    path: &'static str,
    same: fn(&Policy, &Policy) -> bool,
    copy: fn(&Policy, &mut Policy),
}

macro_rules! fields {
    ($($path:literal = $($place:ident).+ $(as $unordered:ident)?;)*) => {
        /// Every field, in the order of `PolicyInput`.
        pub static POLICY_FIELDS: &[PolicyField] = &[$(
            PolicyField {
                path: $path,
                same: |one, other| fields!(@same one.$($place).+, other.$($place).+ $(, $unordered)?),
                copy: |from, to| to.$($place).+ = from.$($place).+.clone(),
            },
        )*];
    };
    (@same $one:expr, $other:expr) => { $one == $other };
    (@same $one:expr, $other:expr, set) => { same_set(&$one, &$other) };
}

fields! {
    "internal.allowedChannels" = internal.allowed_channels;
    "internal.enrollmentOpensAt" = internal.enrollment_opens_at;
    "internal.mandatoryFrom" = internal.mandatory_from;
    "internal.maxSkips" = internal.max_skips;
    "internal.gracePeriodSeconds" = internal.grace_period_seconds;
    "internal.defaultLevel" = internal.default_level;
    "internal.minimumLevel" = internal.minimum_level;
    "internal.userMayChooseLevel" = internal.user_may_choose_level;
    "internal.adaptiveFrom" = internal.adaptive_from;
    "internal.trustedDeviceSeconds" = internal.trusted_device_seconds;
    "external.allowedChannels" = external.allowed_channels;
    "external.enrollmentOpensAt" = external.enrollment_opens_at;
    "external.mandatoryFrom" = external.mandatory_from;
    "external.maxSkips" = external.max_skips;
    "external.gracePeriodSeconds" = external.grace_period_seconds;
    "external.defaultLevel" = external.default_level;
    "external.minimumLevel" = external.minimum_level;
    "external.userMayChooseLevel" = external.user_may_choose_level;
    "external.adaptiveFrom" = external.adaptive_from;
    "external.trustedDeviceSeconds" = external.trusted_device_seconds;
    "allowedNetworks" = allowed_networks as set;
    "phoneCountries" = phone_countries as set;
    "codes.digits" = codes.digits;
    "codes.ttlSeconds" = codes.ttl_seconds;
    "codes.maxAttempts" = codes.max_attempts;
    "codes.resendAfterSeconds" = codes.resend_after_seconds;
    "risk.challengeThreshold" = risk.challenge_threshold;
    "risk.denyThreshold" = risk.deny_threshold;
    "risk.maxTravelSpeedKmh" = risk.max_travel_speed_kmh;
    "temporaryAccessMaxSeconds" = temporary_access_max_seconds;
}

/// Fields that must fit each other, and when they do not.
pub(crate) struct Pair {
    pub(crate) fields: [&'static str; 2],
    pub(crate) clash: fn(&Policy) -> bool,
}

/// What the publishing checks compare across fields.
pub(crate) const PAIRS: [Pair; 5] = [
    Pair {
        fields: ["internal.defaultLevel", "internal.minimumLevel"],
        clash: |policy| level_clash(policy.internal.default_level, policy.internal.minimum_level),
    },
    Pair {
        fields: ["external.defaultLevel", "external.minimumLevel"],
        clash: |policy| level_clash(policy.external.default_level, policy.external.minimum_level),
    },
    Pair {
        fields: ["internal.enrollmentOpensAt", "internal.mandatoryFrom"],
        clash: |policy| late(policy.internal.enrollment_opens_at.zip(policy.internal.mandatory_from)),
    },
    Pair {
        fields: ["external.enrollmentOpensAt", "external.mandatoryFrom"],
        clash: |policy| late(policy.external.enrollment_opens_at.zip(policy.external.mandatory_from)),
    },
    Pair {
        fields: ["risk.challengeThreshold", "risk.denyThreshold"],
        clash: |policy| policy.risk.deny_threshold.is_some_and(|deny| deny <= policy.risk.challenge_threshold),
    },
];

fn level_clash(default: SecurityLevel, minimum: SecurityLevel) -> bool {
    minimum > default
}

fn late(opens_and_mandatory: Option<(core_kernel::Timestamp, core_kernel::Timestamp)>) -> bool {
    opens_and_mandatory.is_some_and(|(opens, mandatory)| opens > mandatory)
}

/// Lists in which the order says nothing, nor that an entry stands there twice.
fn same_set<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    one.iter().all(|value| other.contains(value)) && other.iter().all(|value| one.contains(value))
}

impl PolicyField {
    /// The field of exactly this path; `None` for any other spelling.
    #[must_use]
    pub fn at(path: &str) -> Option<Self> {
        POLICY_FIELDS.iter().copied().find(|field| field.path == path)
    }

    /// The fields at or below a path: `external` is ten of them. Empty for any other spelling.
    #[must_use]
    pub fn at_or_below(path: &str) -> Vec<Self> {
        let below = |field: &&Self| field.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
        POLICY_FIELDS.iter().filter(|field| field.path == path || below(field)).copied().collect()
    }

    /// Its path into `PolicyInput`.
    #[must_use]
    pub const fn path(self) -> &'static str {
        self.path
    }

    /// Whether two policies say different things here.
    #[must_use]
    pub fn differs(self, one: &Policy, other: &Policy) -> bool {
        !(self.same)(one, other)
    }

    pub(crate) fn copy(self, from: &Policy, to: &mut Policy) {
        (self.copy)(from, to);
    }
}

impl PartialEq for PolicyField {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

impl Eq for PolicyField {}

impl std::fmt::Debug for PolicyField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.path)
    }
}
