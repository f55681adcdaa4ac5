//! Many logins in one statement: each is noted for its own user under its own tenant, once, whoever
//! else is in the batch, and whatever else happens to the user meanwhile.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

mod support;

use std::time::Duration;

use core_kernel::{ChallengeId, TenantId, UserId};
use core_policy::MethodChannel;
use futures::future::join_all;
use sqlx::PgConnection;
use support::{Fixture, code_of, decision};
use svc_logins::{CombinerOptions, VerifyOutput};
use testkit::Environment;

const HOME: &str = "192.0.2.10";
const ACROSS: &str = "198.51.100.7";
const LONDON: &str = "203.0.113.9";
const BOSTON: &str = "2001:db8:1:2::1";
/// Where each tenant's users log in, and how far north that is.
const PLACES: [(&str, i32); 4] = [(HOME, 45), (ACROSS, 38), (LONDON, 52), (BOSTON, 42)];

/// One worker a step: whatever is asked while it is busy makes one batch.
async fn one_worker() -> Fixture {
    let f = Fixture::in_the_world_with(CombinerOptions { workers: 1, ..CombinerOptions::default() }).await;
    count_functions(&f).await;
    f
}

/// Connections that are made from now on count the functions that they call.
async fn count_functions(f: &Fixture) {
    let mut superuser = f.superuser().await;
    let name: String = sqlx::query_scalar("select current_database()::text").fetch_one(&mut superuser).await.unwrap();
    let sql = sqlx::AssertSqlSafe(format!("alter database {name} set track_functions = 'all'"));
    sqlx::raw_sql(sql).execute(&mut superuser).await.unwrap();
}

/// Ends the workers, whose sessions then hand in how often they called each function.
async fn expect_calls<const N: usize>(f: Fixture, expected: [(&str, i64); N]) {
    let mut superuser = f.superuser().await;
    let Fixture { logins, bed, .. } = f;
    drop(logins);
    let mut counted = Vec::new();
    for _ in 0..250 {
        counted.clear();
        for (function, _) in expected {
            counted.push((function, calls(&mut superuser, function).await));
        }
        if counted == expected {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(counted, expected);
    drop(bed);
}

async fn calls(superuser: &mut PgConnection, function: &str) -> i64 {
    sqlx::query_scalar("select coalesce(sum(calls), 0)::bigint from pg_stat_user_functions where funcname = $1")
        .bind(function)
        .fetch_one(superuser)
        .await
        .unwrap()
}

struct Asked {
    tenant: TenantId,
    challenge: ChallengeId,
    code: String,
    remember: bool,
}

impl Asked {
    fn right(f: &Fixture, challenge: ChallengeId) -> Self {
        Self { tenant: f.tenant, challenge, code: f.code(challenge), remember: false }
    }
}

/// Verifies all of them in one batch: the only worker is held up by a login whose row is locked.
async fn together(f: &Fixture, asked: &[Asked]) -> Vec<VerifyOutput> {
    let name = format!("decoy {}", asked[0].challenge.0);
    f.phone_user(&name).await;
    let login = f.evaluate(&name).await;
    let challenge = f.text(&login).await;
    let mut tx = f.tx().await;
    let lock = "select from login where tenant_id = $1 and login_id = $2 for update";
    sqlx::query(lock).bind(f.tenant.0).bind(login.login_id.0).execute(tx.connection()).await.unwrap();
    let code = f.code(challenge);
    let decoy = async { assert_eq!(code_of(&f.verify(challenge, &code).await), "OK") };
    let others = async {
        f.somebody_waits().await;
        let all = join_all(asked.iter().map(|one| f.verify_of(one.tenant, one.challenge, &one.code, one.remember)));
        let release = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            tx.commit().await.unwrap();
        };
        tokio::join!(all, release).0
    };
    tokio::join!(decoy, others).1
}

#[tokio::test(flavor = "multi_thread")]
async fn right_codes_of_several_tenants_are_noted_each_under_its_own() {
    let mut f = one_worker().await;
    let (mut asked, mut users) = (Vec::new(), Vec::new());
    let first = f.tenant;
    for at in 0..60_usize {
        let place = at % PLACES.len();
        if at > 0 && at < PLACES.len() {
            f.bed.tenant(Environment::Sandbox).await;
        }
        f.tenant = tenant_at(&f, first, place).await;
        let external_id = format!("user {at}");
        let user = f.phone_user(&external_id).await;
        let bystander = f.bed.user(f.tenant, &format!("bystander {at}"), core_policy::UserKind::External).await;
        f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", user.0).await;
        let login = f.evaluate_from(&external_id, PLACES[place].0).await;
        let challenge = f.text(&login).await;
        let mut one = Asked::right(&f, challenge);
        if at % 10 == 9 {
            one.code = f.wrong_code(challenge).to_owned();
        }
        asked.push(one);
        users.push((f.tenant, user, bystander));
    }
    f.tenant = first;
    let answers = together(&f, &asked).await;
    let untouched = f.memory(users[0].2).await;
    for (at, (answer, (tenant, user, bystander))) in answers.iter().zip(&users).enumerate() {
        f.tenant = *tenant;
        let (memory, wrong) = (f.memory(*user).await, at % 10 == 9);
        assert_eq!(code_of(answer), if wrong { "WRONG_CODE" } else { "OK" }, "{at}");
        let expected = if wrong { (0, None) } else { (1, Some(PLACES[at % PLACES.len()].1)) };
        assert_eq!((memory.logins(), memory.north()), expected, "{at}");
        assert_eq!(f.memory(*bystander).await, untouched);
    }
    f.tenant = first;
    // The decoy, and in one batch six wrong codes.
    expect_calls(f, [("hot_verify_batch", 2), ("hot_verify", 7)]).await;
}

/// The n-th tenant, the oldest first.
async fn tenant_at(f: &Fixture, first: TenantId, at: usize) -> TenantId {
    if at == 0 {
        return first;
    }
    let mut superuser = f.superuser().await;
    let sql = "select tenant_id from tenant where name = 'Test Tenant' order by tenant_id offset $1 limit 1";
    TenantId(sqlx::query_scalar(sql).bind(at as i64).fetch_one(&mut superuser).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_of_several_tenants_are_noted_each_under_its_own() {
    let mut f = one_worker().await;
    let first = f.tenant;
    let second = f.bed.tenant(Environment::Sandbox).await;
    let mut users = Vec::new();
    for (at, tenant) in [first, second].into_iter().cycle().take(24).enumerate() {
        f.tenant = tenant;
        let external_id = format!("user {at}");
        let user = f.phone_user(&external_id).await;
        f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", user.0).await;
        f.log_in_from(&external_id, PLACES[at % 2].0).await;
        users.push((tenant, external_id, user));
    }
    f.tenant = first;
    f.phone_user("decoy").await;
    let decoy = f.bed.user(first, "decoy 2", core_policy::UserKind::External).await;
    let mut tx = f.tx().await;
    let lock = "select from tenant_user where tenant_id = $1 and user_id = $2 for update";
    sqlx::query(lock).bind(first.0).bind(decoy.0).execute(tx.connection()).await.unwrap();
    let all = async {
        f.somebody_waits().await;
        let asked = users.iter().enumerate().map(|(at, (tenant, external_id, _))| {
            let permit = support::login_caller(*tenant).permit(core_access::Operation::EvaluateLogin).unwrap();
            let ip_address = PLACES[at % 2].0.to_owned();
            let input = svc_logins::EvaluateInput { ip_address, ..support::input(external_id) };
            let logins = f.logins.clone();
            async move { logins.evaluate(&permit, &input).await.unwrap() }
        });
        let release = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            tx.commit().await.unwrap();
        };
        tokio::join!(join_all(asked), release).0
    };
    let (_, decided) = tokio::join!(f.evaluate("decoy 2"), all);
    for (at, (login, (tenant, _, user))) in decided.iter().zip(&users).enumerate() {
        f.tenant = *tenant;
        assert_eq!(decision(login), "ALLOW LOW_RISK", "{at}");
        let memory = f.memory(*user).await;
        assert_eq!((memory.logins(), memory.north()), (2, Some(PLACES[at % 2].1)), "{at}");
        assert_eq!(memory.last_completed_at, login.completed_at);
    }
    // The decoy, and all decisions together.
    expect_calls(f, [("hot_record_login_batch", 24 + 2)]).await;
}

/// Four more right codes: enough that the batch is one statement.
async fn company(f: &Fixture, name: &str) -> Vec<Asked> {
    let mut asked = Vec::new();
    for at in 0..4 {
        let external_id = format!("{name} {at}");
        let user = f.phone_user(&external_id).await;
        f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", user.0).await;
        let login = f.evaluate_from(&external_id, HOME).await;
        asked.push(Asked::right(f, f.text(&login).await));
    }
    asked
}

#[tokio::test(flavor = "multi_thread")]
async fn two_logins_of_one_user_in_one_batch_both_count() {
    let f = one_worker().await;
    let ann = f.phone_user("ann").await;
    let across = f.evaluate_from("ann", ACROSS).await;
    let home = f.evaluate_from("ann", HOME).await;
    let london = f.evaluate_from("ann", LONDON).await;
    let mut asked = company(&f, "friend").await;
    // The one that was begun last is verified first.
    for (login, channel) in
        [(&london, MethodChannel::Sms), (&across, MethodChannel::Sms), (&home, MethodChannel::Voice)]
    {
        f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", ann.0).await;
        asked.push(Asked::right(&f, f.start_by(login, channel).await.challenge.unwrap().challenge_id));
    }
    let answers = together(&f, &asked).await;
    assert!(answers.iter().all(|answer| code_of(answer) == "OK"));
    let memory = f.memory(ann).await;
    assert_eq!((memory.logins(), memory.north()), (3, Some(52)), "begun last, whenever completed");
    assert_eq!(memory.last_position_at, Some(london.created_at));
    let kinds: Vec<_> = memory.seen.iter().map(|element| element >> 60).collect();
    assert_eq!(kinds, [1, 1, 2, 2, 2, 3, 4, 4, 4]);
    // One statement, but for the decoy.
    expect_calls(f, [("hot_verify_batch", 2), ("hot_verify", 1)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_whoever_is_gone_nothing_is_noted_and_the_batch_goes_on() {
    let f = one_worker().await;
    let ann = f.phone_user("ann").await;
    let login = f.evaluate_from("ann", HOME).await;
    let mut asked = company(&f, "friend").await;
    asked.push(Asked::right(&f, f.text(&login).await));
    f.run("update tenant_user set erased_at = now() where tenant_id = $1 and user_id = $2", ann.0).await;
    let answers = together(&f, &asked).await;
    assert_eq!(answers.iter().map(code_of).collect::<Vec<_>>(), ["OK"; 5]);
    assert_eq!(f.memory(ann).await.logins(), 0);
    let sql =
        "select count(*) from tenant_user where tenant_id = $1 and $2::uuid is not null and external_id like 'friend%'
                  and (select sum(get_byte(login_hours, h)) from generate_series(0, 23) h) = 1";
    assert_eq!(f.scalar::<i64>(sql, ann.0).await, 4);
    // The decoy, and one statement for the five.
    expect_calls(f, [("hot_verify_batch", 2), ("hot_verify", 1)]).await;
}

/// The lock that a change of factors takes first, then what it changes.
async fn change_factors(f: &Fixture, user: UserId, verifying: impl Future<Output = VerifyOutput>) -> VerifyOutput {
    let mut tx = f.tx().await;
    let lock = "select from tenant_user where tenant_id = $1 and user_id = $2 for no key update";
    sqlx::query(lock).bind(f.tenant.0).bind(user.0).execute(tx.connection()).await.unwrap();
    let change = async {
        f.somebody_waits().await;
        for sql in [
            "update factor set consecutive_failures = consecutive_failures where tenant_id = $1 and user_id = $2",
            "update temporary_access_code set reason = 'looked at' where tenant_id = $1 and user_id = $2",
            "select end_devices($1, $2)",
        ] {
            sqlx::query(sql).bind(f.tenant.0).bind(user.0).execute(tx.connection()).await.expect("no deadlock");
        }
        tx.commit().await.unwrap();
    };
    tokio::join!(verifying, change).0
}

#[tokio::test(flavor = "multi_thread")]
async fn locks_are_taken_in_one_order_login_user_factor() {
    let f = Fixture::in_the_world().await;
    let ann = f.phone_user("ann").await;
    let seed = f.add_totp(ann).await;
    let backup = f.add_backup_codes(ann).await;
    let temporary = f.add_temporary_code(ann, true).await;
    f.policy(|policy| policy.external.trusted_device_seconds = 86_400).await;
    f.run("update tenant_user set chosen_level = 'HIGH' where tenant_id = $1 and user_id = $2", ann.0).await;
    for (channel, code) in [
        (MethodChannel::Sms, String::new()),
        (MethodChannel::Totp, seed.code_at(f.bed.platform.now()).to_string()),
        (MethodChannel::BackupCode, backup[0].shown()),
        (MethodChannel::TemporaryAccessCode, temporary),
        (MethodChannel::Sms, "wrong".to_owned()),
    ] {
        f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", ann.0).await;
        let login = f.evaluate_from("ann", HOME).await;
        let challenge = f.start_by(&login, channel).await.challenge.unwrap().challenge_id;
        let right = if code.is_empty() { f.code(challenge) } else { code.clone() };
        let answer = change_factors(&f, ann, f.verify_as(challenge, &right, true)).await;
        assert_eq!(code_of(&answer), if code == "wrong" { "WRONG_CODE" } else { "OK" }, "{channel:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_takes_its_locks_in_the_same_order() {
    let f = one_worker().await;
    f.policy(|policy| policy.external.trusted_device_seconds = 86_400).await;
    let ann = f.phone_user("ann").await;
    f.log_in_from("ann", HOME).await;
    f.run("update tenant_user set chosen_level = 'HIGH' where tenant_id = $1 and user_id = $2", ann.0).await;
    // A device that has run out goes when another is trusted.
    let old = "select trust_device($1, $2, uuid_v7(), '\\x00', null, tenant_now($1) - interval '2 days', 86400)";
    f.run(old, ann.0).await;
    let login = f.evaluate_from("ann", HOME).await;
    let mut asked = company(&f, "friend").await;
    f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", ann.0).await;
    asked.push(Asked { remember: true, ..Asked::right(&f, f.text(&login).await) });
    // The policy is known, so that all are queued at once.
    f.policies.snapshot(f.tenant).await.unwrap();
    let verifying = async { together(&f, &asked).await.pop().unwrap() };
    let answer = change_factors_later(&f, ann, verifying).await;
    assert_eq!(code_of(&answer), "OK");
    assert!(answer.device_token.is_some(), "proved after the change");
}

/// As [`change_factors`], where somebody else waits for another lock before.
async fn change_factors_later(
    f: &Fixture,
    user: UserId,
    verifying: impl Future<Output = VerifyOutput>,
) -> VerifyOutput {
    let mut tx = f.tx().await;
    let lock = "select from tenant_user where tenant_id = $1 and user_id = $2 for no key update";
    sqlx::query(lock).bind(f.tenant.0).bind(user.0).execute(tx.connection()).await.unwrap();
    let change = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        f.somebody_waits().await;
        for sql in [
            "select end_devices($1, $2)",
            "update factor set consecutive_failures = consecutive_failures where tenant_id = $1 and user_id = $2",
        ] {
            sqlx::query(sql).bind(f.tenant.0).bind(user.0).execute(tx.connection()).await.expect("no deadlock");
        }
        tx.commit().await.unwrap();
    };
    tokio::join!(verifying, change).0
}

/// What disabling, resetting and erasing do first: with the login's row locked, its end is now.
async fn end_logins(f: &Fixture, user: UserId, verifying: impl Future<Output = VerifyOutput>) -> VerifyOutput {
    let mut tx = f.tx().await;
    let now = tx.tenant_now().await.unwrap();
    svc_directory::users::expire_logins(&mut tx, user, now).await.unwrap();
    let ending = async {
        f.somebody_waits().await;
        let disable = "update tenant_user set disabled = true where tenant_id = $1 and user_id = $2";
        sqlx::query(disable).bind(f.tenant.0).bind(user.0).execute(tx.connection()).await.unwrap();
        svc_directory::users::end_pending(&mut tx, user, now).await.unwrap();
        tx.commit().await.unwrap();
    };
    tokio::join!(verifying, ending).0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_code_that_waited_for_the_users_end_is_late() {
    let f = Fixture::in_the_world().await;
    f.policy(|policy| policy.external.trusted_device_seconds = 86_400).await;
    for (external_id, channel) in [("ann", MethodChannel::Sms), ("bob", MethodChannel::Totp)] {
        let user = f.phone_user(external_id).await;
        f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", user.0).await;
        let seed = f.add_totp(user).await;
        let login = f.evaluate_from(external_id, HOME).await;
        let challenge = f.start_by(&login, channel).await.challenge.unwrap().challenge_id;
        let totp = seed.code_at(f.bed.platform.now()).to_string();
        let code = if channel == MethodChannel::Sms { f.code(challenge) } else { totp };
        // The clock of the ending is later than the one at which the code was looked at.
        let answer = end_logins(&f, user, f.verify_as(challenge, &code, true)).await;
        assert_eq!(code_of(&answer), "EXPIRED", "{channel:?}");
        assert_eq!((answer.device_token.is_some(), f.memory(user).await.logins()), (false, 0));
        let used = "select count(*) from factor where tenant_id = $1 and user_id = $2 and last_step is not null";
        assert_eq!(f.scalar::<i64>(used, user.0).await, 0, "nothing was used up");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_does_not_outlive_the_factor_that_was_proved_on_it() {
    let f = Fixture::in_the_world().await;
    f.policy(|policy| policy.external.trusted_device_seconds = 86_400).await;
    for change in [
        "update factor set status = 'REMOVED', removed_at = now() where tenant_id = $1 and user_id = $2",
        "update factor set status = 'DISABLED' where tenant_id = $1 and user_id = $2",
        "update tenant_user set locked_until = 'infinity' where tenant_id = $1 and user_id = $2",
        "update tenant_user set disabled = true where tenant_id = $1 and user_id = $2",
    ] {
        let user = f.phone_user(change).await;
        f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", user.0).await;
        let login = f.evaluate_from(change, HOME).await;
        let challenge = f.text(&login).await;
        let code = f.code(challenge);
        let mut tx = f.tx().await;
        let lock = "select from tenant_user where tenant_id = $1 and user_id = $2 for no key update";
        sqlx::query(lock).bind(f.tenant.0).bind(user.0).execute(tx.connection()).await.unwrap();
        let meanwhile = async {
            f.somebody_waits().await;
            for sql in [change, "select end_devices($1, $2)"] {
                sqlx::query(sql).bind(f.tenant.0).bind(user.0).execute(tx.connection()).await.unwrap();
            }
            tx.commit().await.unwrap();
        };
        let (answer, ()) = tokio::join!(f.verify_as(challenge, &code, true), meanwhile);
        assert_eq!((code_of(&answer), answer.device_token.is_some()), ("OK", false), "{change}");
        let left = "select count(*) from trusted_device where tenant_id = $1 and user_id = $2";
        assert_eq!(f.scalar::<i64>(left, user.0).await, 0, "{change}");
    }
}
