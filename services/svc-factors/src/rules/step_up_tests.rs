use chrono::DateTime;
use core_kernel::RefusalCode;

use super::*;
use Change::{Add, Remove, Replace, Weaken};
use Ground::{FirstEnrollment, Support, Verified};

const LOGIN: Powers = Powers { login: true, users: false, support: false };
const USERS: Powers = Powers { login: false, users: true, support: false };
const BOTH: Powers = Powers { login: true, users: true, support: false };
const SUPPORT: Powers = Powers { login: false, users: false, support: true };

fn now() -> Timestamp {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn ago(seconds: i64) -> Timestamp {
    now() - TimeDelta::seconds(seconds)
}

fn newcomer() -> Standing {
    Standing {
        now: now(),
        has_factor: false,
        disabled: false,
        locked: false,
        reset_pending: false,
        frozen_until: None,
        proofs_void_before: None,
    }
}

fn enrolled() -> Standing {
    Standing { has_factor: true, ..newcomer() }
}

fn open_enrollment() -> LoginState {
    LoginState {
        outcome: LoginOutcome::Enroll,
        expires_at: now() + TimeDelta::minutes(1),
        completed_at: None,
        completed_with: None,
        proof: None,
        may_change_factors: false,
    }
}

fn completed(with: Completion, proof: MethodChannel) -> LoginState {
    LoginState {
        outcome: LoginOutcome::Challenge,
        completed_at: Some(ago(60)),
        completed_with: Some(with),
        proof: Some(proof),
        ..open_enrollment()
    }
}

fn proved() -> LoginState {
    completed(Completion::Sms, MethodChannel::Sms)
}

fn ask(powers: Powers, login: Option<LoginState>, user: Standing, change: Change) -> Result<Ground, RefusalCode> {
    authorize(powers, login.as_ref(), &user, change).map_err(|stop| stop.refusal_code().expect("a refusal, no fault"))
}

const REQUIRED: Result<Ground, RefusalCode> = Err(RefusalCode::VerificationRequired);

#[test]
fn whoever_has_a_factor_proves_one_first() {
    for powers in [LOGIN, USERS, BOTH] {
        for change in [Add, Replace, Remove, Weaken] {
            assert_eq!(ask(powers, None, enrolled(), change), REQUIRED, "{powers:?} {change:?}");
        }
    }
    for change in [Add, Replace, Remove, Weaken] {
        assert_eq!(ask(LOGIN, Some(open_enrollment()), enrolled(), change), REQUIRED, "{change:?}");
        assert_eq!(ask(LOGIN, Some(proved()), enrolled(), change), Ok(Verified), "{change:?}");
    }
}

#[test]
fn what_a_verified_login_is() {
    let with = |login: LoginState| ask(LOGIN, Some(login), enrolled(), Remove);
    for (completion, proof) in [
        (Completion::Sms, MethodChannel::Sms),
        (Completion::Voice, MethodChannel::Voice),
        (Completion::Totp, MethodChannel::Totp),
        (Completion::Passkey, MethodChannel::Passkey),
        (Completion::BackupCode, MethodChannel::BackupCode),
        (Completion::Enrolled, MethodChannel::Sms),
    ] {
        assert_eq!(with(completed(completion, proof)), Ok(Verified), "{completion}");
    }
    let allowed = LoginState { outcome: LoginOutcome::Allow, completed_with: None, ..proved() };
    assert_eq!(with(allowed), REQUIRED, "let in without a proof");
    let skipped = LoginState { completed_with: Some(Completion::Skipped), proof: None, ..proved() };
    assert_eq!(with(skipped), REQUIRED);
    assert_eq!(with(LoginState { completed_at: None, ..proved() }), REQUIRED);
    let assisted = completed(Completion::TemporaryAccessCode, MethodChannel::TemporaryAccessCode);
    assert_eq!(with(assisted), REQUIRED);
    assert_eq!(with(LoginState { may_change_factors: true, ..assisted }), Ok(Verified));
}

#[test]
fn it_vouches_for_fifteen_minutes() {
    let completed_ago = |seconds| LoginState { completed_at: Some(ago(seconds)), ..proved() };
    assert_eq!(ask(LOGIN, Some(completed_ago(899)), enrolled(), Add), Ok(Verified));
    assert_eq!(ask(LOGIN, Some(completed_ago(900)), enrolled(), Add), REQUIRED);
}

#[test]
fn a_proof_by_email_adds_and_does_no_more() {
    for login in
        [completed(Completion::Email, MethodChannel::Email), completed(Completion::Enrolled, MethodChannel::Email)]
    {
        assert_eq!(ask(LOGIN, Some(login), enrolled(), Add), Ok(Verified));
        assert_eq!(ask(LOGIN, Some(login), enrolled(), Replace), REQUIRED);
        assert_eq!(ask(LOGIN, Some(login), enrolled(), Remove), REQUIRED);
        assert_eq!(ask(LOGIN, Some(login), enrolled(), Weaken), Ok(Verified));
    }
}

#[test]
fn the_help_desk_is_exempt_only_without_a_login() {
    for change in [Add, Replace, Remove, Weaken] {
        assert_eq!(ask(SUPPORT, None, enrolled(), change), Ok(Support));
        assert_eq!(ask(SUPPORT, None, newcomer(), change), Ok(Support));
        assert_eq!(ask(SUPPORT, Some(open_enrollment()), enrolled(), change), REQUIRED);
        assert_eq!(ask(SUPPORT, Some(proved()), enrolled(), change), Ok(Verified));
    }
    assert_eq!(ask(SUPPORT, Some(open_enrollment()), newcomer(), Add), REQUIRED, "it completes no login");
}

#[test]
fn a_first_enrollment_is_asked_for_by_a_login_or_by_who_keeps_the_users() {
    assert_eq!(ask(USERS, None, newcomer(), Add), Ok(FirstEnrollment));
    assert_eq!(ask(BOTH, None, newcomer(), Add), Ok(FirstEnrollment));
    assert_eq!(ask(LOGIN, None, newcomer(), Add), REQUIRED);
    assert_eq!(ask(LOGIN, Some(open_enrollment()), newcomer(), Add), Ok(FirstEnrollment));
    for outcome in [LoginOutcome::Allow, LoginOutcome::Challenge, LoginOutcome::Deny] {
        let login = LoginState { outcome, ..open_enrollment() };
        assert_eq!(ask(LOGIN, Some(login), newcomer(), Add), REQUIRED, "{outcome}");
    }
    let expired = LoginState { expires_at: now(), ..open_enrollment() };
    assert_eq!(ask(LOGIN, Some(expired), newcomer(), Add), Err(RefusalCode::Expired));
    let skipped =
        LoginState { completed_at: Some(ago(1)), completed_with: Some(Completion::Skipped), ..open_enrollment() };
    assert_eq!(ask(LOGIN, Some(skipped), newcomer(), Add), REQUIRED);
}

#[test]
fn a_key_without_the_login_path_names_no_login() {
    for login in [open_enrollment(), proved()] {
        let answer = authorize(USERS, Some(&login), &newcomer(), Add);
        assert!(matches!(answer, Err(Stop::Fault(Fault::Forbidden { .. }))), "{answer:?}");
    }
}

#[test]
fn after_an_assisted_login_only_the_help_desk_changes_factors() {
    for user in [newcomer(), enrolled()] {
        let frozen = Standing { frozen_until: Some(now() + TimeDelta::seconds(1)), ..user };
        assert_eq!(ask(USERS, None, frozen, Add), REQUIRED);
        assert_eq!(ask(LOGIN, Some(open_enrollment()), frozen, Add), REQUIRED);
        assert_eq!(ask(LOGIN, Some(proved()), frozen, Add), REQUIRED, "a real proof does not lift it");
        assert_eq!(ask(SUPPORT, None, frozen, Add), Ok(Support));
        let consented = LoginState {
            may_change_factors: true,
            ..completed(Completion::TemporaryAccessCode, MethodChannel::TemporaryAccessCode)
        };
        assert_eq!(ask(LOGIN, Some(consented), frozen, Add), Ok(Verified));
        let over = Standing { frozen_until: Some(now()), ..enrolled() };
        assert_eq!(ask(LOGIN, Some(proved()), over, Add), Ok(Verified));
    }
}

#[test]
fn after_a_reset_nothing_is_enrolled_before_the_code_that_was_read_out() {
    let reset = Standing { reset_pending: true, proofs_void_before: Some(ago(30)), ..newcomer() };
    assert_eq!(ask(USERS, None, reset, Add), REQUIRED);
    assert_eq!(ask(LOGIN, Some(open_enrollment()), reset, Add), REQUIRED);
    assert_eq!(ask(LOGIN, Some(proved()), reset, Add), REQUIRED);
    assert_eq!(ask(SUPPORT, None, reset, Add), Ok(Support));
}

#[test]
fn a_login_proved_before_a_reset_vouches_for_nobody_after_it() {
    let thief = LoginState { completed_at: Some(ago(60)), ..proved() };
    let since = |seconds| Standing { proofs_void_before: Some(ago(seconds)), ..enrolled() };
    assert_eq!(ask(LOGIN, Some(thief), since(30), Add), REQUIRED);
    assert_eq!(ask(LOGIN, Some(thief), since(90), Add), Ok(Verified));
}

#[test]
fn nobody_enrolls_for_a_user_who_is_barred() {
    for barred in [Standing { locked: true, ..enrolled() }, Standing { disabled: true, ..enrolled() }] {
        for change in [Add, Replace] {
            assert_eq!(ask(SUPPORT, None, barred, change), Err(RefusalCode::UserLocked));
        }
        for change in [Add, Replace, Remove, Weaken] {
            assert_eq!(ask(LOGIN, Some(proved()), barred, change), Err(RefusalCode::UserLocked));
        }
        assert_eq!(ask(SUPPORT, None, barred, Remove), Ok(Support), "a stolen phone can be taken away");
    }
}
