//! Webhooks, as a client sets them up. What is sent is tested with their service.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{Fixture, key};
use core_access::ApiScope;
use core_kernel::TenantId;
use io_outbound::{Outbound, OutboundOptions, Rules};
use serde_json::{Value, json};
use svc_webhooks::{WebhookOptions, WebhookWorker};
use testkit::Environment;

const CREATE: &str = "mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) {
    secret endpoint { id url events createdAt lastDeliveryAt failingSince disabledAt }
    userErrors { code field message } } }";
const LIST: &str = "{ tenant { webhookEndpoints { id url events } } }";
const READ: &str = "query ($id: ID!) { node(id: $id) { __typename id
    ... on WebhookEndpoint { failingSince deliveries(first: 1) { pageInfo { hasNextPage }
        edges { node { id event type status attempts body nextAttemptAt responseStatus failure } } } }
    ... on WebhookDelivery { webhookId status } } }";
const URL: &str = "https://firm.example/hooks";

fn admin(tenant: TenantId) -> graphql::Authority {
    key(tenant, &[ApiScope::Policy])
}

async fn create(test: &Fixture, tenant: TenantId, input: Value) -> Value {
    test.data(admin(tenant), CREATE, json!({"input": input})).await["createWebhookEndpoint"].take()
}

async fn call(test: &Fixture, tenant: TenantId, mutation: &str, input: Value) -> Value {
    let name = mutation.split(' ').next().unwrap();
    let kind = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
    let query = format!(
        "mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ {} userErrors {{ code field }} }} }}",
        &mutation[name.len()..]
    );
    test.data(admin(tenant), &query, json!({"input": input})).await[name].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_made_shown_without_its_secret_and_deleted() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    let made = create(&test, tenant, json!({"url": URL, "events": ["USER_LOCKED", "LOGIN_DENIED"]})).await;
    assert_eq!(made["userErrors"], json!([]));
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_"), "{secret}");
    let endpoint = &made["endpoint"];
    assert_eq!(endpoint["events"], json!(["LOGIN_DENIED", "USER_LOCKED"]));
    for empty in ["lastDeliveryAt", "failingSince", "disabledAt"] {
        assert_eq!(endpoint[empty], Value::Null, "{empty}");
    }
    let all = create(&test, tenant, json!({"url": URL})).await;
    assert_eq!(all["endpoint"]["events"], json!([]));

    let listed = test.data(key(tenant, &[ApiScope::Read]), LIST, json!({})).await;
    let listed = listed["tenant"]["webhookEndpoints"].as_array().unwrap();
    assert_eq!((listed.len(), &listed[0]["url"]), (2, &json!(URL)));
    assert!(!format!("{listed:?}").contains("whsec"));

    let id = json!({"id": endpoint["id"]});
    let rotated = call(&test, tenant, "rotateWebhookSecret secret endpoint { id }", id.clone()).await;
    assert!(rotated["secret"] != json!(secret) && rotated["endpoint"]["id"] == endpoint["id"], "{rotated}");
    let deleted = call(&test, tenant, "deleteWebhookEndpoint deletedId", id.clone()).await;
    assert_eq!(deleted["deletedId"], endpoint["id"]);
    assert_eq!(test.data(admin(tenant), READ, id).await["node"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_called_is_refused_at_the_url() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    for url in ["http://firm.example/", "https://localhost/", "https://10.0.0.1/", "https://firm.example:25/", "x"] {
        let refused = create(&test, tenant, json!({"url": url})).await;
        assert_eq!((&refused["secret"], &refused["endpoint"]), (&Value::Null, &Value::Null), "{url}");
        let error = &refused["userErrors"][0];
        assert_eq!((&error["code"], &error["field"]), (&json!("INVALID"), &json!(["url"])), "{url}");
        assert!(error["message"].as_str().unwrap().ends_with('.'), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_watched_and_sent_again() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    let endpoint = create(&test, tenant, json!({"url": URL})).await["endpoint"].take();
    let id = json!({"id": endpoint["id"]});
    let sent = call(
        &test,
        tenant,
        "testWebhookEndpoint delivery { id webhookId type event status attempts body }",
        id.clone(),
    )
    .await;
    let delivery = &sent["delivery"];
    assert_eq!((&delivery["type"], &delivery["event"]), (&json!("webhook.test"), &Value::Null), "{sent}");
    assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("QUEUED"), &json!(0)));
    let again = call(&test, tenant, "testWebhookEndpoint delivery { id }", id.clone()).await;
    assert_eq!(again["userErrors"], json!([{"code": "CONFLICT", "field": ["id"]}]));

    // Names lead nowhere here.
    let outbound = Outbound::new(OutboundOptions {
        resolver: std::sync::Arc::new(Nowhere),
        ..OutboundOptions::new(Rules::default())
    });
    let worker = WebhookWorker::new(test.bed.platform.clone(), outbound, WebhookOptions::default());
    test.bed.settled().await;
    assert!(worker.round().await.unwrap());
    let read = test.data(admin(tenant), READ, id).await;
    assert!(read["node"]["failingSince"].is_string(), "{read}");
    let page = &read["node"]["deliveries"];
    assert_eq!(page["pageInfo"]["hasNextPage"], false);
    let tried = &page["edges"][0]["node"];
    assert_eq!(
        (&tried["status"], &tried["attempts"], &tried["body"]),
        (&json!("QUEUED"), &json!(1), &delivery["body"])
    );
    assert_eq!(tried["failure"], "The host's name could not be resolved.");
    assert!(tried["nextAttemptAt"].is_string() && tried["responseStatus"].is_null());

    let waiting = call(&test, tenant, "redeliverWebhook delivery { id }", json!({"deliveryId": delivery["id"]})).await;
    assert_eq!(waiting["userErrors"], json!([{"code": "CONFLICT", "field": ["deliveryId"]}]));
    let mut tx = io_postgres::TenantTx::begin(&test.bed.platform.database, tenant).await.unwrap();
    sqlx::query("update webhook_delivery set status = 'FAILED' where tenant_id = $1")
        .bind(tenant.0)
        .execute(tx.connection())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let asked =
        call(&test, tenant, "redeliverWebhook delivery { id status webhookId }", json!({"deliveryId": delivery["id"]}))
            .await;
    assert_eq!(
        (&asked["delivery"]["status"], &asked["delivery"]["webhookId"]),
        (&json!("QUEUED"), &delivery["webhookId"])
    );
}

/// A name service that knows nobody.
struct Nowhere;

impl io_outbound::Resolver for Nowhere {
    fn resolve<'a>(&'a self, _: &'a str) -> futures::future::BoxFuture<'a, std::io::Result<Vec<std::net::IpAddr>>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_ask_and_who_may_see() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    let scopes = [ApiScope::Login, ApiScope::Users, ApiScope::Support, ApiScope::Read];
    assert_eq!(test.error(key(tenant, &scopes), CREATE, json!({"input": {"url": URL}})).await, "FORBIDDEN");
    let made = create(&test, tenant, json!({"url": URL})).await;
    let id = json!({"id": made["endpoint"]["id"]});
    let sent = call(&test, tenant, "testWebhookEndpoint delivery { id }", id.clone()).await;
    let delivery = json!({"id": sent["delivery"]["id"]});
    for seen in [&id, &delivery] {
        let found = test.data(key(tenant, &[ApiScope::Read]), READ, seen.clone()).await;
        assert_eq!(found["node"]["id"], seen["id"]);
        let unseen = test.data(key(tenant, &[ApiScope::Login]), READ, seen.clone()).await;
        assert_eq!(unseen["node"], Value::Null);
    }
    assert_eq!(test.error(key(tenant, &[ApiScope::Login]), LIST, json!({})).await, "FORBIDDEN");

    let other = test.bed.tenant(Environment::Sandbox).await;
    for foreign in [&id, &delivery] {
        assert_eq!(test.data(admin(other), READ, foreign.clone()).await["node"], Value::Null);
    }
    let missing = json!([{"code": "NOT_FOUND", "field": ["id"]}]);
    for mutation in
        ["rotateWebhookSecret secret", "deleteWebhookEndpoint deletedId", "testWebhookEndpoint delivery { id }"]
    {
        assert_eq!(call(&test, other, mutation, id.clone()).await["userErrors"], missing, "{mutation}");
    }
    let refused = call(&test, other, "redeliverWebhook delivery { id }", json!({"deliveryId": delivery["id"]})).await;
    assert_eq!(refused["userErrors"], json!([{"code": "NOT_FOUND", "field": ["deliveryId"]}]));
    assert_eq!(test.data(admin(other), LIST, json!({})).await["tenant"]["webhookEndpoints"], json!([]));
}
