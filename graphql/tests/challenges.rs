//! What was asked of users at their logins, as a help desk reads it: of a page of logins, and of one.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{Fixture, advisor_of_nobody, key};
use core_access::ApiScope;
use core_kernel::TenantId;
use graphql::Authority;
use io_postgres::TenantTx;
use serde_json::{Value, json};
use testkit::{Environment, on_a_servers_stack};

const CHALLENGE: &str =
    "id channel destination status attemptsRemaining message { id } messages { id channel status destination }";

fn site(tenant: TenantId) -> Authority {
    key(tenant, &[ApiScope::Login, ApiScope::Users])
}

fn desk(tenant: TenantId) -> Authority {
    key(tenant, &[ApiScope::Support])
}

/// One mutation with its input; what it answers.
async fn call(test: &Fixture, tenant: TenantId, mutation: &str, input: Value) -> Value {
    let (name, fields) = mutation.split_once(' ').unwrap();
    let kind = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
    let query = format!(
        "mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ {fields} userErrors {{ code field }} }} }}"
    );
    test.data(site(tenant), &query, json!({"input": input})).await[name].take()
}

/// A user who has this telephone.
async fn user(test: &Fixture, tenant: TenantId, name: &str, number: &str) {
    call(test, tenant, "upsertUser user { id }", json!({"externalId": name, "kind": "EXTERNAL"})).await;
    let phone = json!({"user": {"externalId": name}, "number": number});
    call(test, tenant, "enrollPhone factor { id }", phone).await;
    let mut tx = TenantTx::begin(&test.bed.platform.database, tenant).await.unwrap();
    // As if it were long ago: what was sent then is no part of what happens now.
    for sql in [
        "update factor set status = 'ACTIVE', confirmed_at = now() where tenant_id = $1",
        "delete from destination_send where tenant_id = $1",
    ] {
        sqlx::query(sql).bind(tenant.0).execute(tx.connection()).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// A login of this user, and the challenges that it was asked by these channels.
async fn login(test: &Fixture, tenant: TenantId, name: &str, channels: &[&str]) -> (String, Vec<String>) {
    let input = json!({"user": {"externalId": name}, "firstFactor": "PASSWORD", "ipAddress": "203.0.113.7"});
    let login = call(test, tenant, "evaluateLogin login { id methods { id channel } }", input).await["login"].take();
    let methods = login["methods"].as_array().unwrap();
    let mut challenges = Vec::new();
    for channel in channels {
        let method = methods.iter().find(|method| method["channel"] == *channel).unwrap();
        let input = json!({"loginId": login["id"], "methodId": method["id"]});
        let begun = call(test, tenant, "startChallenge challenge { id }", input).await;
        challenges.push(begun["challenge"]["id"].as_str().unwrap().to_owned());
    }
    challenges.dedup();
    (login["id"].as_str().unwrap().to_owned(), challenges)
}

/// Each of the tenant's logins with its challenges, the newest first.
async fn page(test: &Fixture, authority: Authority, of_challenge: &str) -> Vec<(String, Value)> {
    let query = format!("{{ tenant {{ logins {{ edges {{ node {{ id challenges {{ {of_challenge} }} }} }} }} }} }}");
    let mut data = test.data(authority, &query, json!({})).await;
    let edges = data["tenant"]["logins"]["edges"].as_array_mut().unwrap();
    edges
        .iter_mut()
        .map(|edge| (edge["node"]["id"].as_str().unwrap().to_owned(), edge["node"]["challenges"].take()))
        .collect()
}

async fn one(test: &Fixture, authority: Authority, login: &str) -> Value {
    let query = format!("query ($id: ID!) {{ login(id: $id) {{ challenges {{ {CHALLENGE} }} }} }}");
    test.data(authority, &query, json!({"id": login})).await["login"].take()
}

#[test]
fn a_page_shows_of_each_login_what_it_shows_alone() {
    on_a_servers_stack(reading);
}

async fn reading() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Live).await;
    user(&test, tenant, "ann", "+14155550132").await;
    user(&test, tenant, "bob", "+14155550133").await;
    let (first, by_text) = login(&test, tenant, "ann", &["SMS"]).await;
    let (second, none) = login(&test, tenant, "bob", &[]).await;
    let (third, by_both) = login(&test, tenant, "bob", &["SMS", "VOICE"]).await;
    assert!(none.is_empty());

    let shown = page(&test, desk(tenant), CHALLENGE).await;
    let order: Vec<&str> = shown.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(order, [&third, &second, &first]);
    for (id, challenges) in &shown {
        assert_eq!(one(&test, desk(tenant), id).await["challenges"], *challenges, "{id}");
    }
    let ids = |index: usize| -> Vec<&str> {
        let challenges: &Vec<Value> = shown[index].1.as_array().unwrap();
        challenges.iter().map(|challenge| challenge["id"].as_str().unwrap()).collect()
    };
    assert_eq!(
        (ids(0), ids(1).len(), ids(2)),
        (by_both.iter().map(String::as_str).collect(), 0, vec![by_text[0].as_str()])
    );

    let text = &shown[2].1[0];
    assert_eq!((&text["channel"], &text["status"]), (&json!("SMS"), &json!("PENDING")));
    assert!(text["destination"].as_str().unwrap().ends_with("32"), "{text}");
    assert_eq!(text["messages"].as_array().unwrap().len(), 1);
    assert_eq!(text["messages"][0]["id"], text["message"]["id"]);
    let channels: Vec<&Value> = shown[0]
        .1
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|challenge| challenge["messages"].as_array().unwrap())
        .map(|message| &message["channel"])
        .collect();
    assert_eq!(channels, [&json!("SMS"), &json!("VOICE")], "the same code by two ways is two messages");
    assert_eq!(
        page(&test, desk(tenant), "id").await[2].1,
        json!([{"id": by_text[0]}]),
        "without messages where nobody asks"
    );
}

#[test]
fn what_becomes_of_it_is_told() {
    on_a_servers_stack(failing);
}

async fn failing() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Live).await;
    user(&test, tenant, "ann", "+14155550132").await;
    let (login, challenges) = login(&test, tenant, "ann", &["SMS"]).await;
    let before = one(&test, desk(tenant), &login).await["challenges"][0]["attemptsRemaining"].as_i64().unwrap();
    // Of two guesses one is right in half a million runs.
    for wrong in ["000000", "000001"] {
        let input = json!({"challengeId": challenges[0], "code": wrong});
        call(&test, tenant, "verifyChallenge challenge { id }", input).await;
    }
    let after = one(&test, desk(tenant), &login).await["challenges"][0].take();
    assert_eq!((&after["attemptsRemaining"], &after["status"]), (&json!(before - 2), &json!("PENDING")));
}

#[test]
fn nobody_sees_those_of_others() {
    on_a_servers_stack(hiding);
}

async fn hiding() {
    let test = Fixture::new().await;
    let (tenant, bystander) = (test.bed.tenant(Environment::Live).await, test.bed.tenant(Environment::Live).await);
    user(&test, tenant, "ann", "+14155550132").await;
    let (login, _) = login(&test, tenant, "ann", &["SMS"]).await;
    assert_eq!(page(&test, desk(bystander), CHALLENGE).await, []);
    assert_eq!(one(&test, desk(bystander), &login).await, Value::Null);
    assert_eq!(page(&test, advisor_of_nobody(tenant), CHALLENGE).await, []);
    assert_eq!(one(&test, advisor_of_nobody(tenant), &login).await, Value::Null);
    let query = "query ($id: ID!) { login(id: $id) { challenges { id } } }";
    for scope in [ApiScope::Users, ApiScope::Policy] {
        assert_eq!(test.error(key(tenant, &[scope]), query, json!({"id": login})).await, "FORBIDDEN");
    }
}
