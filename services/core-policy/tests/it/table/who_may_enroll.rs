//! Rows 1 to 9: who is kept out, who is let in unasked, and who enrolls.

use core_policy::DecisionReason as Reason;
use core_policy::LoginOutcome::{Allow, Challenge, Deny, Enroll};
use core_policy::*;

use super::{Case, case, in_office, optional};
use crate::common::*;

#[test]
fn row_1_a_suspended_tenant_lets_nobody_in() {
    let mut case = in_office();
    case.login.tenant_suspended = true;
    case.gives(Deny, &[Reason::TenantSuspended]);
    case.user.disabled = true;
    case.gives(Deny, &[Reason::TenantSuspended]);
}

#[test]
fn row_2_a_disabled_user_stays_out() {
    let mut case = in_office();
    case.user.disabled = true;
    case.gives(Deny, &[Reason::UserDisabled]);
    case.user.lock = Some(Lock::Indefinite);
    case.gives(Deny, &[Reason::UserDisabled]);
}

#[test]
fn row_2_a_lock_holds_until_it_has_run_out() {
    let mut case = in_office();
    for lock in [Lock::Indefinite, Lock::Until(at(1))] {
        case.user.lock = Some(lock);
        case.gives(Deny, &[Reason::UserLocked]);
    }
    case.user.lock = Some(Lock::Until(at(0)));
    case.gives(Allow, &[Reason::AllowedNetwork]);
}

#[test]
fn row_3_staff_in_an_allowed_network_pass_with_password_or_sso() {
    let mut case = in_office();
    for first_factor in [FirstFactor::Password, FirstFactor::Sso] {
        case.login.first_factor = first_factor;
        case.gives(Allow, &[Reason::AllowedNetwork]);
    }
    case.user.factors.clear();
    case.gives(Allow, &[Reason::AllowedNetwork]);
    case.login.ip = Some("::ffff:203.0.113.7".parse().unwrap());
    case.gives(Allow, &[Reason::AllowedNetwork]);
}

#[test]
fn row_3_wins_over_risk() {
    let mut case = Case { risk: score(100), ..in_office() };
    case.policy.risk.deny_threshold = Some(90);
    case.gives(Allow, &[Reason::AllowedNetwork]);
}

#[test]
fn row_3_is_for_nobody_and_nothing_else() {
    let edits: [fn(&mut Case); 6] = [
        |case| case.user.kind = UserKind::External,
        |case| case.login.purpose = LoginPurpose::StepUp,
        |case| case.login.first_factor = FirstFactor::OneTimeLink,
        |case| case.login.ip = parse_ip("203.0.114.7"),
        |case| case.login.ip = None,
        |case| case.policy.allowed_networks[0].expires_at = Some(case.now),
    ];
    for (index, edit) in edits.iter().enumerate() {
        let mut case = Case { risk: None, ..in_office() };
        edit(&mut case);
        assert_eq!(case.decide().outcome, Challenge, "edit {index}");
    }
}

#[test]
fn row_3_any_unexpired_entry_is_enough() {
    let mut case = in_office();
    case.policy.allowed_networks[0].expires_at = Some(at(1));
    case.gives(Allow, &[Reason::AllowedNetwork]);
    case.policy.allowed_networks = vec![network("203.0.113.7/32", Some(at(-1))), network("203.0.0.0/16", None)];
    case.gives(Allow, &[Reason::AllowedNetwork]);
}

#[test]
fn row_4_denies_from_the_threshold_on() {
    let mut case = Case { risk: score(90), ..case() };
    case.gives(Challenge, &[Reason::RiskDetected]);
    case.policy.risk.deny_threshold = Some(91);
    case.gives(Challenge, &[Reason::RiskDetected]);
    case.policy.risk.deny_threshold = Some(90);
    case.gives(Deny, &[Reason::RiskTooHigh]);
    case.risk = None;
    case.gives(Challenge, &[Reason::AdaptiveNotStarted]);
}

#[test]
fn row_4_wins_over_enrollment() {
    let mut case = Case { risk: score(90), login: by_link(), ..optional() };
    case.policy.risk.deny_threshold = Some(90);
    case.gives(Deny, &[Reason::RiskTooHigh]);
}

#[test]
fn row_5_a_link_without_a_factor_enrolls_before_it_is_open_and_although_opted_out() {
    let mut case = Case { login: by_link(), ..optional() };
    case.policy.external.enrollment_opens_at = Some(at(500));
    case.user.opted_out = true;
    let offer = case.gives(Enroll, &[Reason::OneTimeLink, Reason::EnrollmentRequired]).enrollment.unwrap();
    assert!(!offer.skippable);
    assert_eq!(offer.skips_remaining, Some(0));
}

#[test]
fn row_5_never_offers_the_mailbox_that_the_link_came_to() {
    let mut case = Case { login: by_link(), ..optional() };
    case.policy.external.allowed_channels = vec![Channel::Email, Channel::Totp];
    let offer = case.decide().enrollment.unwrap();
    assert_eq!(offer.channels, [Channel::Totp]);
    case.policy.external.allowed_channels = vec![Channel::Email];
    case.gives(Deny, &[Reason::NoUsableFactor]);
    case.user.temporary_access_outstanding = true;
    case.gives(Enroll, &[Reason::OneTimeLink, Reason::EnrollmentRequired]);
}

#[test]
fn row_6_nobody_is_asked_before_enrollment_opens() {
    let mut case = optional();
    case.policy.external.enrollment_opens_at = Some(at(1));
    case.gives(Allow, &[Reason::EnrollmentNotOpen]);
    case.user.opted_out = true;
    case.gives(Allow, &[Reason::EnrollmentNotOpen]);
    case.user.opted_out = false;
    case.user.factors = vec![factor(FactorKind::Totp, FactorStatus::Pending), active(FactorKind::BackupCodes)];
    case.gives(Allow, &[Reason::EnrollmentNotOpen]);
    case.policy.external.enrollment_opens_at = Some(at(0));
    case.gives(Enroll, &[Reason::EnrollmentOptional]);
}

#[test]
fn row_6_is_not_for_the_enrolled() {
    let mut case = Case { risk: score(100), ..case() };
    case.policy.external.enrollment_opens_at = Some(at(1));
    case.gives(Challenge, &[Reason::RiskDetected]);
}

#[test]
fn row_7_an_opt_out_holds_while_it_is_optional() {
    for user in [newcomer(), enrolled()] {
        let mut case = Case { user: UserFacts { opted_out: true, ..user }, risk: score(100), ..optional() };
        for first_factor in [FirstFactor::Password, FirstFactor::Sso] {
            case.login.first_factor = first_factor;
            case.gives(Allow, &[Reason::OptedOut]);
        }
    }
}

#[test]
fn row_7_neither_a_link_nor_a_step_up_is_spared() {
    let mut case = Case { user: UserFacts { opted_out: true, ..enrolled() }, login: by_link(), ..optional() };
    case.gives(Challenge, &[Reason::OneTimeLink]);
    case.login = step_up();
    case.gives(Challenge, &[Reason::StepUp]);
    case.user.factors.clear();
    case.gives(Enroll, &[Reason::EnrollmentOptional]);
}

#[test]
fn row_8_optional_enrollment_names_the_deadline() {
    let mut case = optional();
    case.policy.external.max_skips = Some(3);
    case.user.skips_used = 1;
    let offer = case.gives(Enroll, &[Reason::EnrollmentOptional]).enrollment.unwrap();
    assert_eq!(
        offer,
        EnrollmentOffer {
            skippable: true,
            skips_remaining: Some(2),
            deadline: Some(at(1_000)),
            channels: vec![Channel::Sms, Channel::Voice, Channel::Totp, Channel::Passkey],
        }
    );
    case.policy.external.mandatory_from = None;
    case.policy.external.max_skips = None;
    let offer = case.gives(Enroll, &[Reason::EnrollmentOptional]).enrollment.unwrap();
    assert_eq!((offer.deadline, offer.skips_remaining), (None, None));
}

#[test]
fn row_9_begins_on_the_very_instant() {
    let mut case = Case { now: at(999), ..optional() };
    case.gives(Enroll, &[Reason::EnrollmentOptional]);
    case.now = at(1_000);
    let offer = case.gives(Enroll, &[Reason::EnrollmentRequired]).enrollment.unwrap();
    assert!(!offer.skippable);
    assert_eq!((offer.deadline, offer.skips_remaining), (Some(at(1_000)), Some(0)));
}

#[test]
fn row_9_begins_when_every_skip_is_used_up() {
    let mut case = optional();
    case.policy.external.max_skips = Some(2);
    case.user.skips_used = 1;
    case.gives(Enroll, &[Reason::EnrollmentOptional]);
    case.user.skips_used = 2;
    case.gives(Enroll, &[Reason::EnrollmentRequired]);
    case.policy.external.max_skips = Some(0);
    case.user.skips_used = 0;
    case.gives(Enroll, &[Reason::EnrollmentRequired]);
}

#[test]
fn row_9_ends_an_opt_out_of_a_user_without_a_factor() {
    let mut case = Case { now: at(1_000), ..optional() };
    case.user.opted_out = true;
    case.gives(Enroll, &[Reason::EnrollmentRequired]);
}

#[test]
fn rows_8_and_9_count_neither_pending_factors_nor_codes() {
    let mut case = optional();
    case.user.factors = vec![factor(FactorKind::PhonePrimary, FactorStatus::Pending), active(FactorKind::BackupCodes)];
    case.user.backup_codes_remaining = true;
    case.user.temporary_access_outstanding = true;
    case.gives(Enroll, &[Reason::EnrollmentOptional]);
    case.now = at(1_000);
    case.gives(Enroll, &[Reason::EnrollmentRequired]);
}
