//! Dates, graces, skips and opt-outs of one user, to the second.

use crate::common::*;
use core_policy::*;

/// Mandatory from `at(0)`, with 100 s of grace.
fn audience() -> AudiencePolicy {
    AudiencePolicy { mandatory_from: Some(at(0)), grace_period_seconds: 100, ..policy().external }
}

fn first_seen(seconds: i64) -> UserFacts {
    UserFacts { first_login_at: Some(at(seconds)), ..newcomer() }
}

#[test]
fn a_user_seen_before_the_date_has_no_grace() {
    for seconds in [-1, 0] {
        let user = first_seen(seconds);
        assert!(!mandatory_for(&audience(), &user, at(-1)));
        assert!(mandatory_for(&audience(), &user, at(0)));
        assert!(mandatory_for(&audience(), &user, at(50)));
    }
}

#[test]
fn a_user_first_seen_later_has_the_grace_from_that_first_login() {
    let user = first_seen(10);
    assert!(!mandatory_for(&audience(), &user, at(10)));
    assert!(!mandatory_for(&audience(), &user, at(109)));
    assert!(mandatory_for(&audience(), &user, at(110)));
}

#[test]
fn the_first_login_of_all_is_within_the_grace_if_there_is_one() {
    let user = UserFacts { first_login_at: None, ..newcomer() };
    assert!(!mandatory_for(&audience(), &user, at(5_000)));
    assert!(mandatory_for(&audience(), &user, at(0)), "not later than the date");
    let graceless = AudiencePolicy { grace_period_seconds: 0, ..audience() };
    assert!(mandatory_for(&graceless, &user, at(5_000)));
}

#[test]
fn skips_run_out_within_the_grace_too() {
    let audience = AudiencePolicy { max_skips: Some(1), ..audience() };
    let user = first_seen(10);
    assert!(!mandatory_for(&audience, &user, at(20)));
    assert!(mandatory_for(&audience, &UserFacts { skips_used: 1, ..user }, at(20)));
}

#[test]
fn enrollment_is_required_from_the_date_the_end_of_grace_or_now() {
    let from = |audience: &AudiencePolicy, first: Option<i64>, skips| {
        enrollment_required_from(audience, first.map(at), skips, at(500))
    };
    let with_grace = audience();
    assert_eq!(from(&with_grace, Some(-5), 0), Some(at(0)));
    assert_eq!(from(&with_grace, Some(5), 0), Some(at(105)));
    assert_eq!(from(&with_grace, None, 0), Some(at(600)));
    let graceless = AudiencePolicy { grace_period_seconds: 0, ..audience() };
    assert_eq!(from(&graceless, None, 0), Some(at(0)));
    let undated = AudiencePolicy { mandatory_from: None, max_skips: Some(2), ..audience() };
    assert_eq!(from(&undated, None, 1), None);
    assert_eq!(from(&undated, None, 2), Some(at(500)));
    let later = AudiencePolicy { mandatory_from: Some(at(900)), max_skips: Some(2), ..audience() };
    assert_eq!(from(&later, None, 0), Some(at(900)));
    assert_eq!(from(&later, None, 2), Some(at(500)));
}

#[test]
fn skipping_is_decided_by_the_clock_at_the_skip() {
    let user = first_seen(-5);
    let skip = |user: &UserFacts, seconds| may_skip(&audience(), user, FirstFactor::Password, at(seconds));
    assert!(skip(&user, -1), "offered and skipped before the date");
    assert!(!skip(&user, 0), "offered before, skipped after it");
    assert!(!may_skip(&audience(), &user, FirstFactor::OneTimeLink, at(-1)));
    for status in [FactorStatus::Active, FactorStatus::Disabled] {
        let user = UserFacts { factors: vec![factor(FactorKind::Totp, status)], ..user.clone() };
        assert!(!skip(&user, -1));
    }
}

#[test]
fn opting_out_is_refused_once_mandatory_and_at_high() {
    use SecurityLevel::High;
    let user = enrolled();
    assert!(may_opt_out(&audience(), &user, at(-1)));
    assert!(!may_opt_out(&audience(), &user, at(0)));
    assert!(!may_opt_out(&audience(), &UserFacts { advisor_level: Some(High), ..user.clone() }, at(-1)));
    let minimum = AudiencePolicy { minimum_level: High, default_level: High, ..audience() };
    assert!(!may_opt_out(&minimum, &user, at(-1)));
    let default = AudiencePolicy { default_level: High, ..audience() };
    assert!(may_opt_out(&default, &UserFacts { chosen_level: Some(High), ..user }, at(-1)));
}

#[test]
fn a_grace_beyond_the_end_of_time_does_not_overflow() {
    let audience = AudiencePolicy { grace_period_seconds: u32::MAX, ..audience() };
    let user = UserFacts { first_login_at: Some(chrono::DateTime::<chrono::Utc>::MAX_UTC), ..newcomer() };
    assert!(!mandatory_for(&audience, &user, at(0)));
}
