//! What ends a user's devices, and what does not.

use core_access::{ApiScope, Operation, Permit};
use core_kernel::{LoginId, TypedId, UserId};
use core_policy::{FactorKind, LoginOutcome, LoginPurpose, PhoneLine, PhoneRole, SecurityLevel, UserKind};
use svc_directory::Directory;
use svc_directory::users::UserRef;
use svc_factors::{
    ChooseSecurityLevel, ConfirmFactor, EnrollPhone, EnrollTotp, GenerateBackupCodes, OptOut, RemoveFactor,
};
use svc_logins::EvaluateInput;

use crate::remembering::{HOME, decided, devices, remember, staff};
use crate::support::{Fixture, code_of, input};

const OTHER_PHONE: &str = "+1 212 555 0187";

/// What ends all of a user's devices.
#[derive(Debug, Clone, Copy)]
enum Change {
    PhoneAdded,
    PhoneReplaced,
    PhoneRemoved,
    AppAdded,
    BackupCodes,
    FactorDisabled,
    OptedOut,
    Ended,
    Deleted,
}

fn permit(f: &Fixture, scope: ApiScope, operation: Operation) -> Permit {
    testkit::caller(f.tenant, &[scope]).permit(operation).unwrap()
}

async fn confirm_phone(
    f: &Fixture,
    user: UserId,
    login: Option<LoginId>,
    role: PhoneRole,
    remember_device: bool,
) -> Option<String> {
    let scope = if login.is_some() { ApiScope::Login } else { ApiScope::Support };
    let permit = permit(f, scope, Operation::EnrollFactor);
    let login_id = login.map(TypedId::to_text);
    let enroll = EnrollPhone {
        user: UserRef::Id(user.to_text()),
        number: OTHER_PHONE.to_owned(),
        role,
        line: PhoneLine::Mobile,
        channel: None,
        login_id: login_id.clone(),
    };
    let enrolled = Box::pin(f.factors().enroll_phone(&permit, enroll)).await.unwrap();
    assert_eq!(enrolled.refusal, None);
    let code = Some(f.enrolling_code(enrolled.challenge.challenge_id));
    let factor_id = enrolled.factor.unwrap().factor_id.to_text();
    let input = ConfirmFactor { factor_id, code, login_id, credential: None, remember_device };
    let confirmed = Box::pin(f.factors().confirm_factor(&permit, input)).await.unwrap();
    assert_eq!(confirmed.refusal, None);
    confirmed.device_token.map(|token| token.expose().clone())
}

async fn make(f: &Fixture, change: Change, external_id: &str, user: UserId, login: LoginId) {
    let (name, login_id) = (UserRef::Id(user.to_text()), Some(login.to_text()));
    let login_key = permit(f, ApiScope::Login, Operation::EnrollFactor);
    match change {
        Change::PhoneAdded => drop(confirm_phone(f, user, Some(login), PhoneRole::Recovery, false).await),
        Change::PhoneReplaced => drop(confirm_phone(f, user, None, PhoneRole::Primary, false).await),
        Change::PhoneRemoved => {
            let factors = f.factors().list_factors(&login_key, user).await.unwrap();
            let phone = factors.iter().find(|factor| factor.kind == FactorKind::PhonePrimary).unwrap();
            let support = permit(f, ApiScope::Support, Operation::RemoveFactor);
            let input = RemoveFactor { factor_id: phone.factor_id.to_text(), login_id: None };
            f.factors().remove_factor(&support, input).await.unwrap();
        }
        Change::AppAdded => {
            let input = EnrollTotp { user: name, login_id: login_id.clone() };
            let enrolled = f.factors().enroll_totp(&login_key, input).await.unwrap();
            let secret =
                enrolled.otpauth_uri.expose().split("secret=").nth(1).unwrap().split('&').next().unwrap().to_owned();
            let bytes = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
            let code = core_crypto::TotpSecret::from_bytes(&bytes).unwrap().code_at(f.bed.platform.now()).to_string();
            let factor_id = enrolled.factor.factor_id.to_text();
            assert_eq!(devices(f, user).await, 1, "beginning changes nothing");
            let input =
                ConfirmFactor { factor_id, code: Some(code), login_id, credential: None, remember_device: false };
            assert_eq!(f.factors().confirm_factor(&login_key, input).await.unwrap().refusal, None);
        }
        Change::BackupCodes => {
            let input = GenerateBackupCodes { user: name, login_id };
            f.factors().generate_backup_codes(&login_key, input).await.unwrap();
        }
        Change::FactorDisabled => {
            f.run("update factor set consecutive_failures = 49 where tenant_id = $1 and user_id = $2", user.0).await;
            f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", user.0).await;
            let step_up = EvaluateInput { purpose: LoginPurpose::StepUp, ..input(external_id) };
            let login = f.ask(&step_up).await;
            let challenge = f.text(&login).await;
            assert_eq!(code_of(&f.verify(challenge, f.wrong_code(challenge)).await), "WRONG_CODE");
        }
        Change::OptedOut => {
            let input = OptOut { user: name, login_id };
            f.factors().opt_out(&login_key, input).await.unwrap();
        }
        Change::Ended => {
            let mut tx = f.tx().await;
            let now = tx.tenant_now().await.unwrap();
            svc_directory::users::end_pending(&mut tx, user, now).await.unwrap();
            tx.commit().await.unwrap();
        }
        Change::Deleted => {
            let directory = Directory::new(f.bed.platform.clone(), f.policies.clone());
            directory.delete_user(&permit(f, ApiScope::Users, Operation::DeleteUser), &name).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_change_of_factors_ends_all_of_the_users_devices_and_nobody_elses() {
    let f = Fixture::in_the_world().await;
    let optional = f.bed.now(f.tenant).await + chrono::Duration::days(30);
    f.policy(|policy| policy.internal.mandatory_from = Some(optional)).await;
    let bystander = staff(&f, "bystander").await;
    let theirs = remember(&f, "bystander").await.1.unwrap();
    for (at, change) in [
        Change::PhoneAdded,
        Change::PhoneReplaced,
        Change::PhoneRemoved,
        Change::AppAdded,
        Change::BackupCodes,
        Change::FactorDisabled,
        Change::OptedOut,
        Change::Ended,
        Change::Deleted,
    ]
    .into_iter()
    .enumerate()
    {
        let external_id = format!("user {at}");
        let user = staff(&f, &external_id).await;
        let (login, token) = remember(&f, &external_id).await;
        let token = token.unwrap();
        assert_eq!(decided(&f, &external_id, &token).await, "ALLOW TRUSTED_DEVICE", "{change:?}");
        f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", user.0).await;
        make(&f, change, &external_id, user, login.login_id).await;
        assert_eq!(devices(&f, user).await, 0, "{change:?}");
        if !matches!(change, Change::Deleted) {
            let after = decided(&f, &external_id, &token).await;
            assert_ne!(after, "ALLOW TRUSTED_DEVICE", "{change:?}");
        }
    }
    assert_eq!(devices(&f, bystander).await, 1);
    assert_eq!(decided(&f, "bystander", &theirs).await, "ALLOW TRUSTED_DEVICE");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_no_factor_ends_none() {
    let f = Fixture::in_the_world().await;
    let ann = staff(&f, "ann").await;
    let (login, token) = remember(&f, "ann").await;
    let (name, login_key) = (UserRef::Id(ann.to_text()), permit(&f, ApiScope::Login, Operation::EnrollFactor));
    for level in [SecurityLevel::High, SecurityLevel::Standard] {
        let input = ChooseSecurityLevel { user: name.clone(), level, login_id: Some(login.login_id.to_text()) };
        f.factors().choose_security_level(&login_key, input).await.unwrap();
    }
    f.factors().opt_in(&login_key, &name).await.unwrap();
    let begun = EnrollTotp { user: name, login_id: Some(login.login_id.to_text()) };
    f.factors().enroll_totp(&login_key, begun).await.unwrap();
    let challenge = {
        let step_up = EvaluateInput { purpose: LoginPurpose::StepUp, ..input("ann") };
        f.text(&f.ask(&step_up).await).await
    };
    assert_eq!(code_of(&f.verify(challenge, f.wrong_code(challenge)).await), "WRONG_CODE");
    assert_eq!(decided(&f, "ann", &token.unwrap()).await, "ALLOW TRUSTED_DEVICE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_remembered_while_enrolling_survives_that_very_change() {
    let f = Fixture::in_the_world().await;
    let ann = f.bed.user(f.tenant, "ann", UserKind::Internal).await;
    let login = f.evaluate_from("ann", HOME).await;
    assert_eq!(login.outcome, LoginOutcome::Enroll);
    let first = confirm_phone(&f, ann, Some(login.login_id), PhoneRole::Primary, true).await.expect("a token");
    assert_eq!(decided(&f, "ann", &first).await, "ALLOW TRUSTED_DEVICE");
    // In the same session a recovery phone follows: the older device ends, the one that asks again stays.
    f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", ann.0).await;
    let second = confirm_phone(&f, ann, Some(login.login_id), PhoneRole::Recovery, true).await.expect("a token");
    assert_eq!(devices(&f, ann).await, 1);
    assert_eq!(decided(&f, "ann", &first).await, "ALLOW LOW_RISK");
    assert_eq!(decided(&f, "ann", &second).await, "ALLOW TRUSTED_DEVICE");
    // The help desk, who has no login of the user's, gets none.
    f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", ann.0).await;
    assert_eq!(confirm_phone(&f, ann, None, PhoneRole::Recovery, true).await, None);
    assert_eq!(devices(&f, ann).await, 0);
    // Nor is one given to clients.
    let bob = f.bed.user(f.tenant, "bob", UserKind::External).await;
    let login = f.evaluate_from("bob", HOME).await;
    f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", bob.0).await;
    assert_eq!(confirm_phone(&f, bob, Some(login.login_id), PhoneRole::Primary, true).await, None);
}
