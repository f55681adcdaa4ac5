//! Trusted devices: where a token is given, what it is good for, and what ends it.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

mod support;

use core_access::{ApiScope, Operation, Permit};
use core_crypto::digest_token;
use core_kernel::{LoginId, RefusalCode, Stop, TypedId, UserId};
use core_policy::{
    FactorKind, FirstFactor, LoginOutcome, LoginPurpose, MethodChannel, PhoneLine, PhoneRole, SecurityLevel, UserKind,
};
use io_postgres::isolation_faults;
use sqlx::Connection;
use support::{Fixture, code_of, decision, input, signals};
use svc_directory::Directory;
use svc_directory::users::UserRef;
use svc_factors::{
    ChooseSecurityLevel, ConfirmFactor, EnrollPhone, EnrollTotp, GenerateBackupCodes, OptOut, RemoveFactor,
};
use svc_logins::{EvaluateInput, LoginView};

const HOME: &str = "192.0.2.10";
const LONDON: &str = "203.0.113.9";
const DAY: i64 = 86_400;
const OTHER_PHONE: &str = "+1 212 555 0187";

async fn staff(f: &Fixture, external_id: &str) -> UserId {
    let user = f.bed.user(f.tenant, external_id, UserKind::Internal).await;
    f.add_phone(user, "PHONE_PRIMARY", "+14155550132", "MOBILE").await;
    user
}

fn with_token(external_id: &str, ip: &str, token: &str) -> EvaluateInput {
    EvaluateInput { ip_address: ip.to_owned(), device_token: Some(token.to_owned()), ..input(external_id) }
}

async fn decided(f: &Fixture, external_id: &str, token: &str) -> String {
    decision(&f.ask(&with_token(external_id, HOME, token)).await)
}

/// A login at home that proves the phone, and asks for the device to be remembered.
async fn remember(f: &Fixture, external_id: &str) -> (LoginView, Option<String>) {
    let step_up = EvaluateInput { purpose: LoginPurpose::StepUp, ip_address: HOME.to_owned(), ..input(external_id) };
    let login = f.ask(&step_up).await;
    f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", f.tenant.0).await;
    let challenge = f.text(&login).await;
    let output = f.verify_as(challenge, &f.code(challenge), true).await;
    (output.login.expect("completed"), output.device_token.map(|token| token.expose().clone()))
}

async fn devices(f: &Fixture, user: UserId) -> i64 {
    f.scalar("select count(*) from trusted_device where tenant_id = $1 and user_id = $2", user.0).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_given_where_the_policy_trusts_devices_of_that_audience() {
    let f = Fixture::in_the_world().await;
    let (ann, bob) = (staff(&f, "ann").await, f.phone_user("bob").await);
    let token = remember(&f, "ann").await.1.expect("30 days for the tenant's own people");
    assert!(token.starts_with("postern_device_") && token.len() == 58, "{}", token.len());
    assert_eq!(remember(&f, "bob").await.1, None, "none for clients");
    assert_eq!((devices(&f, ann).await, devices(&f, bob).await), (1, 0));
    f.policy(|policy| {
        policy.internal.trusted_device_seconds = 0;
        policy.external.trusted_device_seconds = 3_600;
    })
    .await;
    assert_eq!(remember(&f, "ann").await.1, None);
    assert!(remember(&f, "bob").await.1.is_some());
    assert_eq!((devices(&f, ann).await, devices(&f, bob).await), (1, 1));
    let life: i64 = f
        .scalar(
            "select extract(epoch from expires_at - created_at)::bigint from trusted_device where tenant_id = $1 and user_id = $2",
            bob.0,
        )
        .await;
    assert_eq!(life, 3_600);
    f.policy(|policy| policy.internal.trusted_device_seconds = 0).await;
    assert_eq!(remember(&f, "bob").await.1, None, "for nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_proof_that_succeeds_gives_one_and_only_its_digest_is_kept() {
    let f = Fixture::in_the_world().await;
    let ann = staff(&f, "ann").await;
    let seed = f.add_totp(ann).await;
    let backup = f.add_backup_codes(ann).await;
    f.run("update tenant_user set chosen_level = 'HIGH' where tenant_id = $1 and user_id = $2", ann.0).await;
    let temporary = f.add_temporary_code(ann, true).await;
    for (channel, code, given) in [
        (MethodChannel::Totp, seed.code_at(f.bed.platform.now()).to_string(), true),
        (MethodChannel::BackupCode, backup[0].shown(), true),
        (MethodChannel::TemporaryAccessCode, temporary, false),
        (MethodChannel::Voice, String::new(), true),
    ] {
        let login = f.evaluate_from("ann", HOME).await;
        let challenge = f.start_by(&login, channel).await.challenge.unwrap().challenge_id;
        let code = if code.is_empty() { f.code(challenge) } else { code };
        let wrong = f.verify_as(challenge, "000", true).await;
        assert_eq!((code_of(&wrong), wrong.device_token), ("WRONG_CODE", None));
        let before = devices(&f, ann).await;
        let right = f.verify_as(challenge, &code, true).await;
        assert_eq!((code_of(&right), right.device_token.is_some()), ("OK", given), "{channel:?}");
        assert_eq!(devices(&f, ann).await, before + i64::from(given), "{channel:?}");
        let again = f.verify_as(challenge, &code, true).await;
        assert_eq!((code_of(&again), again.device_token), ("ALREADY_COMPLETED", None));
        assert_eq!(devices(&f, ann).await, before + i64::from(given), "{channel:?}");
    }
    let token = remember(&f, "ann").await.1.unwrap();
    let rows = "select string_agg(t::text, ' ') from trusted_device t where tenant_id = $1 and user_id = $2";
    let rows: String = f.scalar(rows, ann.0).await;
    assert!(!rows.contains(&token) && !rows.contains(&token["postern_device_".len()..]));
    let digest = data_encoding::HEXLOWER.encode(&digest_token(&token)[..]);
    assert!(rows.contains(&digest), "the digest is what it is found by");
    assert!(rows.contains("Mozilla/5.0"), "what the browser called itself, for people to recognise it by");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_passes_at_standard_and_is_no_pass_where_anything_is_unusual() {
    let f = Fixture::in_the_world().await;
    let ann = staff(&f, "ann").await;
    let token = remember(&f, "ann").await.1.unwrap();
    assert_eq!(decided(&f, "ann", &token).await, "ALLOW TRUSTED_DEVICE");
    assert_eq!(decision(&f.evaluate_from("ann", HOME).await), "ALLOW LOW_RISK", "without it");
    let agent = Some("curl/8.5.0".to_owned());
    let other = EvaluateInput { user_agent: agent.clone(), ..with_token("ann", HOME, &token) };
    assert_eq!(signals(&f.ask(&other).await), [], "a known device is not new, whatever it calls itself");
    let unknown = EvaluateInput { user_agent: Some("wget/1".to_owned()), device_token: None, ..other };
    assert_eq!(signals(&f.ask(&unknown).await), [("NEW_DEVICE".to_owned(), 30)]);

    let far = f.ask(&with_token("ann", LONDON, &token)).await;
    assert_eq!(decision(&far), "CHALLENGE RISK_DETECTED");
    let nowhere = f.ask(&with_token("ann", "8.8.8.8", &token)).await;
    assert_eq!(decision(&nowhere), "CHALLENGE ADAPTIVE_NOT_STARTED");
    let step_up = EvaluateInput { purpose: LoginPurpose::StepUp, ..with_token("ann", HOME, &token) };
    assert_eq!(decision(&f.ask(&step_up).await), "CHALLENGE STEP_UP");
    let link = EvaluateInput { first_factor: FirstFactor::OneTimeLink, ..with_token("ann", HOME, &token) };
    assert_eq!(decision(&f.ask(&link).await), "CHALLENGE ONE_TIME_LINK");
    f.policy(|policy| policy.risk.deny_threshold = Some(60)).await;
    assert_eq!(decision(&f.ask(&with_token("ann", LONDON, &token)).await), "DENY RISK_TOO_HIGH");

    let later = f.bed.now(f.tenant).await + chrono::Duration::days(1);
    f.policy(|policy| policy.internal.adaptive_from = Some(later)).await;
    assert_eq!(decided(&f, "ann", &token).await, "CHALLENGE ADAPTIVE_NOT_STARTED");
    f.policy(|policy| policy.internal.default_level = SecurityLevel::High).await;
    assert_eq!(decided(&f, "ann", &token).await, "CHALLENGE HIGH_LEVEL");
    f.policy(|_| ()).await;
    for column in ["chosen_level", "advisor_level"] {
        let sql = format!("update tenant_user set {column} = 'HIGH' where tenant_id = $1 and user_id = $2");
        let mut tx = f.tx().await;
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(f.tenant.0).bind(ann.0).execute(tx.connection()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(decided(&f, "ann", &token).await, "CHALLENGE HIGH_LEVEL", "{column}");
        f.run(
            "update tenant_user set chosen_level = null, advisor_level = null where tenant_id = $1 and user_id = $2",
            ann.0,
        )
        .await;
    }
    assert_eq!(decided(&f, "ann", &token).await, "ALLOW TRUSTED_DEVICE", "all of that ended nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_good_for_one_user_of_one_tenant_and_no_other_text_is() {
    let mut f = Fixture::in_the_world().await;
    staff(&f, "ann").await;
    staff(&f, "bob").await;
    remember(&f, "bob").await;
    let token = remember(&f, "ann").await.1.unwrap();
    assert_eq!(decided(&f, "bob", &token).await, "ALLOW LOW_RISK", "another user's");
    let (head, last) = token.split_at(token.len() - 1);
    let changed = format!("{head}{}", if last == "A" { "B" } else { "A" });
    let shorter = head.to_owned();
    let padded = format!(" {token}");
    for other in [changed, shorter, padded, token.to_uppercase(), String::new(), "x".repeat(10_240), "\0".to_owned()] {
        assert_eq!(decided(&f, "ann", &other).await, "ALLOW LOW_RISK", "{} characters", other.len());
    }
    let home = f.tenant;
    f.tenant = f.bed.tenant(testkit::Environment::Sandbox).await;
    staff(&f, "ann").await;
    remember(&f, "ann").await;
    assert_eq!(decided(&f, "ann", &token).await, "ALLOW LOW_RISK", "the same name in another tenant");
    f.tenant = home;
    assert_eq!(decided(&f, "ann", &token).await, "ALLOW TRUSTED_DEVICE");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_runs_out_by_the_tenants_clock_and_is_seen_to_the_hour() {
    let f = Fixture::in_the_world().await;
    let ann = staff(&f, "ann").await;
    let token = remember(&f, "ann").await.1.unwrap();
    let seen = "select extract(epoch from last_seen_at - created_at)::bigint from trusted_device where tenant_id = $1 and user_id = $2";
    f.bed.advance(f.tenant, 59 * 60).await;
    decided(&f, "ann", &token).await;
    assert_eq!(f.scalar::<i64>(seen, ann.0).await, 0, "within the hour nothing is written");
    f.bed.advance(f.tenant, 2 * 60).await;
    decided(&f, "ann", &token).await;
    assert!((3_660..3_720).contains(&f.scalar::<i64>(seen, ann.0).await));
    f.bed.advance(f.tenant, 29 * DAY).await;
    assert_eq!(decided(&f, "ann", &token).await, "ALLOW TRUSTED_DEVICE");
    f.bed.advance(f.tenant, DAY - 3_600 - 100).await;
    assert_eq!(decided(&f, "ann", &token).await, "ALLOW TRUSTED_DEVICE", "a minute left");
    f.bed.advance(f.tenant, 200).await;
    assert_eq!(decided(&f, "ann", &token).await, "ALLOW LOW_RISK", "using it makes it no longer");
    let (_, next) = remember(&f, "ann").await;
    assert_eq!((devices(&f, ann).await, next.is_some()), (1, true), "what has run out goes with the next one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_twenty_and_the_oldest_goes() {
    let f = Fixture::in_the_world().await;
    let (ann, bob) = (staff(&f, "ann").await, staff(&f, "bob").await);
    remember(&f, "bob").await;
    let mut tokens = Vec::new();
    for _ in 0..22 {
        tokens.push(remember(&f, "ann").await.1.unwrap());
        // Whatever the tenant's clock says, the first is the oldest.
        f.bed.advance(f.tenant, 1).await;
    }
    assert_eq!((devices(&f, ann).await, devices(&f, bob).await), (20, 1));
    for (at, token) in tokens.iter().enumerate() {
        let expected = if at < 2 { "ALLOW LOW_RISK" } else { "ALLOW TRUSTED_DEVICE" };
        assert_eq!(decided(&f, "ann", token).await, expected, "{at}");
    }
}

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

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_is_bound_to_the_token_too() {
    let f = Fixture::in_the_world().await;
    staff(&f, "ann").await;
    let token = remember(&f, "ann").await.1.unwrap();
    let permit = f.permit(Operation::EvaluateLogin);
    let keyed = EvaluateInput { idempotency_key: Some("k".to_owned()), ..with_token("ann", HOME, &token) };
    let first = f.logins.evaluate(&permit, &keyed).await.unwrap();
    let again = f.logins.evaluate(&permit, &keyed).await.unwrap();
    assert_eq!((decision(&first).as_str(), first.login_id), ("ALLOW TRUSTED_DEVICE", again.login_id));
    for device_token in [None, Some("another".to_owned())] {
        let other = EvaluateInput { device_token, ..keyed.clone() };
        let conflict = f.logins.evaluate(&permit, &other).await;
        assert!(matches!(&conflict, Err(Stop::Refused(r)) if r[0].code == RefusalCode::Conflict), "{conflict:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_devices_without_its_policy_is_not_served() {
    let f = Fixture::new().await;
    let mut superuser = f.superuser().await;
    for breach in [
        "drop policy tenant_isolation on trusted_device",
        "alter table trusted_device no force row level security",
        "alter table trusted_device disable row level security",
        "create policy open on trusted_device using (true)",
        "grant truncate on trusted_device to postern_app",
        "create unique index on trusted_device (digest)",
    ] {
        let mut tx = superuser.begin().await.unwrap();
        sqlx::raw_sql(breach).execute(&mut *tx).await.unwrap();
        let faults = isolation_faults(&mut tx).await.unwrap();
        assert!(faults.iter().any(|fault| fault.contains("trusted_device")), "{breach}: {faults:?}");
        tx.rollback().await.unwrap();
    }
}
