//! Numbers that nothing is sent to, as a firm and its users meet them: one that said STOP, and those of a
//! prefix that the fraud guard blocks. When that is, is tested with the service.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{Fixture, key};
use core_access::ApiScope;
use core_kernel::TenantId;
use graphql::Authority;
use io_postgres::TenantTx;
use serde_json::{Value, json};
use testkit::{Environment, on_a_servers_stack};

fn everything(tenant: TenantId) -> Authority {
    key(tenant, &[ApiScope::Login, ApiScope::Users, ApiScope::Support, ApiScope::Read, ApiScope::Policy])
}

/// One mutation with its input; what it answers.
async fn call(test: &Fixture, by: Authority, mutation: &str, input: Value) -> Value {
    let name = mutation.split(' ').next().unwrap();
    let kind = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
    let fields = &mutation[name.len()..];
    let query = format!(
        "mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ {fields} userErrors {{ code field }} }} }}"
    );
    test.data(by, &query, json!({"input": input})).await[name].take()
}

async fn run(test: &Fixture, tenant: TenantId, sql: &'static str) {
    let mut tx = TenantTx::begin(&test.bed.platform.database, tenant).await.unwrap();
    sqlx::query(sql).bind(tenant.0).execute(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn enroll(test: &Fixture, tenant: TenantId, name: &str, number: &str) -> Value {
    let input = json!({"externalId": name, "kind": "EXTERNAL"});
    call(test, everything(tenant), "upsertUser user { id }", input).await;
    let input = json!({"user": {"externalId": name}, "number": number});
    call(test, everything(tenant), "enrollPhone factor { id } challenge { id }", input).await
}

/// Channels and identifiers of the ways to complete a login of this user.
async fn methods(test: &Fixture, tenant: TenantId, name: &str) -> (Value, Vec<(String, Value)>) {
    let input = json!({"user": {"externalId": name}, "firstFactor": "PASSWORD", "ipAddress": "203.0.113.7"});
    let evaluate = "evaluateLogin login { id outcome methods { id channel } }";
    let login = call(test, everything(tenant), evaluate, input).await["login"].take();
    let methods = login["methods"].as_array().unwrap().iter();
    let methods =
        methods.map(|method| (method["channel"].as_str().unwrap().to_owned(), method["id"].clone())).collect();
    (login["id"].clone(), methods)
}

#[test]
fn a_number_that_said_stop_is_offered_calls_and_no_texts_until_it_says_start() {
    on_a_servers_stack(stopping);
}

async fn stopping() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Live).await;
    enroll(&test, tenant, "ann", "+14155550132").await;
    run(&test, tenant, "update factor set status = 'ACTIVE', confirmed_at = now() where tenant_id = $1").await;
    let channels = |methods: &[(String, Value)]| methods.iter().map(|(channel, _)| channel.clone()).collect::<Vec<_>>();
    let (login, before) = methods(&test, tenant, "ann").await;
    assert_eq!(channels(&before), ["SMS", "VOICE"]);

    run(
        &test,
        tenant,
        "insert into message_opt_out (tenant_id, destination_index, told_at, told_by, until_start)
         select tenant_id, blind_index, now(), 'twilio', true from factor where tenant_id = $1",
    )
    .await;
    assert_eq!(channels(&methods(&test, tenant, "ann").await.1), ["VOICE"]);
    run(&test, tenant, "delete from destination_send where tenant_id = $1").await;
    let start = async |method: &Value| {
        let input = json!({"loginId": login, "methodId": method});
        call(&test, everything(tenant), "startChallenge challenge { id }", input).await
    };
    let refused = start(&before[0].1).await;
    assert_eq!(
        (&refused["challenge"], &refused["userErrors"][0]["code"]),
        (&Value::Null, &json!("DESTINATION_BLOCKED")),
        "a page that was open before"
    );
    assert!(start(&before[1].1).await["challenge"]["id"].is_string());

    run(&test, tenant, "delete from message_opt_out where tenant_id = $1").await;
    assert_eq!(channels(&methods(&test, tenant, "ann").await.1), ["SMS", "VOICE"]);
}

#[test]
fn a_blocked_prefix_is_shown_and_released() {
    on_a_servers_stack(blocking);
}

async fn blocking() {
    const SHOWN: &str = "{ tenant { blockedPrefixes { prefix country since sent verified } } }";
    let test = Fixture::new().await;
    let (tenant, bystander) = (test.bed.tenant(Environment::Live).await, test.bed.tenant(Environment::Live).await);
    run(
        &test,
        tenant,
        "insert into number_prefix (tenant_id, prefix, country, blocked_at, sent, verified)
         values ($1, '+1415', 'US', now(), 30, 2), ($1, '+1212', 'US', null, null, null)",
    )
    .await;
    let shown = test.data(everything(tenant), SHOWN, json!({})).await["tenant"]["blockedPrefixes"].take();
    assert_eq!(shown.as_array().unwrap().len(), 1);
    let blocked = &shown[0];
    assert_eq!(
        (&blocked["prefix"], &blocked["country"], &blocked["sent"], &blocked["verified"]),
        (&json!("+1415"), &json!("US"), &json!(30), &json!(2))
    );
    let elsewhere = test.data(everything(bystander), SHOWN, json!({})).await;
    assert_eq!(elsewhere["tenant"]["blockedPrefixes"], json!([]));

    let refused = enroll(&test, tenant, "ann", "+14155550132").await;
    assert_eq!((&refused["factor"], &refused["userErrors"][0]["code"]), (&Value::Null, &json!("DESTINATION_BLOCKED")));
    for (of, number) in [(tenant, "+12125550132"), (bystander, "+14155550132")] {
        assert!(enroll(&test, of, "bea", number).await["challenge"]["id"].is_string(), "{number}");
    }

    let release = "releasePrefix blockedPrefixes { prefix }";
    let input = json!({"prefix": "+1415"});
    let query = "mutation { releasePrefix(input: {prefix: \"+1415\"}) { userErrors { code } } }";
    assert_eq!(test.error(key(tenant, &[ApiScope::Support]), query, json!({})).await, "FORBIDDEN");
    let elsewhere = call(&test, everything(bystander), release, input.clone()).await;
    assert_eq!(elsewhere["userErrors"][0]["code"], "NOT_FOUND");
    let released = call(&test, everything(tenant), release, input.clone()).await;
    assert_eq!((&released["blockedPrefixes"], &released["userErrors"]), (&json!([]), &json!([])));
    let again = call(&test, everything(tenant), release, input).await;
    assert_eq!((&again["blockedPrefixes"], &again["userErrors"][0]["code"]), (&Value::Null, &json!("NOT_FOUND")));
    assert!(enroll(&test, tenant, "ann", "+14155550132").await["challenge"]["id"].is_string());
}
