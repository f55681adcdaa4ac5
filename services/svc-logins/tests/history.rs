//! What trains the memory: logins completed by a proof or a confirmation, or allowed because nothing
//! was unusual; and nothing else.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

mod support;

use core_access::{ApiScope, Operation};
use core_kernel::{TypedId, UserId};
use core_policy::{FirstFactor, LoginPurpose, MethodChannel, PhoneLine, PhoneRole, UserKind};
use support::{Fixture, code_of, decision, input, signals};
use svc_directory::users::UserRef;
use svc_factors::{ConfirmFactor, EnrollPhone};
use svc_logins::{EvaluateInput, LoginView};

const HOME: &str = "192.0.2.10";
const LONDON: &str = "203.0.113.9";
const DAY: i64 = 86_400;

/// Enrolls a first phone within a login, down to the confirmed code.
async fn enroll(f: &Fixture, login: &LoginView) {
    let factors = f.factors();
    let permit = testkit::caller(f.tenant, &[ApiScope::Login]).permit(Operation::EnrollFactor).unwrap();
    let phone = EnrollPhone {
        user: UserRef::Id(login.user_id.to_text()),
        number: "+1 415 555 0132".to_owned(),
        role: PhoneRole::Primary,
        line: PhoneLine::Mobile,
        channel: None,
        login_id: Some(login.login_id.to_text()),
    };
    let enrolled = factors.enroll_phone(&permit, phone).await.unwrap();
    let confirm = ConfirmFactor {
        factor_id: enrolled.factor.unwrap().factor_id.to_text(),
        code: Some(f.enrolling_code(enrolled.challenge.challenge_id)),
        login_id: Some(login.login_id.to_text()),
        credential: None,
        remember_device: false,
    };
    let confirmed = factors.confirm_factor(&permit, confirm).await.unwrap();
    assert_eq!((confirmed.refusal, confirmed.completed_login), (None, Some(login.login_id)));
}

/// What `doing` notes of the user.
async fn noted(f: &Fixture, user: UserId, doing: impl Future<Output = ()>) -> i32 {
    let before = f.memory(user).await;
    doing.await;
    let after = f.memory(user).await;
    let count = after.logins() - before.logins();
    assert_eq!(count == 0, before == after, "a login is noted in all columns or in none");
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_notes_where_when_and_on_what() {
    let f = Fixture::in_the_world().await;
    f.run("update tenant set time_zone = 'America/Chicago' where tenant_id = $1 and $2::uuid is not null", f.tenant.0)
        .await;
    let ann = f.phone_user("ann").await;
    let login = f.evaluate_from("ann", HOME).await;
    f.bed.advance(f.tenant, 120).await;
    let complete = f.prove(&login).await;
    let memory = f.memory(ann).await;
    let hour = login.created_at.with_timezone(&chrono_tz::America::Chicago);
    assert_eq!(memory.login_hours[chrono::Timelike::hour(&hour) as usize], 1, "by the tenant's day");
    assert_eq!(memory.logins(), 1);
    assert_eq!(memory.seen.iter().map(|element| element >> 60).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!((memory.last_latitude, memory.last_longitude), (Some(44.9778), Some(-93.265)));
    assert_eq!(memory.last_accuracy_km, Some(20.0));
    assert_eq!(memory.last_position_at, Some(login.created_at), "where the user was when asking");
    assert_eq!(memory.last_completed_at, complete.completed_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_of_proving_is_noted_once() {
    let f = Fixture::in_the_world().await;
    let ann = f.phone_user("ann").await;
    let seed = f.add_totp(ann).await;
    let backup = f.add_backup_codes(ann).await;
    let temporary = f.add_temporary_code(ann, false).await;
    f.run("update tenant_user set chosen_level = 'HIGH' where tenant_id = $1 and user_id = $2", ann.0).await;
    for (channel, code) in [
        (MethodChannel::Totp, seed.code_at(f.bed.platform.now()).to_string()),
        (MethodChannel::BackupCode, backup[0].shown()),
        (MethodChannel::TemporaryAccessCode, temporary),
        (MethodChannel::Sms, String::new()),
        (MethodChannel::Voice, String::new()),
    ] {
        let login = f.evaluate_from("ann", HOME).await;
        let challenge = f.start_by(&login, channel).await.challenge.unwrap().challenge_id;
        let code = if code.is_empty() { f.code(challenge) } else { code };
        let proving = async { assert_eq!(code_of(&f.verify(challenge, &code).await), "OK", "{channel:?}") };
        assert_eq!(noted(&f, ann, proving).await, 1, "{channel:?}");
        let again = async { assert_eq!(code_of(&f.verify(challenge, &code).await), "ALREADY_COMPLETED") };
        assert_eq!(noted(&f, ann, again).await, 0, "{channel:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_unusual_is_noted_and_a_retry_is_not_noted_again() {
    let f = Fixture::in_the_world().await;
    let ann = f.phone_user("ann").await;
    f.log_in_from("ann", HOME).await;
    let keyed =
        EvaluateInput { ip_address: HOME.to_owned(), idempotency_key: Some("retry".to_owned()), ..input("ann") };
    // Retries are bound to the key, which each caller of the fixture has anew.
    let permit = f.permit(Operation::EvaluateLogin);
    let asking = async {
        for _ in 0..3 {
            assert_eq!(decision(&f.logins.evaluate(&permit, &keyed).await.unwrap()), "ALLOW LOW_RISK");
        }
        let together = futures::future::join_all((0..20).map(|_| f.logins.evaluate(&permit, &keyed))).await;
        assert!(together.iter().all(Result::is_ok));
    };
    assert_eq!(noted(&f, ann, asking).await, 1);
    let at_once = EvaluateInput { idempotency_key: Some("at once".to_owned()), ..keyed };
    let together = async {
        let logins = futures::future::join_all((0..20).map(|_| f.logins.evaluate(&permit, &at_once))).await;
        assert!(logins.iter().all(Result::is_ok));
    };
    assert_eq!(noted(&f, ann, together).await, 1, "twenty at once are one login");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_proves_nothing_trains_nothing() {
    let f = Fixture::in_the_world().await;
    let ann = f.phone_user("ann").await;
    f.log_in_from("ann", HOME).await;
    let step_up = EvaluateInput { purpose: LoginPurpose::StepUp, ..input("ann") };
    let begun = async {
        assert_eq!(decision(&f.ask(&step_up).await), "CHALLENGE STEP_UP");
        let login = f.evaluate_from("ann", LONDON).await;
        let challenge = f.text(&login).await;
        assert_eq!(code_of(&f.verify(challenge, f.wrong_code(challenge)).await), "WRONG_CODE");
        f.bed.advance(f.tenant, 901).await;
        assert_eq!(code_of(&f.verify(challenge, &f.code(challenge)).await), "EXPIRED");
    };
    assert_eq!(noted(&f, ann, begun).await, 0);
    let denied = async {
        f.policy(|policy| policy.risk.deny_threshold = Some(51)).await;
        assert_eq!(decision(&f.evaluate_from("ann", LONDON).await), "DENY RISK_TOO_HIGH");
        f.run("update tenant_user set locked_until = 'infinity' where tenant_id = $1 and user_id = $2", ann.0).await;
        assert_eq!(decision(&f.evaluate_from("ann", HOME).await), "DENY USER_LOCKED");
        f.run("update tenant_user set locked_until = null where tenant_id = $1 and user_id = $2", ann.0).await;
        f.run("update factor set status = 'DISABLED' where tenant_id = $1 and user_id = $2", ann.0).await;
        assert_eq!(decision(&f.evaluate_from("ann", HOME).await), "DENY NO_USABLE_FACTOR");
    };
    assert_eq!(noted(&f, ann, denied).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_alone_trains_nothing_however_it_was_let_in() {
    let f = Fixture::in_the_world().await;
    let staff = f.bed.user(f.tenant, "staff", UserKind::Internal).await;
    f.add_phone(staff, "PHONE_PRIMARY", "+14155550132", "MOBILE").await;
    let network = serde_json::json!([{"cidr": "192.0.2.0/24", "label": "office", "expires_at": null}]);
    f.policy(|policy| policy.allowed_networks = serde_json::from_value(network).unwrap()).await;
    let from_office = async { assert_eq!(decision(&f.evaluate_from("staff", HOME).await), "ALLOW ALLOWED_NETWORK") };
    assert_eq!(noted(&f, staff, from_office).await, 0);

    let soon = f.bed.now(f.tenant).await + chrono::Duration::days(30);
    f.policy(|policy| {
        policy.internal.mandatory_from = Some(soon);
        policy.external.mandatory_from = Some(soon);
    })
    .await;
    f.run("update tenant_user set opted_out_at = now() where tenant_id = $1 and user_id = $2", staff.0).await;
    let opted_out = async { assert_eq!(decision(&f.evaluate_from("staff", HOME).await), "ALLOW OPTED_OUT") };
    assert_eq!(noted(&f, staff, opted_out).await, 0);

    let new = f.bed.user(f.tenant, "new", UserKind::External).await;
    let skipped = async {
        let login = f.evaluate_from("new", HOME).await;
        assert_eq!(decision(&login), "ENROLL ENROLLMENT_OPTIONAL");
        f.logins.skip_enrollment(&f.permit(Operation::SkipEnrollment), &login.login_id.to_text()).await.unwrap();
    };
    assert_eq!(noted(&f, new, skipped).await, 0);
    f.policy(|policy| {
        policy.external.enrollment_opens_at = Some(soon);
        policy.external.mandatory_from = Some(soon);
    })
    .await;
    let closed = async { assert_eq!(decision(&f.evaluate_from("new", HOME).await), "ALLOW ENROLLMENT_NOT_OPEN") };
    assert_eq!(noted(&f, new, closed).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_enrollment_begins_the_history_anew() {
    let f = Fixture::in_the_world().await;
    let ann = f.bed.user(f.tenant, "ann", UserKind::External).await;
    // Of whoever knew the password before, and came from London.
    f.run(
        "update tenant_user set seen = array[1152921506037661696], login_hours = set_byte(login_hours, 3, 7), last_latitude = 51.5,
                last_longitude = -0.1, last_accuracy_km = 20, last_position_at = tenant_now($1),
                last_completed_at = tenant_now($1) where tenant_id = $1 and user_id = $2",
        ann.0,
    )
    .await;
    let login = f.evaluate_from("ann", HOME).await;
    assert_eq!(decision(&login), "ENROLL ENROLLMENT_REQUIRED");
    enroll(&f, &login).await;
    let memory = f.memory(ann).await;
    assert_eq!((memory.logins(), memory.north()), (1, Some(45)), "of London nothing is left");
    assert_eq!(memory.seen.len(), 4);
    assert_eq!(memory.last_position_at, Some(login.created_at));
    assert_eq!(decision(&f.evaluate_from("ann", HOME).await), "ALLOW LOW_RISK");
    let london = f.evaluate_from("ann", LONDON).await;
    let kinds: Vec<_> = signals(&london).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["IMPOSSIBLE_TRAVEL", "NEW_COUNTRY", "FACTOR_RECENTLY_CHANGED", "NEW_NETWORK"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_factor_that_came_from_elsewhere_is_told_for_three_days() {
    let f = Fixture::in_the_world().await;
    let ann = f.bed.user(f.tenant, "ann", UserKind::External).await;
    let login = f.evaluate_from("ann", HOME).await;
    enroll(&f, &login).await;
    let from: String =
        f.scalar("select host(confirmed_from) from factor where tenant_id = $1 and user_id = $2", ann.0).await;
    assert_eq!(from, HOME);
    let next_door = "192.0.2.11";
    assert_eq!(signals(&f.evaluate_from("ann", HOME).await), []);
    assert_eq!(signals(&f.evaluate_from("ann", next_door).await), [("FACTOR_RECENTLY_CHANGED".to_owned(), 25)]);
    f.bed.advance(f.tenant, 3 * DAY + 60).await;
    assert_eq!(signals(&f.evaluate_from("ann", next_door).await), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_familiar_is_strange_after_ninety_days() {
    let f = Fixture::in_the_world().await;
    f.phone_user("ann").await;
    f.log_in_from("ann", HOME).await;
    f.bed.advance(f.tenant, 89 * DAY).await;
    assert_eq!(decision(&f.evaluate_from("ann", HOME).await), "ALLOW LOW_RISK");
    f.bed.advance(f.tenant, 91 * DAY).await;
    let back = f.evaluate_from("ann", HOME).await;
    let kinds: Vec<_> = signals(&back).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["NEW_COUNTRY", "NEW_DEVICE", "DORMANT_USER", "NEW_NETWORK"]);
    assert_eq!((decision(&back).as_str(), back.risk_score), ("CHALLENGE RISK_DETECTED", 100));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hours_are_known_after_fifty_logins() {
    let f = Fixture::in_the_world().await;
    let ann = f.phone_user("ann").await;
    f.log_in_from("ann", HOME).await;
    let hour = f
        .scalar::<i32>(
            "select extract(hour from tenant_now($1) at time zone 'UTC')::integer + 0 * length($2::text)",
            ann.0,
        )
        .await;
    // All of them eight hours from now.
    let elsewhere = (hour + 8) % 24;
    let mut tx = f.tx().await;
    sqlx::query(
        "update tenant_user set login_hours = set_byte(decode(repeat('00', 24), 'hex'), $3, 60)
          where tenant_id = $1 and user_id = $2",
    )
    .bind(f.tenant.0)
    .bind(ann.0)
    .bind(elsewhere)
    .execute(tx.connection())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let login = f.evaluate_from("ann", HOME).await;
    assert_eq!(signals(&login), [("UNUSUAL_TIME".to_owned(), 10)]);
    assert_eq!(decision(&login), "ALLOW LOW_RISK");
    // Counted, up to what the column holds.
    f.run(
        "update tenant_user set login_hours = decode(repeat('ff', 24), 'hex') where tenant_id = $1 and user_id = $2",
        ann.0,
    )
    .await;
    assert_eq!(decision(&f.evaluate_from("ann", HOME).await), "ALLOW LOW_RISK");
    assert!(f.memory(ann).await.login_hours.iter().all(|count| *count == u8::MAX));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_noted_when_it_is_proved() {
    let f = Fixture::in_the_world().await;
    let ann = f.phone_user("ann").await;
    let by_link = EvaluateInput { first_factor: FirstFactor::OneTimeLink, ip_address: HOME.to_owned(), ..input("ann") };
    let login = f.ask(&by_link).await;
    assert_eq!(f.memory(ann).await.logins(), 0);
    f.prove(&login).await;
    assert_eq!(f.memory(ann).await.logins(), 1);
}
