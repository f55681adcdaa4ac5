//! Rehearsing a policy, as a client does it. What a simulation finds is tested with its service.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{Fixture, key, of};
use core_access::{Actor, AdminRole, ApiScope, Principal};
use core_kernel::{AccountId, AdminId, SystemEntropy, TenantId};
use core_policy::UserKind;
use serde_json::{Value, json};
use svc_simulation::{SimulationOptions, SimulationWorker};
use testkit::{Environment, caller, on_a_servers_stack};
use tokio_util::sync::CancellationToken;

const SIMULATE: &str = "mutation ($input: SimulatePolicyInput!) { simulatePolicy(input: $input) {
    simulation { id status days loginsReplayed messagesBefore costBefore { amount currency } }
    userErrors { code field } } }";
const READ: &str = "query ($id: ID!) { node(id: $id) { __typename ... on PolicySimulation {
    status failure finishedAt loginsReplayed loginsSkipped transitions { from to count }
    usersLockedOut lockedOut(first: 1) { totalCount pageInfo { hasNextPage } edges { node { externalId } } }
    messagesBefore messagesAfter costBefore { amount currency } costAfter { amount currency }
    examples { outcome reasons login { outcome user { externalId } } } } } }";

fn draft(channels: &[&str]) -> Value {
    json!({"internal": {"allowedChannels": channels}, "external": {"allowedChannels": channels},
           "risk": {"challengeThreshold": 100}})
}

fn admin(tenant: TenantId) -> graphql::Authority {
    key(tenant, &[ApiScope::Policy, ApiScope::Read])
}

async fn log_in(test: &Fixture, tenant: TenantId, user: &str) {
    let evaluate = "mutation ($user: UserRef!) { evaluateLogin(input: {user: $user, firstFactor: PASSWORD,
        ipAddress: \"198.51.100.7\"}) { login { outcome } userErrors { code } } }";
    let data = test.data(key(tenant, &[ApiScope::Login]), evaluate, json!({"user": {"externalId": user}})).await;
    assert!(data["evaluateLogin"]["login"].is_object(), "{data}");
}

/// A user with a phone and nothing else, who has logged in.
async fn phone_user(test: &Fixture, tenant: TenantId, external_id: &str) {
    let user = test.bed.user(tenant, external_id, UserKind::External).await;
    let mut tx = io_postgres::TenantTx::begin(&test.bed.platform.database, tenant).await.unwrap();
    sqlx::query(
        "insert into factor (tenant_id, factor_id, user_id, kind, status, line, country, created_at)
         values ($1, uuid_v7(), $2, 'PHONE_PRIMARY', 'ACTIVE', 'MOBILE', 'US', tenant_now($1))",
    )
    .bind(tenant.0)
    .bind(user.0)
    .execute(tx.connection())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    log_in(test, tenant, external_id).await;
}

async fn work(test: &Fixture) {
    let worker = SimulationWorker::new(test.bed.platform.clone(), SimulationOptions::default());
    assert!(worker.round(&CancellationToken::new()).await.unwrap());
}

async fn simulate(test: &Fixture, tenant: TenantId, policy: Value) -> Value {
    let data = test.data(admin(tenant), SIMULATE, json!({"input": {"policy": policy}})).await;
    assert_eq!(data["simulatePolicy"]["userErrors"], json!([]));
    data["simulatePolicy"]["simulation"].clone()
}

#[test]
fn a_policy_is_rehearsed_and_its_findings_read() {
    on_a_servers_stack(|| async {
        let test = Fixture::new().await;
        let tenant = test.bed.tenant(Environment::Sandbox).await;
        for user in ["ann", "bea"] {
            phone_user(&test, tenant, user).await;
        }
        let queued = simulate(&test, tenant, draft(&["TOTP"])).await;
        let zero = json!({"amount": "0.00", "currency": "USD"});
        assert_eq!((&queued["status"], &queued["days"], &queued["costBefore"]), (&json!("QUEUED"), &json!(30), &zero));
        let read = || test.data(admin(tenant), READ, json!({"id": queued["id"]}));
        assert_eq!(read().await["node"]["transitions"], json!([]));
        work(&test).await;
        let found = &read().await["node"];
        assert_eq!((&found["__typename"], &found["status"]), (&json!("PolicySimulation"), &json!("COMPLETED")));
        assert_eq!((&found["loginsReplayed"], &found["loginsSkipped"]), (&json!(2), &json!(0)));
        assert!(found["finishedAt"].is_string() && found["failure"].is_null());
        // A first login is asked for its risk; without texts these users have nothing to prove.
        assert_eq!(found["transitions"], json!([{"from": "CHALLENGE", "to": "DENY", "count": 2}]));
        assert_eq!(found["usersLockedOut"], 2);
        let page = json!({"totalCount": 2, "pageInfo": {"hasNextPage": true},
                          "edges": [{"node": {"externalId": "bea"}}]});
        assert_eq!(found["lockedOut"], page);
        let example = json!({"outcome": "DENY", "reasons": ["NO_USABLE_FACTOR"],
                             "login": {"outcome": "CHALLENGE", "user": {"externalId": "bea"}}});
        assert_eq!(found["examples"][0], example);
    });
}

#[test]
fn costs_are_exact_decimals() {
    on_a_servers_stack(|| async {
        let test = Fixture::new().await;
        let tenant = test.bed.tenant(Environment::Live).await;
        let mut relaxed = core_policy::Policy::default();
        relaxed.risk.challenge_threshold = 100;
        test.bed.policy(tenant, &relaxed).await;
        phone_user(&test, tenant, "ann").await;
        log_in(&test, tenant, "ann").await;
        log_in(&test, tenant, "ann").await;
        let mut high = draft(&["SMS"]);
        high["external"]["defaultLevel"] = json!("HIGH");
        let queued = simulate(&test, tenant, high).await;
        work(&test).await;
        let found = &test.data(admin(tenant), READ, json!({"id": queued["id"]})).await["node"];
        assert_eq!((&found["messagesBefore"], &found["messagesAfter"]), (&json!(0), &json!(3)));
        assert_eq!(found["costAfter"], json!({"amount": "0.0237", "currency": "USD"}));
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_published_is_refused_with_its_fields() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    let mut policy = draft(&[]);
    policy["codes"] = json!({"digits": 5});
    let data = test.data(admin(tenant), SIMULATE, json!({"input": {"policy": policy, "days": 91}})).await;
    assert_eq!(data["simulatePolicy"]["simulation"], Value::Null);
    let errors = data["simulatePolicy"]["userErrors"].as_array().unwrap();
    let fields: Vec<_> = errors.iter().map(|error| error["field"].clone()).collect();
    let expected = [
        json!(["days"]),
        json!(["policy", "internal", "allowedChannels"]),
        json!(["policy", "external", "allowedChannels"]),
        json!(["policy", "codes", "digits"]),
    ];
    assert_eq!(fields, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_is_cancelled_once() {
    const CANCEL: &str = "mutation ($id: ID!) { cancelSimulation(input: {id: $id}) {
        simulation { status } userErrors { code field } } }";
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    let queued = simulate(&test, tenant, draft(&["TOTP"])).await;
    let second = test.data(admin(tenant), SIMULATE, json!({"input": {"policy": draft(&["TOTP"])}})).await;
    assert_eq!(second["simulatePolicy"]["userErrors"], json!([{"code": "CONFLICT", "field": null}]));
    let cancel = || test.data(admin(tenant), CANCEL, json!({"id": queued["id"]}));
    assert_eq!(cancel().await["cancelSimulation"]["simulation"]["status"], "CANCELED");
    assert_eq!(cancel().await["cancelSimulation"]["userErrors"], json!([{"code": "CONFLICT", "field": ["id"]}]));
    let other = test.bed.tenant(Environment::Sandbox).await;
    for id in [queued["id"].clone(), json!("simulation_"), json!("policy_1")] {
        let data = test.data(admin(other), CANCEL, json!({"id": id})).await;
        assert_eq!(data["cancelSimulation"]["userErrors"], json!([{"code": "NOT_FOUND", "field": ["id"]}]), "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_ask_and_who_may_see() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    let input = json!({"input": {"policy": draft(&["TOTP"])}});
    for scopes in [&[ApiScope::Login, ApiScope::Users][..], &[ApiScope::Support, ApiScope::Read]] {
        assert_eq!(test.error(key(tenant, scopes), SIMULATE, input.clone()).await, "FORBIDDEN");
    }
    let queued = simulate(&test, tenant, draft(&["TOTP"])).await;
    let sees = async |authority| {
        let data = test.data(authority, "query ($id: ID!) { node(id: $id) { id } }", json!({"id": queued["id"]})).await;
        data["node"]["id"] == queued["id"]
    };
    assert!(sees(key(tenant, &[ApiScope::Policy])).await && sees(key(tenant, &[ApiScope::Read])).await);
    assert!(sees(admin_of(tenant, AdminRole::Owner)).await && sees(admin_of(tenant, AdminRole::Auditor)).await);
    assert!(!sees(key(tenant, &[ApiScope::Users])).await && !sees(admin_of(tenant, AdminRole::Billing)).await);
    assert!(!sees(admin_of(tenant, AdminRole::Advisor)).await, "who knows of some users alone");
    let other = test.bed.tenant(Environment::Sandbox).await;
    assert!(!sees(admin(other)).await);
}

fn admin_of(tenant: TenantId, role: AdminRole) -> graphql::Authority {
    let now = core_kernel::Clock::now(&core_kernel::SystemClock);
    let mut caller = caller(tenant, &[]);
    caller.principal = Principal::Admin(Actor {
        id: AdminId::new(&SystemEntropy, now),
        account: AccountId::new(&SystemEntropy, now),
        email: "someone@firm.example".to_owned(),
        role,
    });
    of(caller)
}
