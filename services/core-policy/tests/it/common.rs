//! Facts to start from, and strategies that cover the whole space of them.

use chrono::{DateTime, TimeDelta};
use core_kernel::Timestamp;
use core_policy::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// An address within `OFFICE`.
pub const OFFICE_IP: &str = "203.0.113.7";
pub const OFFICE: &str = "203.0.113.0/24";

/// A fixed instant, `seconds` away from noon of a day.
pub fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(1_790_000_000, 0).expect("an instant") + TimeDelta::seconds(seconds)
}

/// Mandatory since long before `at(0)`, adaptive, with an office network.
pub fn policy() -> Policy {
    let mut policy = Policy::new_tenant(at(-1_000_000));
    policy.allowed_networks.push(network(OFFICE, None));
    policy
}

pub fn network(cidr: &str, expires_at: Option<Timestamp>) -> AllowedNetwork {
    AllowedNetwork { cidr: cidr.parse().expect("a network"), label: "Office".to_owned(), expires_at }
}

pub fn factor(kind: FactorKind, status: FactorStatus) -> FactorFacts {
    FactorFacts { kind, status, line: kind.phone_role().map(|_| PhoneLine::Mobile) }
}

pub fn active(kind: FactorKind) -> FactorFacts {
    factor(kind, FactorStatus::Active)
}

/// A client with an ACTIVE mobile, seen before.
pub fn enrolled() -> UserFacts {
    UserFacts { factors: vec![active(FactorKind::PhonePrimary)], ..newcomer() }
}

/// A client without a factor, first seen before it became mandatory.
pub fn newcomer() -> UserFacts {
    UserFacts { first_login_at: Some(at(-2_000_000)), ..UserFacts::new(UserKind::External) }
}

pub fn sign_in() -> LoginFacts {
    LoginFacts {
        tenant_suspended: false,
        purpose: LoginPurpose::SignIn,
        first_factor: FirstFactor::Password,
        ip: parse_ip("198.51.100.1"),
    }
}

pub fn by_link() -> LoginFacts {
    LoginFacts { first_factor: FirstFactor::OneTimeLink, ..sign_in() }
}

pub fn step_up() -> LoginFacts {
    LoginFacts { purpose: LoginPurpose::StepUp, ..sign_in() }
}

pub fn score(score: u32) -> Option<Risk> {
    Some(Risk { score })
}

// Instants lie close together and on few values, so that equal ones meet.
pub fn instant() -> impl Strategy<Value = Timestamp> {
    (-6_i64..=6).prop_map(|steps| at(steps * 100))
}

pub fn level() -> impl Strategy<Value = SecurityLevel> {
    select(SecurityLevel::ALL)
}

/// Channels as a published policy has them: at least one, none twice, in any order.
pub fn channels() -> impl Strategy<Value = Vec<Channel>> {
    subsequence(Channel::ALL.to_vec(), 1..=Channel::ALL.len()).prop_shuffle()
}

prop_compose! {
    pub fn audience()(
        allowed_channels in channels(),
        enrollment_opens_at in option::of(instant()),
        mandatory_from in option::of(instant()),
        max_skips in option::of(0_u32..4),
        grace_period_seconds in select(vec![0_u32, 100, 250]),
        (default_level, minimum_level, user_may_choose_level) in (level(), level(), any::<bool>()),
        adaptive_from in option::of(instant()),
        trusted_device_seconds in 0_u32..7_776_000,
    ) -> AudiencePolicy {
        AudiencePolicy {
            allowed_channels, enrollment_opens_at, mandatory_from, max_skips, grace_period_seconds,
            default_level, minimum_level, user_may_choose_level, adaptive_from, trusted_device_seconds,
        }
    }
}

pub fn any_network() -> impl Strategy<Value = AllowedNetwork> {
    let cidrs = select(vec![OFFICE, "198.51.100.1/32", "8.0.0.0/8", "2001:db8::/32"]);
    (cidrs, option::of(instant())).prop_map(|(cidr, expires_at)| network(cidr, expires_at))
}

prop_compose! {
    pub fn any_policy()(
        (internal, external) in (audience(), audience()),
        allowed_networks in vec(any_network(), 0..3),
        phone_countries in subsequence(COUNTRIES.to_vec(), 1..5),
        (digits, ttl_seconds, max_attempts, resend_after_seconds) in (6_u32..=8, 60_u32..=600, 3_u32..=5, 0_u32..=300),
        (challenge_threshold, deny_threshold) in (1_u32..100, option::of(2_u32..=100)),
        max_travel_speed_kmh in 300_u32..=2_000,
        temporary_access_max_seconds in 600_u32..=86_400,
    ) -> Policy {
        Policy {
            internal, external, allowed_networks, temporary_access_max_seconds,
            phone_countries: phone_countries.into_iter().map(str::to_owned).collect(),
            codes: CodePolicy { digits, ttl_seconds, max_attempts, resend_after_seconds },
            risk: RiskPolicy { challenge_threshold, deny_threshold, max_travel_speed_kmh },
        }
    }
}

pub fn any_factor() -> impl Strategy<Value = FactorFacts> {
    (select(FactorKind::ALL), select(FactorStatus::ALL), select(PhoneLine::ALL))
        .prop_map(|(kind, status, line)| FactorFacts { kind, status, line: kind.phone_role().map(|_| line) })
}

pub fn any_lock() -> impl Strategy<Value = Lock> {
    prop_oneof![Just(Lock::Indefinite), instant().prop_map(Lock::Until)]
}

prop_compose! {
    /// Mostly neither locked nor disabled, so that the later rows are reached.
    pub fn any_user()(
        kind in select(UserKind::ALL),
        disabled in proptest::bool::weighted(0.05),
        lock in option::weighted(0.1, any_lock()),
        factors in vec(any_factor(), 0..5),
        (backup_codes_remaining, temporary_access_outstanding) in (any::<bool>(), any::<bool>()),
        (opted_out, trusted_device) in (any::<bool>(), any::<bool>()),
        first_login_at in option::of(instant()),
        skips_used in 0_u32..5,
        (chosen_level, advisor_level) in (option::of(level()), option::of(level())),
    ) -> UserFacts {
        UserFacts {
            kind, disabled, lock, factors, backup_codes_remaining, temporary_access_outstanding, opted_out,
            first_login_at, skips_used, chosen_level, advisor_level, trusted_device,
        }
    }
}

prop_compose! {
    pub fn any_login()(
        tenant_suspended in proptest::bool::weighted(0.05),
        purpose in select(LoginPurpose::ALL),
        first_factor in select(FirstFactor::ALL),
        ip in option::of(select(vec![OFFICE_IP, "198.51.100.1", "192.0.2.1", "2001:db8::7", "::ffff:203.0.113.9"])),
    ) -> LoginFacts {
        // Mapped addresses reach the decision unparsed here, so that it must not rely on its caller.
        LoginFacts { tenant_suspended, purpose, first_factor, ip: ip.map(|text| text.parse().expect("an address")) }
    }
}

pub fn any_risk() -> impl Strategy<Value = Option<Risk>> {
    option::of((0_u32..=100).prop_map(|score| Risk { score }))
}
