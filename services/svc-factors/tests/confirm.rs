//! The code: compared as often as the policy says and no more, given out once, and what it makes true.

mod common;

use chrono::{TimeDelta, Utc};
use common::{ANN, BOB, World, code_of, refusal};
use core_crypto::TotpSecret;
use core_kernel::{Clock, FactorId, LoginId, RefusalCode, SystemClock, Timestamp, TypedId};
use core_policy::{FactorStatus, PhoneRole};
use futures::future::join_all;
use svc_factors::{ConfirmFactor, EnrollTotp, Enrollment, SendFactorCode};
use svc_platform::ChallengeStatus;

fn id_of(enrolled: &Enrollment) -> FactorId {
    enrolled.factor.as_ref().expect("a factor").factor_id
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_code_makes_it_active_and_completes_the_login_that_asked() {
    let world = World::new().await;
    let (permit, login) = (world.login_key(), world.enrolling_login().await);
    let enrolled = world.enroll(&permit, ANN, PhoneRole::Primary, Some(login)).await.unwrap();
    let spelled = world.code(&enrolled.challenge).chars().map(|c| format!("{c} ")).collect::<String>();
    let confirmed = world.confirm(&permit, id_of(&enrolled), &spelled, Some(login)).await.unwrap();
    assert_eq!(confirmed.refusal, None);
    let factor = confirmed.factor.unwrap();
    assert_eq!((factor.status, factor.last_used_at.is_some()), (FactorStatus::Active, true));
    assert_eq!((confirmed.login, confirmed.completed_login), (Some(login), Some(login)));
    assert_eq!(confirmed.challenge.unwrap().status, ChallengeStatus::Verified);
    let written: String = world
        .read(
            "select concat_ws(' ', completed_with, completed_proof, completed_by = (select factor_id from factor
                        where tenant_id = $1 and status = 'ACTIVE'), enrolling, completed_wall is not null)
               from login where tenant_id = $1 and login_id = $2",
            login.0,
        )
        .await;
    assert_eq!(written, "ENROLLED SMS t t t");
    let events: i64 = world
        .read(
            "select count(*) from outbox_event where tenant_id = $1 and kind = 'FACTOR_ADDED' and $2::uuid is not null",
            login.0,
        )
        .await;
    assert_eq!(events, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_same_session_a_recovery_phone_follows_and_the_login_stays_as_it_is() {
    let world = World::new().await;
    let (permit, login) = (world.login_key(), world.enrolling_login().await);
    let first = world.enroll(&permit, ANN, PhoneRole::Primary, Some(login)).await.unwrap();
    let begun_together = world.enroll(&permit, BOB, PhoneRole::Recovery, Some(login)).await.unwrap();
    world.confirm(&permit, id_of(&first), &world.code(&first.challenge), Some(login)).await.unwrap();
    let completed = "select completed_at from login where tenant_id = $1 and login_id = $2";
    let before: Timestamp = world.read(completed, login.0).await;
    let code = world.code(&begun_together.challenge);
    let second = world.confirm(&permit, id_of(&begun_together), &code, Some(login)).await.unwrap();
    assert_eq!((second.refusal, second.login, second.completed_login), (None, Some(login), None));
    assert_eq!(world.read::<Timestamp>(completed, login.0).await, before);
    assert_eq!(world.notices(id_of(&first), "factor_added").await, 1, "the other factor is told");
    assert_eq!(world.notices(id_of(&begun_together), "factor_added").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_began_vanishes() {
    let world = World::new().await;
    let (permit, thief, ann) = (world.login_key(), world.enrolling_login().await, world.enrolling_login().await);
    let stolen = world.enroll(&permit, BOB, PhoneRole::Recovery, Some(thief)).await.unwrap();
    let outside = world.factors.enroll_totp(&world.users_key(), EnrollTotp { user: world.ann(), login_id: None }).await;
    let own = world.enroll(&permit, ANN, PhoneRole::Primary, Some(ann)).await.unwrap();
    world.confirm(&permit, id_of(&own), &world.code(&own.challenge), Some(ann)).await.unwrap();
    for gone in [id_of(&stolen), outside.unwrap().factor.factor_id] {
        let answer = world.confirm(&permit, gone, "123456", Some(thief)).await;
        assert_eq!(refusal(answer), (RefusalCode::NotFound, "factorId".to_owned()));
    }
}

async fn guess_in_parallel(
    world: &World,
    factor: FactorId,
    code: &str,
    login: Option<LoginId>,
    times: usize,
) -> Vec<Option<RefusalCode>> {
    let permit = if login.is_some() { world.login_key() } else { world.users_key() };
    let calls = (0..times).map(|_| world.confirm(&permit, factor, code, login));
    join_all(calls).await.into_iter().map(|answer| code_of(&answer.expect("an answer"))).collect()
}

fn count(answers: &[Option<RefusalCode>], wanted: Option<RefusalCode>) -> usize {
    answers.iter().filter(|answer| **answer == wanted).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_wrong_guesses_are_compared_five_times() {
    for within_login in [true, false] {
        let world = World::new().await;
        let login = if within_login { Some(world.enrolling_login().await) } else { None };
        let permit = if within_login { world.login_key() } else { world.users_key() };
        let enrolled = world.enroll(&permit, ANN, PhoneRole::Primary, login).await.unwrap();
        let (factor, wrong) = (id_of(&enrolled), world.wrong_code(&enrolled.challenge));
        let answers = guess_in_parallel(&world, factor, &wrong, login, 60).await;
        assert_eq!(count(&answers, Some(RefusalCode::WrongCode)), 5, "{within_login}");
        assert_eq!(count(&answers, Some(RefusalCode::TooManyAttempts)), 55, "{within_login}");
        let right = world.code(&enrolled.challenge);
        let answers = guess_in_parallel(&world, factor, &right, login, 3).await;
        assert_eq!(count(&answers, Some(RefusalCode::TooManyAttempts)), 3, "the right code too");
        assert_eq!(world.status(factor).await, "PENDING");
        let counted = "select cardinality(wrong_code_times) from tenant_user where tenant_id = $1 and user_id = $2";
        assert_eq!(world.read::<i32>(counted, world.user.0).await, 5, "they count against the user");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_right_codes_succeed_once() {
    for within_login in [true, false] {
        let world = World::new().await;
        let login = if within_login { Some(world.enrolling_login().await) } else { None };
        let permit = if within_login { world.login_key() } else { world.users_key() };
        let enrolled = world.enroll(&permit, ANN, PhoneRole::Primary, login).await.unwrap();
        let right = world.code(&enrolled.challenge);
        let answers = guess_in_parallel(&world, id_of(&enrolled), &right, login, 40).await;
        assert_eq!(count(&answers, None), 1);
        assert_eq!(count(&answers, Some(RefusalCode::AlreadyCompleted)), 39);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_a_resend_nor_another_way_of_calling_gives_more_tries() {
    let world = World::new().await;
    let (permit, login) = (world.login_key(), world.enrolling_login().await);
    let enrolled = world.enroll(&permit, ANN, PhoneRole::Primary, Some(login)).await.unwrap();
    let wrong = world.wrong_code(&enrolled.challenge);
    for remaining in (1..5).rev() {
        let answer = world.confirm(&permit, id_of(&enrolled), &wrong, Some(login)).await.unwrap();
        assert_eq!(code_of(&answer), Some(RefusalCode::WrongCode));
        assert_eq!(answer.challenge.unwrap().attempts_remaining, remaining);
    }
    world.bed.advance(world.tenant, 290).await;
    let send = SendFactorCode { factor_id: id_of(&enrolled).to_text(), channel: None, login_id: Some(login.to_text()) };
    let renewed = world.factors.send_factor_code(&permit, send.clone()).await.unwrap();
    assert_ne!(renewed.challenge.challenge_id, enrolled.challenge.challenge_id);
    assert_eq!(renewed.challenge.attempts_remaining, 1);
    // Without the login there is no code to be compared with.
    let answer = world.confirm(&world.users_key(), id_of(&enrolled), &wrong, None).await.unwrap();
    assert_eq!(code_of(&answer), Some(RefusalCode::Expired));
    let again = world.enroll(&permit, ANN, PhoneRole::Primary, Some(login)).await.unwrap();
    assert_eq!(again.challenge.attempts_remaining, 1, "enrolling anew gives no new budget");
    let wrong = world.wrong_code(&again.challenge);
    let last = world.confirm(&permit, id_of(&again), &wrong, Some(login)).await.unwrap();
    assert_eq!(
        (code_of(&last), last.challenge.unwrap().status),
        (Some(RefusalCode::WrongCode), ChallengeStatus::Failed)
    );
    let answer =
        world.factors.send_factor_code(&permit, SendFactorCode { factor_id: id_of(&again).to_text(), ..send }).await;
    assert_eq!(refusal(answer).0, RefusalCode::TooManyAttempts);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_wrong_codes_lock_the_user_whatever_they_were_for() {
    let world = World::new().await;
    let permit = world.users_key();
    for _ in 0..2 {
        let enrolled = world.enroll(&permit, ANN, PhoneRole::Primary, None).await.unwrap();
        let wrong = world.wrong_code(&enrolled.challenge);
        let answers = guess_in_parallel(&world, id_of(&enrolled), &wrong, None, 5).await;
        assert_eq!(count(&answers, Some(RefusalCode::WrongCode)), 5);
    }
    let answer = world.enroll(&permit, ANN, PhoneRole::Primary, None).await;
    assert_eq!(refusal(answer).0, RefusalCode::UserLocked);
    assert_eq!(world.audited("user.locked").await, 1);
    world.bed.advance(world.tenant, 15 * 60 + 1).await;
    world.enroll(&permit, ANN, PhoneRole::Primary, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_enrollments_and_logins_run_out() {
    let world = World::new().await;
    let permit = world.users_key();
    let enrolled = world.enroll(&permit, ANN, PhoneRole::Primary, None).await.unwrap();
    let code = world.code(&enrolled.challenge);
    world.bed.advance(world.tenant, 300).await;
    let answer = world.confirm(&permit, id_of(&enrolled), &code, None).await.unwrap();
    assert_eq!(
        (code_of(&answer), answer.challenge.unwrap().status),
        (Some(RefusalCode::Expired), ChallengeStatus::Expired)
    );
    let login = world.enrolling_login().await;
    world.bed.advance(world.tenant, 3_300).await;
    let send = SendFactorCode { factor_id: id_of(&enrolled).to_text(), channel: None, login_id: None };
    assert_eq!(refusal(world.factors.send_factor_code(&permit, send).await).0, RefusalCode::Expired);
    assert_eq!(world.factors.list_factors(&permit, world.user).await.unwrap(), [], "gone after an hour");
    world.bed.advance(world.tenant, 300).await;
    let answer = world.enroll(&world.login_key(), ANN, PhoneRole::Primary, Some(login)).await;
    assert_eq!(refusal(answer), (RefusalCode::Expired, "loginId".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_phone_stays_until_the_new_one_is_confirmed_and_hears_of_it() {
    let world = World::new().await;
    let old = world.active_phone(ANN, PhoneRole::Primary).await;
    let (permit, login) = (world.login_key(), world.proved_login("SMS").await);
    let enrolled = world.enroll(&permit, BOB, PhoneRole::Primary, Some(login)).await.unwrap();
    assert_eq!(world.status(old).await, "ACTIVE");
    let confirmed =
        world.confirm(&permit, id_of(&enrolled), &world.code(&enrolled.challenge), Some(login)).await.unwrap();
    assert_eq!((confirmed.refusal, confirmed.completed_login), (None, None));
    assert_eq!(world.status(old).await, "REMOVED");
    assert_eq!(world.notices(old, "factor_changed").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rule_is_asked_again_at_the_end() {
    let world = World::new().await;
    let (permit, login) = (world.login_key(), world.enrolling_login().await);
    let begun = world.enroll(&permit, ANN, PhoneRole::Primary, Some(login)).await.unwrap();
    let code = world.code(&begun.challenge);
    // Meanwhile the user got a factor elsewhere, without anything vanishing.
    let elsewhere = world.enroll(&permit, BOB, PhoneRole::Recovery, Some(login)).await.unwrap();
    world.run("update factor set status = 'ACTIVE' where tenant_id = $1 and factor_id = $2", id_of(&elsewhere).0).await;
    for (permit, login) in [(world.login_key(), Some(login)), (world.users_key(), None), (world.login_key(), None)] {
        let answer = world.confirm(&permit, id_of(&begun), &code, login).await;
        assert_eq!(refusal(answer).0, RefusalCode::VerificationRequired);
    }
    let verified = world.proved_login("SMS").await;
    let answer = world.confirm(&world.login_key(), id_of(&begun), &code, Some(verified)).await.unwrap();
    assert_eq!(code_of(&answer), Some(RefusalCode::Expired), "its code was for another login");
    let send = SendFactorCode { factor_id: id_of(&begun).to_text(), channel: None, login_id: Some(verified.to_text()) };
    let sent = world.factors.send_factor_code(&world.login_key(), send).await.unwrap();
    let confirmed =
        world.confirm(&world.login_key(), id_of(&begun), &world.code(&sent.challenge), Some(verified)).await.unwrap();
    assert_eq!(confirmed.refusal, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_without_a_login_can_complete_one() {
    let world = World::new().await;
    let enrolled = world.enroll(&world.users_key(), ANN, PhoneRole::Primary, None).await.unwrap();
    let login = world.enrolling_login().await;
    let code = world.code(&enrolled.challenge);
    let confirmed = world.confirm(&world.login_key(), id_of(&enrolled), &code, Some(login)).await.unwrap();
    assert_eq!((confirmed.refusal, confirmed.completed_login), (None, Some(login)));
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_identifiers_do_not_exist() {
    let world = World::new().await;
    let other = World::new().await;
    let enrolled = world.enroll(&world.users_key(), ANN, PhoneRole::Primary, None).await.unwrap();
    let code = world.code(&enrolled.challenge);
    let foreign = ConfirmFactor {
        factor_id: id_of(&enrolled).to_text(),
        code: Some(code.clone()),
        login_id: None,
        credential: None,
        remember_device: false,
    };
    let answer = other.factors.confirm_factor(&other.as_system(), foreign).await;
    assert_eq!(refusal(answer), (RefusalCode::NotFound, "factorId".to_owned()));
    for factor_id in ["", "factor_x", &world.user.to_text()] {
        let input = ConfirmFactor {
            factor_id: factor_id.to_owned(),
            code: None,
            login_id: None,
            credential: None,
            remember_device: false,
        };
        let answer = world.factors.confirm_factor(&world.as_system(), input).await;
        assert_eq!(refusal(answer), (RefusalCode::NotFound, "factorId".to_owned()));
    }
    let bob = world.bed.user(world.tenant, "bob", core_policy::UserKind::External).await;
    let login = world.login_of(bob, "ENROLL", "PASSWORD").await;
    let answer = world.confirm(&world.login_key(), id_of(&enrolled), &code, Some(login)).await;
    assert_eq!(refusal(answer), (RefusalCode::NotFound, "loginId".to_owned()), "another user's login");
    let input = ConfirmFactor {
        factor_id: id_of(&enrolled).to_text(),
        code: None,
        login_id: None,
        credential: None,
        remember_device: false,
    };
    let answer = world.factors.confirm_factor(&world.users_key(), input).await;
    assert_eq!(refusal(answer), (RefusalCode::Invalid, "code".to_owned()));
    assert!(other.factors.lookup_factor(&other.as_system(), id_of(&enrolled)).await.unwrap().is_none());
    assert!(world.factors.lookup_factor(&world.as_system(), id_of(&enrolled)).await.unwrap().is_some());
}

/// The seed, as the app would have it from the URI.
fn seed(uri: &str) -> TotpSecret {
    let secret = uri.split("secret=").nth(1).and_then(|rest| rest.split('&').next()).expect("a secret");
    let bytes = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).expect("base32");
    TotpSecret::from_bytes(&bytes).expect("20 bytes")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_enrolling_code_of_an_app_is_used_up() {
    let world = World::new().await;
    let (permit, login) = (world.login_key(), world.enrolling_login().await);
    let input = EnrollTotp { user: world.ann(), login_id: Some(login.to_text()) };
    let enrolled = world.factors.enroll_totp(&permit, input).await.unwrap();
    let seed = seed(enrolled.otpauth_uri.expose());
    let factor = enrolled.factor.factor_id;
    let now = SystemClock.now();
    let far: chrono::DateTime<Utc> = now + TimeDelta::minutes(5);
    let answer = world.confirm(&permit, factor, &seed.code_at(far), Some(login)).await.unwrap();
    assert_eq!((code_of(&answer), answer.challenge), (Some(RefusalCode::WrongCode), None));
    let confirmed = world.confirm(&permit, factor, &seed.code_at(now), Some(login)).await.unwrap();
    assert_eq!((confirmed.refusal, confirmed.completed_login), (None, Some(login)));
    let step: i64 = world.read("select last_step from factor where tenant_id = $1 and factor_id = $2", factor.0).await;
    let given = now.timestamp() / 30;
    assert!((step - given).abs() <= 1, "step {given} is used up, and not {step}");
    let proof: String =
        world.read("select completed_proof from login where tenant_id = $1 and login_id = $2", login.0).await;
    assert_eq!(proof, "TOTP");
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_an_app_have_one_budget() {
    let world = World::new().await;
    let (permit, login) = (world.login_key(), world.enrolling_login().await);
    let input = EnrollTotp { user: world.ann(), login_id: Some(login.to_text()) };
    let enrolled = world.factors.enroll_totp(&permit, input).await.unwrap();
    let factor = enrolled.factor.factor_id;
    let answers = guess_in_parallel(&world, factor, "no code", Some(login), 30).await;
    assert_eq!(count(&answers, Some(RefusalCode::WrongCode)), 5);
    assert_eq!(count(&answers, Some(RefusalCode::TooManyAttempts)), 25);
    let answer = world.confirm(&world.users_key(), factor, "000000", None).await.unwrap();
    assert_eq!(code_of(&answer), Some(RefusalCode::Expired), "no second budget outside the login");
    let next = world.enrolling_login().await;
    let answer = world.confirm(&permit, factor, "000000", Some(next)).await.unwrap();
    assert_eq!(code_of(&answer), Some(RefusalCode::Expired), "nor in another login");
}
