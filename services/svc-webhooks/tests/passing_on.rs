//! From the outbox to deliveries: everything once, whoever commits when.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::collections::BTreeSet;

use common::{Fixture, Manner, Receiver, permit};
use core_kernel::{TypedId, UserId};
use io_postgres::TenantTx;
use serde_json::{Value, json};
use svc_audit::EventKind;
use svc_webhooks::CreateEndpoint;
use testkit::Environment;
use uuid::Uuid;

const USER: &str = "01900000-0000-7000-8000-00000000000a";

fn types(receiver: &Receiver) -> Vec<String> {
    let types = receiver.heard().iter().map(|heard| heard.json()["type"].as_str().unwrap().to_owned()).collect();
    let mut types: Vec<String> = types;
    types.sort();
    types
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_hears_of_what_it_wants() {
    let test = Fixture::new().await;
    let (all, _) = test.endpoint().await;
    let (some, _) = test.endpoint_for(&[EventKind::FactorAdded, EventKind::PolicyPublished]).await;
    test.emit_locked().await;
    test.emit(EventKind::FactorAdded, json!({"user_id": USER})).await;
    assert!(test.work().await);
    assert_eq!(types(&test.receiver), ["factor.added", "factor.added", "user.locked"]);
    let kinds = async |id| test.deliveries(id).await.iter().map(|delivery| delivery.kind).collect::<Vec<_>>();
    assert_eq!(kinds(some.endpoint_id).await, [Some(EventKind::FactorAdded)]);
    assert_eq!(kinds(all.endpoint_id).await, [Some(EventKind::FactorAdded), Some(EventKind::UserLocked)]);
    assert!(!test.work().await, "nothing is left");
}

/// Whoever writes it: commands in Rust with the API's identifiers, SQL with UUIDs.
#[tokio::test(flavor = "multi_thread")]
async fn what_sql_emits_is_told_in_the_apis_words() {
    let test = Fixture::new().await;
    test.endpoint().await;
    test.run(
        "select add_event($1, 'USER_LOCKED', jsonb_build_object('user_id', '01900000-0000-7000-8000-00000000000a'::uuid,
                 'until', timestamptz '2026-03-01 12:00:00.25+00'))",
    )
    .await;
    test.work().await;
    let heard = test.receiver.only().json();
    let user = UserId(Uuid::parse_str(USER).unwrap()).to_text();
    assert_eq!(heard["type"], "user.locked");
    assert_eq!(heard["data"], json!({"userId": user, "until": "2026-03-01T12:00:00.250Z"}));
    assert!(heard["timestamp"].as_str().unwrap().ends_with('Z'), "{heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_of_what_was_before_them() {
    let test = Fixture::new().await;
    test.emit_locked().await;
    let (endpoint, _) = test.endpoint().await;
    assert!(test.work().await);
    assert_eq!(test.deliveries(endpoint.endpoint_id).await, []);
    let waiting = "select count(*) from outbox_event where tenant_id = $1 and not passed_on";
    assert_eq!(test.count(waiting).await, 0, "it does not wait for anybody to come");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_commits_late_is_not_passed_over() {
    let test = Fixture::new().await;
    test.endpoint().await;
    let mut late = test.tx().await;
    svc_audit::emit(&mut late, EventKind::FactorAdded, &json!({"user_id": USER})).await.unwrap();
    test.emit_locked().await;
    test.worker.round().await.unwrap();
    assert_eq!(types(&test.receiver), ["user.locked"], "the younger was there first");
    late.commit().await.unwrap();
    test.work().await;
    assert_eq!(types(&test.receiver), ["factor.added", "user.locked"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_rolled_back_never_was() {
    let test = Fixture::new().await;
    test.endpoint().await;
    let mut tx = test.tx().await;
    svc_audit::emit(&mut tx, EventKind::FactorAdded, &json!({"user_id": USER})).await.unwrap();
    tx.rollback().await.unwrap();
    test.work().await;
    assert!(test.receiver.heard().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_workers_pass_each_event_on_once() {
    let test = Fixture::new().await;
    let (endpoint, _) = test.endpoint().await;
    for _ in 0..40 {
        test.emit_locked().await;
    }
    let workers: Vec<_> = (0..6).map(|_| test.worker.clone()).collect();
    let rounds = workers.iter().map(|worker| worker.round());
    for worked in futures::future::join_all(rounds).await {
        worked.unwrap();
    }
    test.work().await;
    let ids: BTreeSet<_> = test.receiver.heard().iter().map(|heard| heard.header("webhook-id").to_owned()).collect();
    assert_eq!((test.receiver.heard().len(), ids.len()), (40, 40));
    assert_eq!(test.deliveries(endpoint.endpoint_id).await.len(), 40);
}

/// The mark is lost, as if somebody had put it back: the pair of event and endpoint is there already.
#[tokio::test(flavor = "multi_thread")]
async fn a_pair_is_never_made_twice() {
    let test = Fixture::new().await;
    let (endpoint, _) = test.endpoint().await;
    test.emit_locked().await;
    test.work().await;
    test.run("update outbox_event set passed_on = false where tenant_id = $1").await;
    assert!(test.work().await);
    assert_eq!(test.deliveries(endpoint.endpoint_id).await.len(), 1);
    assert_eq!(test.receiver.heard().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_is_unknown_holds_nobody_up() {
    let test = Fixture::new().await;
    test.endpoint().await;
    test.run("select add_event($1, 'TEA_BREWED', '{}')").await;
    test.emit_locked().await;
    test.work().await;
    assert_eq!(types(&test.receiver), ["user.locked"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_an_endpoint_takes_what_waits_for_it_along() {
    let test = Fixture::new().await;
    let (endpoint, _) = test.endpoint().await;
    test.receiver.becomes(Manner::Status(500));
    test.emit_locked().await;
    test.work().await;
    test.webhooks.delete(&test.permit(), &endpoint.endpoint_id.to_text()).await.unwrap();
    assert_eq!(test.count("select count(*) from webhook_delivery where tenant_id = $1").await, 0);
    assert!(!test.work().await);
}

/// Nothing of one tenant is ever in what another is told.
#[tokio::test(flavor = "multi_thread")]
async fn tenants_hear_of_their_own_alone() {
    let test = Fixture::new().await;
    test.endpoint().await;
    let neighbour = test.bed.tenant(Environment::Live).await;
    let theirs = Receiver::start().await;
    let input = CreateEndpoint { url: theirs.url(), events: Vec::new() };
    let secret = test.webhooks.create(&permit(neighbour), &input).await.unwrap().secret.into_exposed();
    let canary = "01900000-0000-7000-8000-00000000c0de";
    let mut tx = TenantTx::begin(&test.bed.platform.database, neighbour).await.unwrap();
    svc_audit::emit(&mut tx, EventKind::FactorAdded, &json!({"user_id": canary})).await.unwrap();
    tx.commit().await.unwrap();
    test.emit_locked().await;
    test.work().await;

    let canary = UserId(Uuid::parse_str(canary).unwrap()).to_text();
    let (ours, theirs) = (test.receiver.only(), theirs.only());
    assert_eq!(theirs.json()["data"], json!({"userId": canary}));
    assert!(theirs.is_signed_with(&secret) && !ours.is_signed_with(&secret));
    let everything = format!("{ours:?}{}", ours.json());
    assert!(!everything.contains(&canary), "{everything}");
    assert_eq!(ours.json()["data"]["until"], Value::Null);
}
