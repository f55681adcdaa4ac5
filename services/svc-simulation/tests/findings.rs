//! What a simulation finds, on logins that were really made.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{Fixture, count, draft, high};
use core_policy::{Channel, DecisionReason, LoginOutcome, LoginPurpose, MethodChannel};
use svc_simulation::SimulationStatus;
use testkit::Environment;

const EVERYTHING: [Channel; 4] = [Channel::Sms, Channel::Voice, Channel::Totp, Channel::Passkey];

#[tokio::test(flavor = "multi_thread")]
async fn the_same_policy_changes_nothing() {
    let test = Fixture::new().await;
    test.user("ann", &["PHONE_PRIMARY"]).await;
    test.user("new", &[]).await;
    for _ in 0..4 {
        test.log_in("ann").await;
    }
    let asked = test.log_in_for("ann", LoginPurpose::StepUp).await;
    test.send(&asked, MethodChannel::Sms).await;
    test.log_in("new").await;

    let found = test.simulate(draft(&EVERYTHING), 30).await;
    assert_eq!((found.status, found.logins_replayed, found.logins_skipped), (SimulationStatus::Completed, 6, 0));
    assert_eq!(count(&found, LoginOutcome::Allow, LoginOutcome::Allow), 4);
    assert_eq!(count(&found, LoginOutcome::Challenge, LoginOutcome::Challenge), 1);
    assert_eq!(count(&found, LoginOutcome::Enroll, LoginOutcome::Enroll), 1);
    assert_eq!(found.transitions.len(), 3);
    assert_eq!((found.messages_before, found.messages_after), (1, 1));
    assert_eq!((found.cost_before.to_string(), found.cost_after.to_string()), ("0.0079".into(), "0.0079".into()));
    assert!(found.examples.is_empty() && found.users_locked_out == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn raising_the_level_costs_exactly_the_messages_that_it_adds() {
    let test = Fixture::new().await;
    let ann = test.user("ann", &["PHONE_PRIMARY"]).await;
    let bea = test.user("bea", &[]).await;
    test.add_factor(bea, "PHONE_PRIMARY", "GB").await;
    test.user("cat", &["TOTP"]).await;
    for user in ["ann", "ann", "ann", "bea", "bea", "cat"] {
        test.log_in(user).await;
    }
    let asked = test.log_in_for("ann", LoginPurpose::StepUp).await;
    test.send(&asked, MethodChannel::Sms).await;
    test.send(&asked, MethodChannel::Voice).await;

    let found = test.simulate(high(), 30).await;
    assert_eq!(count(&found, LoginOutcome::Allow, LoginOutcome::Challenge), 6);
    assert_eq!(count(&found, LoginOutcome::Challenge, LoginOutcome::Challenge), 1);
    // A text and a call to the US were sent; three texts to the US and two to Britain come to them.
    assert_eq!((found.messages_before, found.messages_after), (2, 7));
    assert_eq!(found.cost_before.to_string(), "0.0209");
    assert_eq!(found.cost_after.to_string(), "0.1946");
    assert_eq!(found.cost_after.currency().code(), "USD");

    // The phone that was written to is gone; the price of what was sent is still that of its country.
    test.write("update factor set status = 'REMOVED' where tenant_id = $1 and user_id = $2", Some(ann)).await;
    let found = test.simulate(high(), 30).await;
    assert_eq!(found.cost_before.to_string(), "0.0209");
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_texts_moves_them_to_calls_at_the_price_of_calls() {
    let test = Fixture::new().await;
    test.user("ann", &["PHONE_PRIMARY"]).await;
    test.user("bea", &["PHONE_PRIMARY", "TOTP"]).await;
    for user in ["ann", "bea"] {
        let asked = test.log_in_for(user, LoginPurpose::StepUp).await;
        test.send(&asked, MethodChannel::Sms).await;
    }
    let found = test.simulate(draft(&[Channel::Totp, Channel::Voice]), 30).await;
    assert_eq!(count(&found, LoginOutcome::Challenge, LoginOutcome::Challenge), 2);
    assert_eq!((found.messages_before, found.messages_after), (2, 1), "an app costs nothing");
    assert_eq!((found.cost_before.to_string(), found.cost_after.to_string()), ("0.0158".into(), "0.013".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn examples_show_the_logins_that_change_and_why() {
    let test = Fixture::new().await;
    test.user("ann", &["PHONE_PRIMARY"]).await;
    test.user("new", &[]).await;
    let (allowed, enrolling) = (test.log_in("ann").await, test.log_in("new").await);
    let asked = test.log_in_for("ann", LoginPurpose::StepUp).await;
    let mut optional = high();
    optional.external.enrollment_opens_at = Some("2200-01-01T00:00:00Z".into());
    optional.external.mandatory_from = core_policy::Given::Null;
    let found = test.simulate(optional, 30).await;
    let examples: Vec<_> = found.examples.iter().map(|one| (one.login, one.outcome, one.reasons.as_slice())).collect();
    assert_eq!(examples.len(), 2, "{examples:?}");
    assert!(examples.contains(&(allowed.login_id, LoginOutcome::Challenge, &[DecisionReason::HighLevel])));
    assert!(examples.contains(&(enrolling.login_id, LoginOutcome::Allow, &[DecisionReason::EnrollmentNotOpen])));
    assert!(examples.iter().all(|(login, ..)| *login != asked.login_id));
}

#[tokio::test(flavor = "multi_thread")]
async fn risk_is_judged_by_the_thresholds_of_the_draft() {
    let test = Fixture::new().await;
    test.user("ann", &["PHONE_PRIMARY"]).await;
    // A first login scores 50.
    let first = test.log_in("ann").await;
    assert_eq!((first.outcome, first.risk_score), (LoginOutcome::Allow, 50));
    let with = |challenge, deny| {
        let mut draft = draft(&EVERYTHING);
        draft.risk.challenge_threshold = Some(challenge);
        draft.risk.deny_threshold = deny;
        draft
    };
    for (draft, outcome) in [
        (with(51, None), LoginOutcome::Allow),
        (with(50, None), LoginOutcome::Challenge),
        (with(30, Some(50)), LoginOutcome::Deny),
    ] {
        let found = test.simulate(draft, 30).await;
        assert_eq!(count(&found, LoginOutcome::Allow, outcome), 1, "{outcome}");
        let expected: &[&str] = if outcome == LoginOutcome::Deny { &["ann"] } else { &[] };
        assert_eq!(test.locked_out(&found).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mandatory_at_once_means_that_it_always_was() {
    let test = Fixture::new().await;
    let mut optional = common::relaxed();
    optional.external.mandatory_from = None;
    test.put_in_force(&optional).await;
    let user = test.user("ann", &["TOTP"]).await;
    test.write(
        "update tenant_user set opted_out_at = tenant_now($1) where tenant_id = $1 and user_id = $2",
        Some(user),
    )
    .await;
    let login = test.log_in("ann").await;
    assert_eq!(login.reasons, [DecisionReason::OptedOut]);
    let found = test.simulate(draft(&EVERYTHING), 30).await;
    assert_eq!(found.examples[0].reasons, [DecisionReason::OptOutEnded]);
    let mut later = draft(&EVERYTHING);
    later.external.mandatory_from = core_policy::Given::Value("2200-01-01T00:00:00Z".into());
    let found = test.simulate(later, 30).await;
    assert_eq!(count(&found, LoginOutcome::Allow, LoginOutcome::Allow), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_counted_by_the_tenants_own_clock() {
    let test = Fixture::new().await;
    test.user("ann", &["PHONE_PRIMARY"]).await;
    test.log_in("ann").await;
    test.bed.advance(test.tenant, 40 * 86_400).await;
    test.log_in("ann").await;
    test.log_in("ann").await;
    test.bed.advance(test.tenant, 86_400).await;
    for (days, expected) in [(1, 0), (2, 2), (30, 2), (41, 2), (42, 3), (90, 3)] {
        assert_eq!(test.simulate(high(), days).await.logins_replayed, expected, "{days} days");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_from_before_their_facts_were_kept_are_counted_apart() {
    let test = Fixture::new().await;
    test.user("ann", &["PHONE_PRIMARY"]).await;
    test.log_in("ann").await;
    test.write("update login set facts = null where tenant_id = $1", None).await;
    test.log_in("ann").await;
    test.write(
        "update login set facts = '{\"user\": {\"kind\": \"ALIEN\"}}' where tenant_id = $1 and facts is not null",
        None,
    )
    .await;
    test.log_in("ann").await;
    let found = test.simulate(high(), 30).await;
    assert_eq!((found.logins_replayed, found.logins_skipped), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_too_many_logins_the_latest_are_replayed() {
    let test = Fixture::new().await;
    test.user("ann", &["PHONE_PRIMARY"]).await;
    test.log_in("ann").await;
    let later = [test.log_in("ann").await.login_id, test.log_in("ann").await.login_id];
    let started = test.start(high(), 30).await;
    test.work(svc_simulation::SimulationOptions { max_logins: 2, page: 3, ..common::quick() }).await;
    let found = test.read(&started).await;
    assert_eq!(found.logins_replayed, 2);
    assert!(found.examples.iter().all(|one| later.contains(&one.login)));
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_made_after_it_was_asked_for_do_not_count() {
    let test = Fixture::new().await;
    test.user("ann", &["PHONE_PRIMARY"]).await;
    test.log_in("ann").await;
    let started = test.start(high(), 30).await;
    test.log_in("ann").await;
    test.work(common::quick()).await;
    assert_eq!(test.read(&started).await.logins_replayed, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_logins_are_never_counted_and_nothing_is_written_but_the_simulation() {
    let test = Fixture::new().await;
    test.user("ann", &["PHONE_PRIMARY"]).await;
    let asked = test.log_in_for("ann", LoginPurpose::StepUp).await;
    test.send(&asked, MethodChannel::Sms).await;
    let ours = Fixture { tenant: test.bed.tenant(Environment::Live).await, ..test };
    ours.put_in_force(&common::relaxed()).await;
    ours.user("bea", &["PHONE_PRIMARY"]).await;
    ours.log_in("bea").await;

    let before = checksums(&ours).await;
    let found = ours.simulate(draft(&[Channel::Totp]), 90).await;
    assert_eq!((found.logins_replayed, found.messages_before, found.users_locked_out), (1, 0, 1));
    assert_eq!(checksums(&ours).await, before);
}

/// Of every table of both tenants that a simulation reads.
async fn checksums(test: &Fixture) -> Vec<Option<String>> {
    use sqlx::{AssertSqlSafe, Connection};
    let mut superuser = sqlx::PgConnection::connect(&test.bed.database.superuser_url()).await.unwrap();
    let mut sums = Vec::new();
    for table in ["login", "challenge", "message", "tenant_user", "factor", "destination_send", "policy_version"] {
        let sql = format!("select md5(string_agg(t::text, '|' order by t::text)) from {table} t");
        sums.push(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut superuser).await.unwrap());
    }
    sums
}
