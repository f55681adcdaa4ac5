//! What is sent, and what follows from each answer.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::time::Duration;

use chrono::TimeDelta;
use common::{Fixture, Heard, Manner, Receiver};
use core_crypto::{WebhookHeaders, WebhookSecret};
use core_kernel::{RefusalCode, Timestamp, TypedId};
use serde_json::json;
use svc_webhooks::{CreateEndpoint, DeliveryStatus, RETRIES};
use tokio_util::sync::CancellationToken;

/// As a receiver would find at that time.
fn verifies(heard: &Heard, secret: &str, now: Timestamp) -> bool {
    let headers = WebhookHeaders {
        id: heard.header("webhook-id"),
        timestamp: heard.header("webhook-timestamp"),
        signature: heard.header("webhook-signature"),
    };
    WebhookSecret::parse(secret).unwrap().verify(headers, &heard.body, now)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_is_signed_by_the_specification() {
    let test = Fixture::new().await;
    let (endpoint, secret) = test.endpoint().await;
    test.emit_locked().await;
    test.work().await;
    let heard = test.receiver.only();
    assert!(heard.is_signed_with(&secret), "{heard:?}");
    let other = WebhookSecret::generate(&core_kernel::SystemEntropy).expose();
    assert!(!heard.is_signed_with(&other));
    let mut changed = heard.clone();
    changed.body = [&b" "[..], &heard.body].concat().into();
    assert!(!changed.is_signed_with(&secret));
    assert_eq!((heard.header("content-type"), heard.header("user-agent")), ("application/json", "Postern"));

    let delivery = test.delivery(endpoint.endpoint_id).await;
    assert_eq!((delivery.status, delivery.attempts), (DeliveryStatus::Delivered, 1));
    assert_eq!((delivery.response_status, delivery.failure, delivery.next_attempt_at), (Some(204), None, None));
    assert_eq!(
        (delivery.body.as_bytes(), delivery.event_id.to_text()),
        (&*heard.body, heard.header("webhook-id").into())
    );
    assert!(delivery.delivered_at.is_some());
    let endpoint = test.read(endpoint.endpoint_id).await;
    assert!(endpoint.last_delivery_at.is_some() && endpoint.failing_since.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_tried_again_with_the_same_bytes_and_identifier() {
    let test = Fixture::new().await;
    let (endpoint, secret) = test.endpoint().await;
    let id = endpoint.endpoint_id;
    test.receiver.becomes(Manner::Status(500));
    test.emit_locked().await;
    test.work().await;
    let failed = test.delivery(id).await;
    assert_eq!((failed.status, failed.response_status), (DeliveryStatus::Queued, Some(500)));
    assert_eq!(failed.failure.as_deref(), Some("It answered with status 500."));
    let pause = (failed.next_attempt_at.unwrap() - failed.last_attempt_at.unwrap()).as_seconds_f64();
    assert!((4.9..8.0).contains(&pause), "{pause}");
    assert!(test.read(id).await.failing_since.is_some());
    assert!(!test.work().await, "it is not due yet");

    test.receiver.becomes(Manner::Status(200));
    test.time_passes().await;
    test.work().await;
    let heard = test.receiver.heard();
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[0].header("webhook-id"), heard[1].header("webhook-id"));
    assert_eq!(heard[0].body, heard[1].body);
    assert!(heard.iter().all(|heard| heard.is_signed_with(&secret)));
    let arrived = test.delivery(id).await;
    assert_eq!((arrived.status, arrived.attempts, arrived.failure), (DeliveryStatus::Delivered, 2, None));
    assert_eq!(test.read(id).await.failing_since, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_given_up_after_its_retries_and_can_be_asked_for_again() {
    let test = Fixture::new().await;
    let (endpoint, _) = test.endpoint().await;
    let id = endpoint.endpoint_id;
    test.receiver.becomes(Manner::Status(404));
    test.emit_locked().await;
    for _ in 0..=RETRIES.len() {
        assert_ne!(test.deliveries(id).await.first().map(|delivery| delivery.status), Some(DeliveryStatus::Failed));
        assert!(test.work().await);
        test.time_passes().await;
    }
    let failed = test.delivery(id).await;
    assert_eq!((failed.status, failed.attempts, failed.next_attempt_at), (DeliveryStatus::Failed, 12, None));
    assert!(!test.work().await);
    assert_eq!(test.read(id).await.disabled_at, None, "three days are no reason");

    test.receiver.becomes(Manner::Status(200));
    let delivery = failed.delivery_id.to_text();
    let queued = test.webhooks.redeliver(&test.permit(), &delivery).await.unwrap();
    assert_eq!(queued.status, DeliveryStatus::Queued);
    let twice = test.webhooks.redeliver(&test.permit(), &delivery).await.unwrap_err();
    assert_eq!(twice.refusal_code(), Some(RefusalCode::Conflict));
    test.work().await;
    let heard = test.receiver.heard();
    assert_eq!(heard.len(), 13);
    assert_eq!((&heard[0].body, heard[0].header("webhook-id")), (&heard[12].body, heard[12].header("webhook-id")));
    assert_eq!(test.delivery(id).await.status, DeliveryStatus::Delivered);
    assert_eq!(test.audited(id).await.last().unwrap().0, "webhook.redelivered");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_it_again_gets_all_its_retries_again() {
    let test = Fixture::new().await;
    let (endpoint, _) = test.endpoint().await;
    test.emit_locked().await;
    test.work().await;
    let arrived = test.delivery(endpoint.endpoint_id).await;
    test.run("update webhook_delivery set attempts = 12 where tenant_id = $1").await;
    test.receiver.becomes(Manner::Status(503));
    test.webhooks.redeliver(&test.permit(), &arrived.delivery_id.to_text()).await.unwrap();
    test.work().await;
    let failed = test.delivery(endpoint.endpoint_id).await;
    assert_eq!((failed.status, failed.attempts), (DeliveryStatus::Queued, 13));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_a_failure_and_leads_nowhere() {
    let test = Fixture::new().await;
    let (endpoint, _) = test.endpoint().await;
    test.receiver.becomes(Manner::Redirects);
    test.emit_locked().await;
    test.work().await;
    test.receiver.only();
    let failed = test.delivery(endpoint.endpoint_id).await;
    assert_eq!((failed.status, failed.response_status), (DeliveryStatus::Queued, Some(307)));
    assert!(failed.failure.unwrap().contains("redirects are not followed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_nothing_is_not_waited_for() {
    let test = Fixture::new().await;
    let (endpoint, _) = test.endpoint().await;
    test.receiver.becomes(Manner::Hangs);
    test.emit_locked().await;
    test.work().await;
    let failed = test.delivery(endpoint.endpoint_id).await;
    assert_eq!((failed.status, failed.response_status), (DeliveryStatus::Queued, None));
    assert_eq!(failed.failure.as_deref(), Some("It did not answer within 2 seconds."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_that_may_no_longer_be_called_is_not() {
    let test = Fixture::new().await;
    let (endpoint, _) = test.endpoint().await;
    test.run("update webhook_endpoint set url = 'http://169.254.169.254/' where tenant_id = $1").await;
    test.emit_locked().await;
    test.work().await;
    let failed = test.delivery(endpoint.endpoint_id).await;
    assert_eq!(failed.failure.as_deref(), Some("The host must be one on the public internet."));
}

#[tokio::test(flavor = "multi_thread")]
async fn gone_disables_until_a_test_arrives() {
    let test = Fixture::new().await;
    let (endpoint, secret) = test.endpoint().await;
    let id = endpoint.endpoint_id;
    test.receiver.becomes(Manner::Status(500));
    test.emit_locked().await;
    test.work().await;
    test.receiver.becomes(Manner::Status(410));
    test.emit_locked().await;
    test.work().await;
    assert!(test.read(id).await.disabled_at.is_some());
    test.receiver.becomes(Manner::Status(200));
    test.emit_locked().await;
    test.time_passes().await;
    test.work().await;
    let statuses: Vec<_> = test.deliveries(id).await.iter().map(|delivery| delivery.status).collect();
    assert_eq!(statuses, [DeliveryStatus::Failed, DeliveryStatus::Canceled], "and what came later was not even queued");
    assert_eq!(test.receiver.heard().len(), 2);

    let text = id.to_text();
    test.webhooks.test(&test.permit(), &text).await.unwrap();
    let second = test.webhooks.test(&test.permit(), &text).await.unwrap_err();
    assert_eq!(second.refusal_code(), Some(RefusalCode::Conflict));
    test.work().await;
    let heard = test.receiver.heard().remove(2);
    assert!(heard.is_signed_with(&secret));
    assert_eq!(heard.json()["type"], "webhook.test");
    assert_eq!(heard.json()["data"], json!({"endpointId": text}));
    assert_eq!(test.deliveries(id).await.iter().filter(|delivery| delivery.kind.is_none()).count(), 1);
    assert_eq!(test.read(id).await.disabled_at, None);
    test.emit_locked().await;
    test.work().await;
    assert_eq!(test.receiver.heard().len(), 4);
    let actions: Vec<_> = test.audited(id).await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["webhook.created", "webhook.disabled", "webhook.tested", "webhook.enabled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_days_of_failures_disable_when_a_delivery_is_given_up() {
    let test = Fixture::new().await;
    let (endpoint, _) = test.endpoint().await;
    let id = endpoint.endpoint_id;
    test.receiver.becomes(Manner::Status(500));
    test.emit_locked().await;
    test.work().await;
    test.run("update webhook_endpoint set failing_since = clock_timestamp() - interval '6 days' where tenant_id = $1")
        .await;
    test.time_passes().await;
    test.work().await;
    assert_eq!(test.read(id).await.disabled_at, None, "this one is still tried");
    test.run("update webhook_delivery set attempts = 11 where tenant_id = $1").await;
    test.time_passes().await;
    test.work().await;
    assert!(test.read(id).await.disabled_at.is_some());
    assert_eq!(test.audited(id).await.last().unwrap(), &("webhook.disabled".to_owned(), "system".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_can_put_it_right_hears_once_that_an_endpoint_was_disabled() {
    let test = Fixture::new().await;
    test.endpoint().await;
    for role in ["OWNER", "ADMIN", "AUDITOR"] {
        test.admin(role).await;
    }
    test.run("update tenant_admin set removed_at = now() where tenant_id = $1 and role = 'ADMIN'").await;
    test.admin("ADMIN").await;
    assert_eq!(test.mails().await, []);
    test.receiver.becomes(Manner::Status(410));
    for _ in 0..2 {
        test.emit_locked().await;
    }
    test.work().await;
    let host = json!({"endpoint": "127.0.0.1"});
    assert_eq!(test.mails().await, [("ADMIN".to_owned(), host.clone()), ("OWNER".to_owned(), host)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_secrets_sign_for_a_day_and_then_the_new_one() {
    let test = Fixture::new().await;
    let (endpoint, old) = test.endpoint().await;
    let rotated = test.webhooks.rotate(&test.permit(), &endpoint.endpoint_id.to_text()).await.unwrap();
    let new = rotated.secret.into_exposed();
    assert_ne!(old, new);
    test.emit_locked().await;
    test.work().await;
    let heard = test.receiver.only();
    assert!(heard.is_signed_with(&old) && heard.is_signed_with(&new));
    assert_eq!(heard.header("webhook-signature").split(' ').count(), 2);

    test.clock.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    test.emit_locked().await;
    test.work().await;
    let now = core_kernel::Clock::now(&*test.clock);
    assert!(verifies(&test.receiver.heard()[1], &old, now) && verifies(&test.receiver.heard()[1], &new, now));
    test.clock.advance(TimeDelta::seconds(1));
    test.emit_locked().await;
    test.work().await;
    let now = core_kernel::Clock::now(&*test.clock);
    assert!(!verifies(&test.receiver.heard()[2], &old, now) && verifies(&test.receiver.heard()[2], &new, now));
    assert_eq!(test.audited(endpoint.endpoint_id).await[1].0, "webhook.secret_rotated");
}

/// It was sent, and the worker died before it could say so.
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_sending_and_recording_sends_the_same_again() {
    let test = Fixture::new().await;
    let (endpoint, _) = test.endpoint().await;
    test.receiver.becomes(Manner::Hangs);
    test.emit_locked().await;
    let worker = test.worker.clone();
    let running = tokio::spawn(async move { worker.run(CancellationToken::new()).await });
    test.receiver.hears(1).await;
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    assert_eq!(test.delivery(endpoint.endpoint_id).await.status, DeliveryStatus::Sending);
    test.receiver.becomes(Manner::Status(200));
    assert!(!test.work().await, "the dead worker's lease still holds");
    test.time_passes().await;
    test.work().await;
    let heard = test.receiver.heard();
    assert_eq!(heard.len(), 2);
    assert_eq!((&heard[0].body, heard[0].header("webhook-id")), (&heard[1].body, heard[1].header("webhook-id")));
    let arrived = test.delivery(endpoint.endpoint_id).await;
    assert_eq!((arrived.status, arrived.attempts), (DeliveryStatus::Delivered, 2));
}

/// A worker that was slow, not dead: what it says about its attempt comes too late to count.
#[tokio::test(flavor = "multi_thread")]
async fn the_outcome_of_an_attempt_that_is_not_the_last_does_not_count() {
    let test = Fixture::new().await;
    let (endpoint, _) = test.endpoint().await;
    test.receiver.becomes(Manner::Hangs);
    test.emit_locked().await;
    let slow = test.worker.clone();
    let slow = tokio::spawn(async move { slow.round().await });
    test.receiver.hears(1).await;
    test.receiver.becomes(Manner::Status(200));
    test.time_passes().await;
    test.work().await;
    slow.await.unwrap().unwrap();
    let arrived = test.delivery(endpoint.endpoint_id).await;
    assert_eq!((arrived.status, arrived.attempts, arrived.failure), (DeliveryStatus::Delivered, 2, None));
    assert_eq!(test.read(endpoint.endpoint_id).await.failing_since, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_told_to_stop_finishes_what_is_on_its_way() {
    let test = Fixture::new().await;
    let (endpoint, _) = test.endpoint().await;
    test.receiver.becomes(Manner::Hangs);
    test.emit_locked().await;
    let (worker, stop) = (test.worker.clone(), CancellationToken::new());
    let running = tokio::spawn({
        let stop = stop.clone();
        async move { worker.run(stop).await }
    });
    test.receiver.hears(1).await;
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(10), running).await.expect("it stops").unwrap();
    let failed = test.delivery(endpoint.endpoint_id).await;
    assert_eq!((failed.status, failed.attempts), (DeliveryStatus::Queued, 1), "recorded before it stopped");
}

/// One receiver hangs with a hundred deliveries; the other's arrives at once, and from its first
/// failure on the slow one holds a single place.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_lets_us_wait_keeps_nobody_else_waiting() {
    let options = svc_webhooks::WebhookOptions { slots: 8, per_endpoint: 4, ..Default::default() };
    let test = Fixture::with(options).await;
    let (slow, _) = test.endpoint().await;
    test.receiver.becomes(Manner::Hangs);
    for _ in 0..100 {
        test.emit_locked().await;
    }
    let (worker, stop) = (test.worker.clone(), CancellationToken::new());
    let running = tokio::spawn({
        let stop = stop.clone();
        async move { worker.run(stop).await }
    });
    test.receiver.hears(4).await;
    let quick = Receiver::start().await;
    let input = CreateEndpoint { url: quick.url(), events: Vec::new() };
    test.webhooks.create(&test.permit(), &input).await.unwrap();
    test.emit_locked().await;
    tokio::time::timeout(Duration::from_millis(1500), quick.hears(1)).await.expect("at once");
    assert_eq!(test.receiver.heard().len(), 4, "so many at once and no more");
    // The first four have failed after two seconds; from then on one at a time, each two seconds.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(test.read(slow.endpoint_id).await.failing_since.is_some());
    assert!((4..=6).contains(&test.receiver.heard().len()), "{}", test.receiver.heard().len());
    stop.cancel();
    running.await.unwrap();
}

/// With one place for all, the tenant that comes first in the list does not come first every time.
#[tokio::test(flavor = "multi_thread")]
async fn tenants_take_turns() {
    let test = Fixture::with(svc_webhooks::WebhookOptions { slots: 1, ..Default::default() }).await;
    test.endpoint().await;
    let neighbour = test.bed.tenant(testkit::Environment::Live).await;
    let theirs = Receiver::start().await;
    let input = CreateEndpoint { url: theirs.url(), events: Vec::new() };
    test.webhooks.create(&common::permit(neighbour), &input).await.unwrap();
    for tenant in [test.tenant, neighbour] {
        let mut tx = io_postgres::TenantTx::begin(&test.bed.platform.database, tenant).await.unwrap();
        for _ in 0..40 {
            svc_audit::emit(&mut tx, svc_audit::EventKind::UserLocked, &json!({})).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
    let (worker, stop) = (test.worker.clone(), CancellationToken::new());
    let running = tokio::spawn({
        let stop = stop.clone();
        async move { worker.run(stop).await }
    });
    for (receiver, other) in [(&test.receiver, &theirs), (&theirs, &test.receiver)] {
        receiver.hears(10).await;
        assert!(other.heard().len() >= 8, "{} and {}", receiver.heard().len(), other.heard().len());
    }
    stop.cancel();
    running.await.unwrap();
}
