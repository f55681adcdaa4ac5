//! One login from the question to the assertion, and what ends it.

mod support;

use core_access::Operation;
use core_crypto::verify_assertion;
use core_kernel::{RefusalCode, Stop, TypedId};
use core_policy::{FirstFactor, LoginOutcome, MethodChannel, Policy, UserKind};
use futures::future::join_all;
use support::{Fixture, code_of, input};
use svc_logins::{CombinerOptions, EvaluateInput};

#[tokio::test(flavor = "multi_thread")]
async fn a_code_lets_a_client_in_and_the_assertion_says_so() {
    let f = Fixture::new().await;
    f.phone_user("ann").await;
    let (login, challenge) = f.challenged("ann").await;
    assert_eq!(login.outcome, LoginOutcome::Challenge);
    let verified = f.verify(challenge, &f.code(challenge)).await;
    let complete = verified.login.expect("the login");
    let permit = f.permit(Operation::VerifyChallenge);
    let token = f.logins.assertion(&permit, &complete).unwrap().expect("an assertion");
    let jwks = f.bed.platform.keys.jwks(f.bed.platform.now());
    let claims = verify_assertion(&token, &jwks, "http://localhost:8080", f.tenant, f.bed.platform.now()).unwrap();
    assert_eq!(claims.sub, "ann");
    assert_eq!(claims.jti, login.login_id.to_text());
    assert_eq!(claims.amr, ["pwd", "sms"]);
    assert_eq!((claims.acr_rank, claims.first_enrollment), (30, false));
    assert_eq!(claims.reasons, ["RISK_DETECTED"], "a first login is one that nobody can compare");
    assert_eq!(claims.exp - claims.iat, 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_worth_nothing_after_use_after_its_time_or_for_another_login() {
    let f = Fixture::new().await;
    f.phone_user("ann").await;
    let (_, first) = f.challenged("ann").await;
    let code = f.code(first);
    let (_, second) = f.challenged("ann").await;
    assert_ne!(f.code(second), code, "codes of two challenges differ");
    assert_eq!(code_of(&f.verify(first, &code).await), "OK");
    assert_eq!(code_of(&f.verify(first, &code).await), "ALREADY_COMPLETED");
    assert_eq!(code_of(&f.verify(second, &code).await), "WRONG_CODE");
    f.bed.advance(f.tenant, 301).await;
    assert_eq!(code_of(&f.verify(second, &f.code(second)).await), "EXPIRED");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_code_is_accepted_once_within_a_step() {
    let f = Fixture::new().await;
    let user = f.bed.user(f.tenant, "ann", UserKind::External).await;
    let secret = f.add_totp(user).await;
    let mut challenges = Vec::new();
    for _ in 0..4 {
        let login = f.evaluate("ann").await;
        challenges.push(f.start_by(&login, MethodChannel::Totp).await.challenge.unwrap().challenge_id);
    }
    let now = f.bed.platform.now();
    let code = secret.code_at(now);
    let answers = join_all(challenges[..2].iter().map(|challenge| f.verify(*challenge, &code))).await;
    let mut codes: Vec<_> = answers.iter().map(code_of).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["OK", "WRONG_CODE"], "the same code in two logins at once");
    let earlier = secret.code_at(now - chrono::Duration::seconds(30));
    assert_eq!(code_of(&f.verify(challenges[2], &earlier).await), "WRONG_CODE", "a step before the last accepted");
    let far = secret.code_at(now + chrono::Duration::seconds(90));
    assert_eq!(code_of(&f.verify(challenges[2], &far).await), "WRONG_CODE", "three steps ahead");
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_codes_work_once_each_and_share_nothing() {
    let f = Fixture::new().await;
    let user = f.phone_user("ann").await;
    let codes = f.add_backup_codes(user).await;
    let start = async || {
        let login = f.evaluate("ann").await;
        f.start_by(&login, MethodChannel::BackupCode).await.challenge.unwrap().challenge_id
    };
    // All begun before the first is completed: a login like the last one would need no proof.
    let (first, second, third) = (start().await, start().await, start().await);
    let last = f.evaluate("ann").await;
    let typed = codes[0].shown().to_lowercase().replace('-', " ");
    let answers = join_all([f.verify(first, &typed), f.verify(second, &typed)]).await;
    let mut outcomes: Vec<_> = answers.iter().map(code_of).collect();
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["OK", "WRONG_CODE"]);
    assert_eq!(code_of(&f.verify(third, &codes[1].shown()).await), "OK");
    assert!(f.methods(&last).await.iter().all(|method| method.channel != MethodChannel::BackupCode), "none is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_code_lets_in_once_and_is_no_verified_login() {
    let f = Fixture::new().await;
    let user = f.phone_user("ann").await;
    let code = f.add_temporary_code(user, false).await;
    let mut challenges = Vec::new();
    for _ in 0..2 {
        let login = f.evaluate("ann").await;
        let begun = f.start_by(&login, MethodChannel::TemporaryAccessCode).await;
        challenges.push(begun.challenge.unwrap().challenge_id);
    }
    let challenge = challenges[0];
    let complete = f.verify(challenge, &code.to_lowercase()).await.login.expect("in");
    assert!(!complete.may_change_factors);
    assert_eq!(code_of(&f.verify(challenges[1], &code).await), "WRONG_CODE", "the code lets in once");
    let frozen: bool = f
        .scalar("select factors_frozen_until > tenant_now($1) + interval '71 hours' from tenant_user where tenant_id = $1 and user_id = $2", user.0)
        .await;
    assert!(frozen);
    let token = f.logins.assertion(&f.permit(Operation::VerifyChallenge), &complete).unwrap().unwrap();
    let jwks = f.bed.platform.keys.jwks(f.bed.platform.now());
    let claims = verify_assertion(&token, &jwks, "http://localhost:8080", f.tenant, f.bed.platform.now()).unwrap();
    assert_eq!((claims.amr[1].as_str(), claims.acr_rank), ("assisted", 15));
    let again = f.evaluate("ann").await;
    assert!(f.methods(&again).await.iter().all(|method| method.channel != MethodChannel::TemporaryAccessCode));
    assert_eq!(code_of(&f.verify(challenge, &code).await), "ALREADY_COMPLETED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resend_repeats_the_code_and_waits_its_turn() {
    let f = Fixture::new().await;
    f.phone_user("ann").await;
    let login = f.evaluate("ann").await;
    let first = f.start_by(&login, MethodChannel::Sms).await;
    let first = first.challenge.unwrap();
    let soon = f.start_by(&login, MethodChannel::Sms).await;
    assert_eq!(soon.refusal.unwrap().code, RefusalCode::TooSoon);
    assert_eq!(soon.challenge.unwrap().resend_at, first.resend_at);
    let call = f.start_by(&login, MethodChannel::Voice).await.challenge.unwrap();
    assert_eq!(call.challenge_id, first.challenge_id, "a call instead of a text repeats the code");
    assert_eq!(call.expires_at, first.expires_at, "its life does not get longer");
    f.bed.advance(f.tenant, 31).await;
    let again = f.start_by(&login, MethodChannel::Sms).await;
    assert_eq!((again.challenge.unwrap().challenge_id, again.refusal), (first.challenge_id, None));
    f.bed.advance(f.tenant, 150).await;
    let late = f.start_by(&login, MethodChannel::Voice).await;
    assert_eq!(late.refusal.unwrap().code, RefusalCode::TooSoon, "three in ten minutes is the destination's limit");
    f.bed.advance(f.tenant, 450).await;
    let fresh = f.start_by(&login, MethodChannel::Sms).await.challenge.unwrap();
    assert_ne!(fresh.challenge_id, first.challenge_id, "after its life a new code begins");
}

#[tokio::test(flavor = "multi_thread")]
async fn sends_to_a_destination_are_limited_until_a_right_code() {
    let f = Fixture::new().await;
    f.phone_user("ann").await;
    let mut last = None;
    for _ in 0..3 {
        last = Some(f.challenged("ann").await.1);
    }
    let login = f.evaluate("ann").await;
    let method = f.methods(&login).await[0].id;
    let permit = f.permit(Operation::StartChallenge);
    let refused = f.logins.start_challenge(&permit, &login.login_id.to_text(), &method.to_text()).await;
    assert!(matches!(&refused, Err(Stop::Refused(r)) if r[0].code == RefusalCode::TooSoon), "{refused:?}");
    let challenge = last.unwrap();
    assert_eq!(code_of(&f.verify(challenge, &f.code(challenge)).await), "OK");
    assert!(f.start(&login, &method).await.refusal.is_none(), "a right code clears the count");
}

#[tokio::test(flavor = "multi_thread")]
async fn idempotency_keys_give_the_same_login_once_for_the_same_input() {
    let f = Fixture::new().await;
    f.phone_user("ann").await;
    let permit = f.permit(Operation::EvaluateLogin);
    let keyed = EvaluateInput { idempotency_key: Some("k-1".to_owned()), ..input("ann") };
    let all = join_all((0..20).map(|_| f.logins.evaluate(&permit, &keyed))).await;
    let ids: std::collections::BTreeSet<_> = all.into_iter().map(|login| login.unwrap().login_id).collect();
    assert_eq!(ids.len(), 1, "twenty at once are one login");
    let other = EvaluateInput { ip_address: "203.0.113.9".to_owned(), ..keyed.clone() };
    let conflict = f.logins.evaluate(&permit, &other).await;
    assert!(matches!(&conflict, Err(Stop::Refused(r)) if r[0].code == RefusalCode::Conflict));
    let login = f.logins.evaluate(&permit, &keyed).await.unwrap();
    let challenge = f.start_by(&login, MethodChannel::Sms).await.challenge.unwrap().challenge_id;
    f.verify(challenge, &f.code(challenge)).await;
    let over = f.logins.evaluate(&permit, &keyed).await;
    assert!(matches!(&over, Err(Stop::Refused(r)) if r[0].code == RefusalCode::Conflict), "completed by a proof");
    f.bed.advance(f.tenant, 601).await;
    assert_ne!(f.logins.evaluate(&permit, &keyed).await.unwrap().login_id, login.login_id, "ten minutes are over");
}

#[tokio::test(flavor = "multi_thread")]
async fn skipping_ends_by_the_clock_at_the_skip() {
    let f = Fixture::new().await;
    let now = f.bed.now(f.tenant).await;
    let mut policy = Policy::new_tenant(now);
    policy.external.mandatory_from = Some(now + chrono::Duration::seconds(3_000));
    policy.external.max_skips = Some(2);
    f.bed.policy(f.tenant, &policy).await;
    f.bed.user(f.tenant, "ann", UserKind::External).await;
    let skip = async |login: &svc_logins::LoginView| {
        f.logins.skip_enrollment(&f.permit(Operation::SkipEnrollment), &login.login_id.to_text()).await
    };
    let login = f.evaluate("ann").await;
    assert_eq!(login.outcome, LoginOutcome::Enroll);
    assert!(skip(&login).await.unwrap().completed_at.is_some());
    assert!(matches!(skip(&login).await, Err(Stop::Refused(r)) if r[0].code == RefusalCode::AlreadyCompleted));
    let late = f.evaluate("ann").await;
    f.bed.advance(f.tenant, 3_100).await;
    assert!(matches!(skip(&late).await, Err(Stop::Refused(r)) if r[0].code == RefusalCode::NotAllowedByPolicy));
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_in_an_allowed_network_pass_and_clients_never_do() {
    let f = Fixture::new().await;
    let mut policy = Policy::new_tenant(f.bed.now(f.tenant).await);
    policy.allowed_networks = serde_json::from_value(serde_json::json!([
        {"cidr": "198.51.100.0/24", "label": "office", "expires_at": null}
    ]))
    .unwrap();
    f.bed.policy(f.tenant, &policy).await;
    f.bed.user(f.tenant, "staff", UserKind::Internal).await;
    f.bed.user(f.tenant, "client", UserKind::External).await;
    let allowed = f.evaluate("staff").await;
    assert_eq!(allowed.outcome, LoginOutcome::Allow);
    assert!(f.logins.assertion(&f.permit(Operation::EvaluateLogin), &allowed).unwrap().is_some());
    assert_eq!(f.evaluate("client").await.outcome, LoginOutcome::Enroll);
    let by_link = EvaluateInput { first_factor: FirstFactor::OneTimeLink, ..input("staff") };
    let login = f.logins.evaluate(&f.permit(Operation::EvaluateLogin), &by_link).await.unwrap();
    assert_eq!(login.outcome, LoginOutcome::Enroll);
}

#[tokio::test(flavor = "multi_thread")]
async fn identifiers_of_another_tenant_do_not_exist() {
    let f = Fixture::new().await;
    let user = f.phone_user("ann").await;
    let (login, challenge) = f.challenged("ann").await;
    let theirs = f.bed.tenant(testkit::Environment::Sandbox).await;
    let stranger = support::login_caller(theirs);
    let permit = |operation| stranger.permit(operation).unwrap();
    let not_found = |stop: &Stop| matches!(stop, Stop::Refused(r) if r[0].code == RefusalCode::NotFound);
    let by_id = EvaluateInput {
        user: svc_directory::users::UserRef::Id(user.to_text()),
        ip_address: "bad".into(),
        ..input("")
    };
    assert!(not_found(&f.logins.evaluate(&permit(Operation::EvaluateLogin), &by_id).await.unwrap_err()));
    let method = f.methods(&login).await[0].id;
    let start = permit(Operation::StartChallenge);
    assert!(not_found(
        &f.logins.start_challenge(&start, &login.login_id.to_text(), &method.to_text()).await.unwrap_err()
    ));
    let code = core_kernel::Redacted::new(f.code(challenge));
    for given in [Some(&code), None] {
        let verify = f
            .logins
            .verify_challenge(
                &permit(Operation::VerifyChallenge),
                svc_logins::VerifyInput {
                    challenge: &challenge.to_text(),
                    code: given,
                    credential: None,
                    remember_device: false,
                },
            )
            .await;
        assert!(not_found(&verify.unwrap_err()));
    }
    let skip = f.logins.skip_enrollment(&permit(Operation::SkipEnrollment), &login.login_id.to_text()).await;
    assert!(not_found(&skip.unwrap_err()));
    assert!(f.logins.lookup_login(&permit(Operation::ReadLogin), login.login_id).await.unwrap().is_none());
    assert_eq!(code_of(&f.verify(challenge, code.expose()).await), "OK", "and nothing was spent");
}

/// Ends every connection of ours, as a restart of the database does, or of PgBouncer.
async fn end_connections(f: &Fixture) {
    let sql = "select pg_terminate_backend(pid, 10000) from pg_stat_activity \
               where datname = current_database() and usename = 'postern_app'";
    sqlx::query(sql).execute(&mut f.superuser().await).await.expect("they end");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_were_closed_while_nobody_asked_fail_nobody() {
    let f = Fixture::new().await;
    f.phone_user("ann").await;
    let (_, challenge) = f.challenged("ann").await;
    // Every step has two workers, which take turns.
    for _ in 0..2 {
        f.evaluate("ann").await;
        assert_eq!(code_of(&f.verify(challenge, f.wrong_code(challenge)).await), "WRONG_CODE");
    }
    end_connections(&f).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    for _ in 0..2 {
        f.evaluate("ann").await;
    }
    assert_eq!(code_of(&f.verify(challenge, f.wrong_code(challenge)).await), "WRONG_CODE");
    assert_eq!(code_of(&f.verify(challenge, &f.code(challenge)).await), "OK");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_database_is_told_of_and_recovered_from() {
    let f = Fixture::with(CombinerOptions { workers: 1, ..CombinerOptions::default() }).await;
    f.phone_user("ann").await;
    let (_, challenge) = f.challenged("ann").await;
    end_connections(&f).await;
    let permit = f.permit(Operation::VerifyChallenge);
    let code = core_kernel::Redacted::new(f.code(challenge));
    let mut outcome = None;
    for _ in 0..3 {
        match f
            .logins
            .verify_challenge(
                &permit,
                svc_logins::VerifyInput {
                    challenge: &challenge.to_text(),
                    code: Some(&code),
                    credential: None,
                    remember_device: false,
                },
            )
            .await
        {
            Ok(output) => outcome = Some(code_of(&output)),
            Err(stop) => assert!(matches!(stop, Stop::Fault(core_kernel::Fault::Unavailable)), "{stop:?}"),
        }
        if outcome.is_some() {
            break;
        }
    }
    assert_eq!(outcome, Some("OK"), "without a restart");
}
