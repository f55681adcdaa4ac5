//! Rows 10 to 17: users who have enrolled.

use core_policy::DecisionReason as Reason;
use core_policy::LoginOutcome::{Allow, Challenge, Deny};
use core_policy::*;

use super::{Case, case, in_office, optional};
use crate::common::*;

#[test]
fn row_10_a_disabled_factor_is_no_way_to_enroll_another() {
    let mut case = case();
    case.user.factors = vec![factor(FactorKind::PhonePrimary, FactorStatus::Disabled)];
    case.gives(Deny, &[Reason::NoUsableFactor]);
    case.login = step_up();
    case.gives(Deny, &[Reason::NoUsableFactor]);
    case.login = by_link();
    case.gives(Deny, &[Reason::NoUsableFactor]);
}

#[test]
fn row_10_a_factor_on_a_channel_that_is_off_is_of_no_use() {
    let mut case = case();
    case.policy.external.allowed_channels = vec![Channel::Totp];
    case.gives(Deny, &[Reason::NoUsableFactor]);
    case.policy.external.allowed_channels = vec![Channel::Voice];
    case.gives(Allow, &[Reason::LowRisk]);
    case.policy.external.allowed_channels = vec![Channel::Sms];
    case.user.factors[0].line = Some(PhoneLine::Landline);
    case.gives(Deny, &[Reason::NoUsableFactor]);
}

#[test]
fn row_10_backup_and_temporary_codes_help() {
    let mut case = case();
    case.user.factors = vec![factor(FactorKind::PhonePrimary, FactorStatus::Disabled)];
    case.user.backup_codes_remaining = true;
    case.gives(Allow, &[Reason::LowRisk]);
    case.user.factors.push(factor(FactorKind::BackupCodes, FactorStatus::Disabled));
    case.gives(Deny, &[Reason::NoUsableFactor]);
    case.user.temporary_access_outstanding = true;
    case.gives(Allow, &[Reason::LowRisk]);
}

#[test]
fn row_10_mail_after_a_link_is_no_second_factor() {
    let mut case = Case { login: by_link(), ..case() };
    case.policy.external.allowed_channels = vec![Channel::Email, Channel::Sms];
    case.user.factors = vec![active(FactorKind::Email)];
    case.gives(Deny, &[Reason::NoUsableFactor]);
    case.user.factors.push(active(FactorKind::PhoneRecovery));
    case.gives(Challenge, &[Reason::OneTimeLink]);
}

#[test]
fn row_11_links_and_step_ups_always_ask_the_enrolled() {
    let mut case = Case { login: by_link(), ..case() };
    case.user.trusted_device = true;
    case.gives(Challenge, &[Reason::OneTimeLink]);
    case.login.purpose = LoginPurpose::StepUp;
    case.gives(Challenge, &[Reason::OneTimeLink]);
    case.login = step_up();
    case.gives(Challenge, &[Reason::StepUp]);
    case.user.opted_out = true;
    case.gives(Challenge, &[Reason::StepUp]);
}

#[test]
fn row_12_an_opt_out_ends_on_the_date() {
    let mut case = Case { user: UserFacts { opted_out: true, ..enrolled() }, now: at(999), ..optional() };
    case.gives(Allow, &[Reason::OptedOut]);
    case.now = at(1_000);
    case.gives(Challenge, &[Reason::OptOutEnded]);
    case.user.chosen_level = Some(SecurityLevel::High);
    case.gives(Challenge, &[Reason::OptOutEnded]);
}

#[test]
fn row_13_high_always_asks() {
    let edits: [fn(&mut Case); 4] = [
        |case| case.user.chosen_level = Some(SecurityLevel::High),
        |case| case.user.advisor_level = Some(SecurityLevel::High),
        |case| case.policy.external.default_level = SecurityLevel::High,
        |case| case.policy.external.minimum_level = SecurityLevel::High,
    ];
    for edit in edits {
        let mut case = case();
        case.user.trusted_device = true;
        edit(&mut case);
        assert_eq!(case.gives(Challenge, &[Reason::HighLevel]).level, SecurityLevel::High);
        case.risk = None;
        case.policy.external.adaptive_from = Some(at(1));
        case.gives(Challenge, &[Reason::HighLevel]);
    }
}

#[test]
fn row_14_standard_asks_until_it_adapts_and_while_the_risk_is_unknown() {
    let mut case = case();
    case.user.trusted_device = true;
    case.policy.external.adaptive_from = Some(at(1));
    assert_eq!(case.gives(Challenge, &[Reason::AdaptiveNotStarted]).level, SecurityLevel::Standard);
    case.risk = score(99);
    case.gives(Challenge, &[Reason::AdaptiveNotStarted]);
    case.policy.external.adaptive_from = None;
    case.risk = None;
    case.gives(Challenge, &[Reason::AdaptiveNotStarted]);
}

#[test]
fn row_15_asks_from_the_threshold_on_trusted_device_or_not() {
    let mut case = case();
    case.policy.external.adaptive_from = Some(at(0));
    case.user.trusted_device = true;
    case.risk = score(50);
    case.gives(Challenge, &[Reason::RiskDetected]);
    case.risk = score(49);
    case.gives(Allow, &[Reason::TrustedDevice]);
}

#[test]
fn row_16_a_trusted_device_is_the_reason_rather_than_low_risk() {
    let mut case = case();
    case.user.trusted_device = true;
    case.gives(Allow, &[Reason::TrustedDevice]);
}

#[test]
fn row_17_an_ordinary_login_passes() {
    assert_eq!(case().gives(Allow, &[Reason::LowRisk]).level, SecurityLevel::Standard);
}

#[test]
fn the_table_follows_the_rules_of_the_users_own_audience() {
    let mut case = in_office();
    case.login = sign_in();
    case.policy.external.minimum_level = SecurityLevel::High;
    case.gives(Allow, &[Reason::LowRisk]);
    case.policy.internal.minimum_level = SecurityLevel::High;
    case.gives(Challenge, &[Reason::HighLevel]);
}
