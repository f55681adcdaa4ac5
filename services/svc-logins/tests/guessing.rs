//! Budgets of tries under parallel attack: what an answer tells is what was counted.

mod support;

use std::sync::Arc;

use core_kernel::UserId;
use core_policy::{LoginOutcome, MethodChannel, UserKind};
use futures::future::join_all;
use support::{Fixture, code_of, signals, tally};

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hundred_right_codes_one_succeeds() {
    let f = Fixture::new().await;
    f.phone_user("ann").await;
    let (_, challenge) = f.challenged("ann").await;
    let code = f.code(challenge);
    let outputs = join_all((0..200).map(|_| f.verify(challenge, &code))).await;
    let counts = tally(outputs.iter().map(code_of));
    assert_eq!(counts.get("OK"), Some(&1), "{counts:?}");
    assert_eq!(counts.get("ALREADY_COMPLETED"), Some(&199), "{counts:?}");
    assert_eq!(outputs.iter().filter(|output| output.login.is_some()).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_wrong_guesses_five_are_compared_and_then_the_right_code_is_not() {
    let f = Fixture::new().await;
    f.phone_user("ann").await;
    let (_, challenge) = f.challenged("ann").await;
    let code = f.code(challenge);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let outputs = join_all((0..1_000).map(|_| f.verify(challenge, wrong))).await;
    let counts = tally(outputs.iter().map(code_of));
    assert_eq!(counts.get("WRONG_CODE"), Some(&5), "{counts:?}");
    assert_eq!(counts.get("TOO_MANY_ATTEMPTS"), Some(&995), "{counts:?}");
    assert_eq!(code_of(&f.verify(challenge, &code).await), "TOO_MANY_ATTEMPTS");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_guess_at_whatever_kind_costs_a_try() {
    let f = Fixture::new().await;
    let user = f.phone_user("ann").await;
    f.add_totp(user).await;
    f.add_backup_codes(user).await;
    f.add_temporary_code(user, false).await;
    use MethodChannel::{BackupCode, Sms, TemporaryAccessCode, Totp};
    for (channel, wrong) in [
        (Sms, None),
        (Totp, Some("000000")),
        (BackupCode, Some("1-AAAA-AAAA-AAAA-AAAA")),
        (TemporaryAccessCode, Some("AAAAA-AAAAA")),
    ] {
        let login = f.evaluate("ann").await;
        let challenge = f.start_by(&login, channel).await.challenge.unwrap().challenge_id;
        let wrong = wrong.unwrap_or_else(|| f.wrong_code(challenge));
        let answers: Vec<_> = join_all((0..6).map(|_| f.verify(challenge, wrong))).await.iter().map(code_of).collect();
        let counts = tally(answers);
        assert_eq!(counts.get("TOO_MANY_ATTEMPTS"), Some(&1), "a wrong guess by {channel:?} costs no try: {counts:?}");
        f.run("update tenant_user set wrong_code_times = '{}' where tenant_id = $1 and user_id = $2", user.0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_challenges_and_channels_of_the_login_share_its_budget() {
    let f = Fixture::new().await;
    let user = f.phone_user("ann").await;
    f.add_phone(user, "PHONE_RECOVERY", "+12125550147", "LANDLINE").await;
    let secret = f.add_totp(user).await;
    let backup = f.add_backup_codes(user).await;
    let login = f.evaluate("ann").await;
    let mut challenges = Vec::new();
    for method in f.methods(&login).await {
        if method.channel != MethodChannel::Passkey {
            challenges.push(f.start(&login, &method.id).await.challenge.unwrap().challenge_id);
        }
    }
    assert_eq!(challenges.len(), 5, "text, two calls, app, backup code");
    let guesses = (0..40).map(|at| f.verify(challenges[at % challenges.len()], "999999"));
    let counts = tally(join_all(guesses).await.iter().map(code_of));
    assert_eq!(counts.get("WRONG_CODE"), Some(&5), "{counts:?}");
    let totp = secret.code_at(f.bed.platform.now());
    assert_eq!(code_of(&f.verify(challenges[3], &totp).await), "TOO_MANY_ATTEMPTS");
    assert_eq!(code_of(&f.verify(challenges[4], &backup[0].shown()).await), "TOO_MANY_ATTEMPTS");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_logins_have_their_own_tries_until_the_user_is_locked() {
    let f = Fixture::new().await;
    let user = f.phone_user("ann").await;
    let recovery = f.add_phone(user, "PHONE_RECOVERY", "+12125550147", "MOBILE").await;
    let mut challenges = Vec::new();
    for spelling in ["ann", " ANN ", "Ann"] {
        let login = f.evaluate(spelling).await;
        challenges.push(f.start_by(&login, MethodChannel::Voice).await.challenge.unwrap().challenge_id);
    }
    let mut answers = Vec::new();
    for challenge in &challenges {
        let code = f.code(*challenge);
        let wrong = if code == "000000" { "000001" } else { "000000" };
        answers.extend(join_all((0..20).map(|_| f.verify(*challenge, wrong))).await.iter().map(code_of));
    }
    // The lock does not tell a right code from a wrong one.
    let last = challenges[2];
    assert_eq!(code_of(&f.verify(last, &f.code(last)).await), "USER_LOCKED");
    let counts = tally(answers);
    assert_eq!(counts.get("WRONG_CODE"), Some(&10), "{counts:?}");
    let notices: i64 = f
        .scalar(
            "select count(*) from message where tenant_id = $1 and user_id = $2 and template = 'notice.user_locked'",
            user.0,
        )
        .await;
    assert_eq!(notices, 1, "the other phone was told once ({recovery})");
    let audited: i64 = f
        .scalar("select count(*) from audit_entry where tenant_id = $1 and action = 'user.locked' and target = $2::uuid::text", user.0)
        .await;
    assert_eq!(audited, 1);
    let decision = f.evaluate("ann").await;
    assert_eq!(format!("{:?}", decision.reasons), "[UserLocked]");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lock_runs_out_and_doubles() {
    let f = Fixture::new().await;
    f.phone_user("ann").await;
    for minutes in [15, 30, 60] {
        for _ in 0..2 {
            let login = f.evaluate("ann").await;
            let started = f.start_by(&login, MethodChannel::Sms).await.challenge.unwrap();
            let code = f.code(started.challenge_id);
            let wrong = if code == "000000" { "000001" } else { "000000" };
            for _ in 0..5 {
                assert_eq!(code_of(&f.verify(started.challenge_id, wrong).await), "WRONG_CODE");
            }
        }
        f.bed.advance(f.tenant, minutes * 60 - 30).await;
        assert_eq!(format!("{:?}", f.evaluate("ann").await.reasons), "[UserLocked]", "{minutes} min");
        f.bed.advance(f.tenant, 60).await;
        assert_eq!(format!("{:?}", f.evaluate("ann").await.outcome), "Challenge", "{minutes} min");
        // Past the hourly limit of sends to one number.
        f.bed.advance(f.tenant, 3_600).await;
    }
}

/// So many wrong codes, with as many logins as they take.
async fn guess_wrong(f: &Fixture, user: UserId, times: usize) -> Vec<&'static str> {
    let mut answers = Vec::new();
    for left in (1..=times).rev().step_by(5) {
        f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", user.0).await;
        let login = f.evaluate("ann").await;
        if login.outcome == LoginOutcome::Deny {
            break;
        }
        let challenge = f.text(&login).await;
        for _ in 0..left.min(5) {
            answers.push(code_of(&f.verify(challenge, f.wrong_code(challenge)).await));
        }
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_are_remembered_for_an_hour_and_lock_for_a_quarter_of_it() {
    let f = Fixture::new().await;
    let ann = f.phone_user("ann").await;
    let locked = async || format!("{:?}", f.evaluate("ann").await.reasons) == "[UserLocked]";
    assert_eq!(guess_wrong(&f, ann, 9).await, ["WRONG_CODE"; 9]);
    f.bed.advance(f.tenant, 20 * 60).await;
    assert_eq!(guess_wrong(&f, ann, 1).await, ["WRONG_CODE"]);
    assert!(!locked().await, "nine old ones and a new one");
    assert_eq!(guess_wrong(&f, ann, 8).await, ["WRONG_CODE"; 8]);
    assert!(!locked().await, "nine of the last quarter");
    assert_eq!(guess_wrong(&f, ann, 1).await, ["WRONG_CODE"]);
    assert!(locked().await, "ten");
    f.bed.advance(f.tenant, 15 * 60).await;
    assert!(!locked().await, "the lock is over");
    assert_eq!(guess_wrong(&f, ann, 9).await, ["WRONG_CODE"; 9]);
    assert!(!locked().await, "what led to the first lock leads to no second");
    assert_eq!(guess_wrong(&f, ann, 1).await, ["WRONG_CODE"]);
    f.bed.advance(f.tenant, 29 * 60).await;
    assert!(locked().await, "twice as long");
    f.bed.advance(f.tenant, 60).await;
    assert!(!locked().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_of_a_lock_slides() {
    let f = Fixture::new().await;
    let ann = f.phone_user("ann").await;
    // One every 100 seconds: of any 15 minutes there are nine, though an hour has many more.
    for _ in 0..30 {
        assert_eq!(guess_wrong(&f, ann, 1).await, ["WRONG_CODE"]);
        f.bed.advance(f.tenant, 100).await;
    }
    let kept = "select cardinality(wrong_code_times) from tenant_user where tenant_id = $1 and user_id = $2";
    assert_eq!(f.scalar::<i32>(kept, ann.0).await, 10, "no more than a lock takes");
    assert_eq!(guess_wrong(&f, ann, 1).await, ["WRONG_CODE"]);
    assert_eq!(guess_wrong(&f, ann, 1).await, ["WRONG_CODE"]);
    assert_eq!(format!("{:?}", f.evaluate("ann").await.reasons), "[UserLocked]");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_raise_the_risk_for_an_hour() {
    let f = Fixture::new().await;
    let ann = f.phone_user("ann").await;
    f.log_in_from("ann", "198.51.100.7").await;
    let found = async || signals(&f.evaluate("ann").await);
    // Every login of hers would be allowed by now: guessing takes HIGH.
    f.run("update tenant_user set chosen_level = 'HIGH' where tenant_id = $1 and user_id = $2", ann.0).await;
    for (guesses, score) in [(1, 10), (2, 30), (1, 40), (3, 40)] {
        assert_eq!(guess_wrong(&f, ann, guesses).await.len(), guesses);
        assert_eq!(found().await, [("FAILED_ATTEMPTS".to_owned(), score)]);
    }
    f.bed.advance(f.tenant, 59 * 60).await;
    assert_eq!(found().await, [("FAILED_ATTEMPTS".to_owned(), 40)]);
    f.bed.advance(f.tenant, 61).await;
    assert_eq!(found().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_failures_in_a_row_disable_the_factor_and_a_right_code_clears_the_count() {
    let f = Fixture::new().await;
    let user = f.phone_user("ann").await;
    let secret = f.add_totp(user).await;
    for round in 0..10 {
        let login = f.evaluate("ann").await;
        let challenge = f.start_by(&login, MethodChannel::Totp).await.challenge.unwrap().challenge_id;
        for _ in 0..5 {
            assert_eq!(code_of(&f.verify(challenge, "999").await), "WRONG_CODE", "round {round}");
        }
        // Long enough for every lock.
        f.bed.advance(f.tenant, 86_400 * 2).await;
    }
    let status: String =
        f.scalar("select status from factor where tenant_id = $1 and user_id = $2 and kind = 'TOTP'", user.0).await;
    assert_eq!(status, "DISABLED");
    let login = f.evaluate("ann").await;
    assert!(f.methods(&login).await.iter().all(|method| method.channel != MethodChannel::Totp));
    // Another user's right code clears hers.
    let bob = f.bed.user(f.tenant, "bob", UserKind::External).await;
    let bobs = f.add_totp(bob).await;
    let login = f.evaluate("bob").await;
    let challenge = f.start_by(&login, MethodChannel::Totp).await.challenge.unwrap().challenge_id;
    f.verify(challenge, "999").await;
    assert_eq!(code_of(&f.verify(challenge, &bobs.code_at(f.bed.platform.now())).await), "OK");
    let failures: i16 =
        f.scalar("select consecutive_failures from factor where tenant_id = $1 and user_id = $2", bob.0).await;
    assert_eq!(failures, 0);
    drop(secret);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_client_does_not_give_its_try_back() {
    let f = Arc::new(Fixture::new().await);
    f.phone_user("ann").await;
    let (_, challenge) = f.challenged("ann").await;
    let code = f.code(challenge);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for micros in 0..40 {
        let guess = f.verify(challenge, wrong);
        let _ = tokio::time::timeout(std::time::Duration::from_micros(micros * 50), guess).await;
    }
    // Whatever was compared was counted, whoever still listened.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let before: i16 =
        f.scalar("select max(attempts) from login where tenant_id = $1 and $2::uuid is not null", challenge.0).await;
    let mut heard = 0;
    while code_of(&f.verify(challenge, wrong).await) == "WRONG_CODE" {
        heard += 1;
    }
    assert_eq!(before + heard, 5);
    assert_eq!(code_of(&f.verify(challenge, &code).await), "TOO_MANY_ATTEMPTS");
}
