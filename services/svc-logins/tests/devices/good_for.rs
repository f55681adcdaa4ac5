//! Where a token is given, and what it is good for.

use core_access::Operation;
use core_crypto::digest_token;
use core_kernel::{RefusalCode, Stop};
use core_policy::{FirstFactor, LoginPurpose, MethodChannel, SecurityLevel};
use io_postgres::isolation_faults;
use sqlx::Connection;
use svc_logins::EvaluateInput;

use crate::remembering::{HOME, decided, devices, remember, staff, with_token};
use crate::support::{Fixture, code_of, decision, signals};

const LONDON: &str = "203.0.113.9";

const DAY: i64 = 86_400;

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
