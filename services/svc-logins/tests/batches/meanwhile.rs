//! Whatever else happens to the user meanwhile: locks in one order, and ends that are not outrun.

use std::time::Duration;

use core_kernel::UserId;
use core_policy::MethodChannel;
use svc_logins::VerifyOutput;

use crate::support::{Fixture, code_of};
use crate::together::{Asked, HOME, company, one_worker, together};

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
