//! What is offered, and in which order.

use crate::common::*;
use core_policy::MethodChannel as Via;
use core_policy::*;

fn offered(policy: &Policy, user: &UserFacts, first_factor: FirstFactor) -> Vec<(Option<usize>, Via)> {
    usable_channels(policy, user, first_factor).into_iter().map(|method| (method.factor, method.channel)).collect()
}

/// Every factor there is, the recovery phone listed first.
fn user_with_everything() -> UserFacts {
    UserFacts {
        factors: vec![
            active(FactorKind::PhoneRecovery),
            active(FactorKind::PhonePrimary),
            active(FactorKind::Email),
            active(FactorKind::Totp),
            active(FactorKind::Passkey),
            active(FactorKind::Passkey),
            active(FactorKind::BackupCodes),
        ],
        backup_codes_remaining: true,
        temporary_access_outstanding: true,
        ..newcomer()
    }
}

#[test]
fn the_policys_order_then_primary_before_recovery_then_codes() {
    let mut policy = policy();
    policy.external.allowed_channels =
        vec![Channel::Passkey, Channel::Voice, Channel::Email, Channel::Sms, Channel::Totp];
    assert_eq!(
        offered(&policy, &user_with_everything(), FirstFactor::Password),
        [
            (Some(4), Via::Passkey),
            (Some(5), Via::Passkey),
            (Some(1), Via::Voice),
            (Some(0), Via::Voice),
            (Some(2), Via::Email),
            (Some(1), Via::Sms),
            (Some(0), Via::Sms),
            (Some(3), Via::Totp),
            (Some(6), Via::BackupCode),
            (None, Via::TemporaryAccessCode),
        ]
    );
}

#[test]
fn the_first_is_preferred_and_no_other() {
    let methods = usable_channels(&policy(), &user_with_everything(), FirstFactor::Sso);
    let preferred: Vec<bool> = methods.iter().map(|method| method.preferred).collect();
    assert!(preferred[0] && preferred[1..].iter().all(|preferred| !preferred));
}

#[test]
fn a_landline_or_an_unknown_line_is_only_called() {
    for line in [Some(PhoneLine::Landline), None] {
        let mut user = enrolled();
        user.factors[0].line = line;
        assert_eq!(offered(&policy(), &user, FirstFactor::Password), [(Some(0), Via::Voice)]);
    }
}

#[test]
fn after_a_link_there_is_no_mail() {
    let mut policy = policy();
    policy.external.allowed_channels = vec![Channel::Email, Channel::Totp];
    let user = user_with_everything();
    assert_eq!(offered(&policy, &user, FirstFactor::Password)[0], (Some(2), Via::Email));
    let after_link = offered(&policy, &user, FirstFactor::OneTimeLink);
    assert_eq!(after_link[0], (Some(3), Via::Totp));
    assert!(after_link.iter().all(|(_, via)| *via != Via::Email));
}

#[test]
fn only_active_factors_and_codes_that_are_left() {
    let mut user = user_with_everything();
    user.backup_codes_remaining = false;
    user.temporary_access_outstanding = false;
    for (factor, status) in user.factors.iter_mut().zip([FactorStatus::Pending, FactorStatus::Disabled].iter().cycle())
    {
        factor.status = *status;
    }
    assert!(offered(&policy(), &user, FirstFactor::Password).is_empty());
    user.backup_codes_remaining = true;
    user.factors.pop();
    assert_eq!(offered(&policy(), &user, FirstFactor::Password), [(None, Via::BackupCode)]);
}

#[test]
fn an_outcome_offers_what_can_complete_it() {
    let (policy, mut user) = (policy(), user_with_everything());
    let all = usable_channels(&policy, &user, FirstFactor::Password);
    let by_outcome = |user: &UserFacts, outcome| login_methods(&policy, user, FirstFactor::Password, outcome);
    assert_eq!(by_outcome(&user, LoginOutcome::Challenge), all);
    let temporary = MethodSpec { factor: None, channel: Via::TemporaryAccessCode, preferred: true };
    assert_eq!(by_outcome(&user, LoginOutcome::Enroll), [temporary]);
    assert!(by_outcome(&user, LoginOutcome::Allow).is_empty());
    assert!(by_outcome(&user, LoginOutcome::Deny).is_empty());
    user.temporary_access_outstanding = false;
    assert!(by_outcome(&user, LoginOutcome::Enroll).is_empty());
}
