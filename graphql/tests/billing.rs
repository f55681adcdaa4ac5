//! Usage, the account and the spending cap, as a firm meets them: from a text that is sent to the one
//! that is not. What is charged is tested with the service.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::time::Duration;

use common::{Fixture, key, of, partner};
use core_access::{Actor, AdminRole, ApiScope, Caller, Operation, Principal};
use core_kernel::TenantId;
use graphql::Authority;
use io_postgres::TenantTx;
use serde_json::{Value, json};
use svc_admins::InviteAdmin;
use svc_delivery::{CarrierOptions, Carriers, DeliveryOptions, DeliveryWorker};
use testkit::{Environment, on_a_servers_stack, partner_caller};
use tokio_util::sync::CancellationToken;

const ACCOUNT: &str = "plan { code name monthly { amount currency } includedUnits } offeredPlans { code }
    periodStart periodEnd amount { amount currency } projected { amount } spendingCap { amount currency } paymentStatus
    invoices { number }";

fn everything(tenant: TenantId) -> Authority {
    key(
        tenant,
        &[ApiScope::Login, ApiScope::Users, ApiScope::Support, ApiScope::Read, ApiScope::Tenants, ApiScope::Policy],
    )
}

/// One mutation with its input; what it answers.
async fn call(test: &Fixture, by: Authority, mutation: &str, input: Value) -> Value {
    let name = mutation.split(' ').next().unwrap();
    let kind = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
    let fields = &mutation[name.len()..];
    let query = format!(
        "mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ {fields} userErrors {{ code field message }} }} }}"
    );
    test.data(by, &query, json!({"input": input})).await[name].take()
}

async fn billing(test: &Fixture, by: Authority) -> Value {
    let query = format!("{{ tenant {{ billing {{ {ACCOUNT} }} }} }}");
    test.data(by, &query, json!({})).await["tenant"]["billing"].take()
}

async fn usage(test: &Fixture, by: Authority, bucket: &str) -> Value {
    let query = format!(
        "query ($from: DateTime!, $to: DateTime!) {{ tenant {{ usage(from: $from, to: $to, bucket: {bucket}) {{
            at channel country units amount {{ amount currency }} }} }} }}"
    );
    let now = test.bed.platform.now();
    let span = json!({"from": now - chrono::TimeDelta::hours(1), "to": now + chrono::TimeDelta::hours(1)});
    test.data(by, &query, span).await["tenant"]["usage"].take()
}

async fn admin(test: &Fixture, tenant: TenantId, role: AdminRole) -> Actor {
    let permit = Caller::system(tenant).permit(Operation::InviteAdmin).unwrap();
    let input = InviteAdmin { email: format!("{}@firm.example", role.as_str().to_lowercase()), role };
    test.services.admins.invite_admin(&permit, &input).await.unwrap().actor()
}

fn session(tenant: TenantId, actor: &Actor) -> Authority {
    of(Caller { tenant, principal: Principal::Admin(actor.clone()), actor: None, ip: None })
}

async fn number(test: &Fixture, tenant: TenantId, sql: &'static str) -> i64 {
    let mut tx = TenantTx::begin(&test.bed.platform.database, tenant).await.unwrap();
    sqlx::query_scalar(sql).bind(tenant.0).fetch_one(tx.connection()).await.unwrap()
}

async fn run(test: &Fixture, tenant: TenantId, sql: &'static str) {
    let mut tx = TenantTx::begin(&test.bed.platform.database, tenant).await.unwrap();
    sqlx::query(sql).bind(tenant.0).execute(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();
}

/// Lets a worker send all that is waiting.
async fn sent(test: &Fixture, tenant: TenantId) {
    let platform = test.bed.platform.clone();
    let carriers = Carriers::new(&platform, &CarrierOptions::default()).unwrap();
    let worker = DeliveryWorker::new(platform, carriers, DeliveryOptions::default());
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let task = tokio::spawn(async move { worker.run(stopped).await });
    let waiting = "select count(*) from message where tenant_id = $1 and status in ('QUEUED', 'SENDING')";
    for _ in 0..200 {
        if number(test, tenant, waiting).await == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.cancel();
    task.await.unwrap();
    assert_eq!(number(test, tenant, waiting).await, 0);
}

async fn user(test: &Fixture, tenant: TenantId, name: &str) {
    let input = json!({"externalId": name, "kind": "EXTERNAL", "email": format!("{name}@client.example")});
    let made = call(test, everything(tenant), "upsertUser user { id }", input).await;
    assert_eq!(made["userErrors"], json!([]));
}

async fn enroll(test: &Fixture, tenant: TenantId, name: &str, number: &str) -> Value {
    let input = json!({"user": {"externalId": name}, "number": number});
    call(test, everything(tenant), "enrollPhone factor { id } challenge { id }", input).await
}

#[test]
fn a_firm_that_reaches_its_cap_sends_nothing_and_shuts_nobody_out_who_has_another_way() {
    on_a_servers_stack(reaching_the_cap);
}

async fn reaching_the_cap() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Live).await;
    admin(&test, tenant, AdminRole::Owner).await;
    admin(&test, tenant, AdminRole::Support).await;
    for name in ["ann", "bea", "cleo"] {
        user(&test, tenant, name).await;
    }
    enroll(&test, tenant, "ann", "+14155550132").await;
    let beas = enroll(&test, tenant, "bea", "+14155550133").await["factor"]["id"].take();
    assert!(beas.is_string());
    sent(&test, tenant).await;
    let account = billing(&test, everything(tenant)).await;
    assert_eq!(
        account["amount"],
        json!({"amount": "0.0158", "currency": "USD"}),
        "by the sandbox's provider, and billed"
    );
    for bucket in ["HOUR", "DAY", "MONTH"] {
        let points = usage(&test, everything(tenant), bucket).await;
        let point = &points[0];
        assert_eq!((&point["channel"], &point["country"], &point["units"]), (&json!("SMS"), &json!("US"), &json!(2)));
        assert_eq!((&point["amount"]["amount"], points.as_array().unwrap().len()), (&json!("0.0158"), 1));
    }

    // Ann has an authenticator app as well.
    run(
        &test,
        tenant,
        "update factor set status = 'ACTIVE' where tenant_id = $1 and country = 'US'
           and user_id = (select user_id from tenant_user where tenant_id = $1 and external_id = 'ann')",
    )
    .await;
    run(&test, tenant, "insert into factor (tenant_id, factor_id, user_id, kind, status, secret_sealed, created_at)
         select $1, uuid_v7(), user_id, 'TOTP', 'ACTIVE', '\\x00', now() from tenant_user where tenant_id = $1 and external_id = 'ann'").await;
    let capped =
        call(&test, everything(tenant), &format!("setSpendingCap billing {{ {ACCOUNT} }}"), json!({"cap": "0.02"}))
            .await;
    assert_eq!(capped["billing"]["spendingCap"], json!({"amount": "0.02", "currency": "USD"}));

    let evaluate = "evaluateLogin login { id outcome methods { id channel } }";
    let input = json!({"user": {"externalId": "ann"}, "firstFactor": "PASSWORD", "ipAddress": "203.0.113.7"});
    let login = call(&test, everything(tenant), evaluate, input).await["login"].take();
    let methods = login["methods"].as_array().unwrap();
    let method = |channel: &str| methods.iter().find(|method| method["channel"] == channel).unwrap()["id"].clone();
    let start = |channel: &str| {
        let input = json!({"loginId": login["id"], "methodId": method(channel)});
        call(&test, everything(tenant), "startChallenge challenge { id }", input)
    };
    for channel in ["SMS", "VOICE"] {
        let refused = start(channel).await;
        assert_eq!(
            (&refused["challenge"], &refused["userErrors"][0]["code"]),
            (&Value::Null, &json!("SPENDING_CAP_REACHED"))
        );
        assert!(refused["userErrors"][0]["message"].as_str().unwrap().contains("authenticator app"), "{refused}");
    }
    assert!(start("TOTP").await["challenge"]["id"].is_string(), "what costs nothing goes on");

    let refused = enroll(&test, tenant, "cleo", "+14155550134").await;
    assert_eq!((&refused["factor"], &refused["userErrors"][0]["code"]), (&Value::Null, &json!("SPENDING_CAP_REACHED")));
    let pending = "select count(*) from factor where tenant_id = $1 and status = 'PENDING'";
    assert_eq!(number(&test, tenant, pending).await, 1, "bea's alone: nothing is left of cleo's");
    let again = call(
        &test,
        everything(tenant),
        "sendFactorCode challenge { id }",
        json!({"factorId": beas, "channel": "VOICE"}),
    )
    .await;
    assert_eq!(again["userErrors"][0]["code"], "SPENDING_CAP_REACHED", "{again}");
    // A mail is cheaper, and there is room for some: lower it.
    call(&test, everything(tenant), "setSpendingCap billing { amount { amount } }", json!({"cap": "0.0158"})).await;
    let link = json!({"user": {"externalId": "cleo"}, "returnUrl": "https://client.example/after"});
    let refused = call(&test, everything(tenant), "sendOneTimeLink message { id }", link.clone()).await;
    assert_eq!(
        (&refused["message"], &refused["userErrors"][0]["code"]),
        (&Value::Null, &json!("SPENDING_CAP_REACHED"))
    );
    assert_eq!(number(&test, tenant, "select count(*) from one_time_link where tenant_id = $1").await, 0);

    let canceled =
        "{ tenant { messages(first: 50, filter: {status: [CANCELED]}) { edges { node { purpose channel failure
        timeline { status } } } } } }";
    let canceled = test.data(everything(tenant), canceled, json!({})).await;
    let edges = canceled["tenant"]["messages"]["edges"].as_array().unwrap();
    assert_eq!(edges.len(), 5, "all of them on record: {edges:?}");
    assert_eq!(edges[0]["node"]["purpose"], "ONE_TIME_LINK");
    assert!(edges[0]["node"]["failure"].as_str().unwrap().contains("cap"));

    // The owner is told, and it costs nothing.
    sent(&test, tenant).await;
    let told = "{ tenant { messages(first: 50) { edges { node { purpose status destination } } } } }";
    let told = test.data(everything(tenant), told, json!({})).await;
    let edges = told["tenant"]["messages"]["edges"].as_array().unwrap();
    let notices: Vec<_> =
        edges.iter().map(|edge| &edge["node"]).filter(|node| node["purpose"] == "BILLING_NOTICE").collect();
    assert_eq!(notices.len(), 1, "{edges:?}");
    assert_eq!(
        (&notices[0]["status"], notices[0]["destination"].as_str().unwrap().contains("@")),
        (&json!("DELIVERED"), true)
    );
    assert_ne!(notices[0]["destination"], "owner@firm.example", "masked");
    assert_eq!(billing(&test, everything(tenant)).await["amount"]["amount"], "0.0158");

    // Without a cap the same link goes.
    let free =
        call(&test, everything(tenant), "setSpendingCap billing { spendingCap { amount } }", json!({"cap": null}))
            .await;
    assert_eq!(free["billing"]["spendingCap"], Value::Null);
    let mailed = call(&test, everything(tenant), "sendOneTimeLink message { id }", link).await;
    assert!(mailed["message"]["id"].is_string(), "{mailed}");
    sent(&test, tenant).await;
    assert_eq!(billing(&test, everything(tenant)).await["amount"]["amount"], "0.0162");

    // Who is erased leaves what was charged, and nothing in it that is theirs.
    let before = number(&test, tenant, "select sum(amount)::bigint from usage_ledger where tenant_id = $1").await;
    for name in ["ann", "bea", "cleo"] {
        let gone = call(&test, everything(tenant), "deleteUser deletedId", json!({"user": {"externalId": name}})).await;
        assert_eq!(gone["userErrors"], json!([]));
    }
    assert_eq!(
        number(&test, tenant, "select sum(amount)::bigint from usage_ledger where tenant_id = $1").await,
        before
    );
    assert_eq!(usage(&test, everything(tenant), "DAY").await[1]["units"], 2);
}

#[test]
fn who_answers_for_the_bill_sees_and_changes_it() {
    on_a_servers_stack(|| async {
        let test = Fixture::new().await;
        let (tenant, other) = (test.bed.tenant(Environment::Live).await, test.bed.tenant(Environment::Live).await);
        let change = "changePlan billing { plan { code monthly { amount } } spendingCap { amount } }";
        for role in [AdminRole::Owner, AdminRole::Billing] {
            let actor = admin(&test, tenant, role).await;
            let account = billing(&test, session(tenant, &actor)).await;
            assert_eq!((&account["paymentStatus"], &account["invoices"]), (&json!("NONE"), &json!([])));
            let changed = call(&test, session(tenant, &actor), change, json!({"planCode": "team"})).await;
            assert_eq!(
                changed["billing"],
                json!({"plan": {"code": "team", "monthly": {"amount": "49.00"}}, "spendingCap": null})
            );
        }
        for role in [AdminRole::Admin, AdminRole::Support, AdminRole::Advisor, AdminRole::Auditor] {
            let by = session(tenant, &admin(&test, tenant, role).await);
            let query = "mutation { changePlan(input: {planCode: \"team\"}) { userErrors { code } } }";
            assert_eq!(test.error(by.clone(), query, json!({})).await, "FORBIDDEN", "{role:?}");
            if role != AdminRole::Auditor {
                assert_eq!(test.error(by, "{ tenant { billing { periodStart } } }", json!({})).await, "FORBIDDEN");
            }
        }
        let unknown =
            call(&test, everything(tenant), "changePlan billing { periodStart }", json!({"planCode": "gold"})).await;
        assert_eq!((&unknown["billing"], &unknown["userErrors"][0]["field"]), (&Value::Null, &json!(["planCode"])));
        let bad =
            call(&test, everything(tenant), "setSpendingCap billing { periodStart }", json!({"cap": "much"})).await;
        assert_eq!(
            (&bad["userErrors"][0]["code"], &bad["userErrors"][0]["field"]),
            (&json!("INVALID"), &json!(["cap"]))
        );
        assert_eq!(billing(&test, everything(other)).await["plan"]["code"], "pay_as_you_go");

        let nobody = partner(&partner_caller(core_kernel::PartnerId(tenant.0), &[ApiScope::Tenants]));
        assert_eq!(
            test.error(
                nobody,
                "mutation { changePlan(input: {planCode: \"team\"}) { userErrors { code } } }",
                json!({})
            )
            .await,
            "FORBIDDEN"
        );
        let read_only = key(tenant, &[ApiScope::Read]);
        assert_eq!(
            test.error(read_only, "mutation { setSpendingCap(input: {}) { userErrors { code } } }", json!({})).await,
            "FORBIDDEN"
        );
    });
}

#[test]
fn a_span_that_cannot_be_answered_says_why() {
    on_a_servers_stack(|| async {
        let test = Fixture::new().await;
        let tenant = test.bed.tenant(Environment::Live).await;
        for (from, to, bucket, why) in [
            ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "DAY", "later"),
            ("2026-01-01T00:00:00Z", "2026-01-09T00:00:00Z", "HOUR", "7 days"),
            ("2026-01-01T00:00:00Z", "2027-03-01T00:00:00Z", "DAY", "400 days"),
            ("2006-01-01T00:00:00Z", "2026-03-01T00:00:00Z", "MONTH", "ten years"),
            ("yesterday", "2026-03-01T00:00:00Z", "MONTH", "RFC 3339"),
        ] {
            let query =
                format!("{{ tenant {{ usage(from: \"{from}\", to: \"{to}\", bucket: {bucket}) {{ units }} }} }}");
            let response = test.ask(everything(tenant), &query, json!({})).await;
            let error = &response["errors"][0];
            assert_eq!(error["extensions"]["code"], "BAD_REQUEST", "{response}");
            assert!(error["message"].as_str().unwrap().contains(why), "{error}");
        }
    });
}

#[test]
fn the_upcoming_invoice_is_shown_by_lines_and_the_portal_is_for_who_answers_for_the_bill() {
    on_a_servers_stack(upcoming_and_portal);
}

async fn upcoming_and_portal() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Live).await;
    call(&test, everything(tenant), "changePlan billing { plan { code } }", json!({"planCode": "team"})).await;
    run(
        &test,
        tenant,
        "insert into usage_rollup (tenant_id, day, channel, country_group, country, part, units, amount, currency)
         values ($1, (now() at time zone 'UTC')::date, 'SMS', 'US_CA', 'US', 0, 4003, 4003 * 790000::bigint, 'USD')",
    )
    .await;
    let query = "{ tenant { billing { upcomingInvoice { total { amount currency }
        lines { channel countryGroup used included carried billed price { amount } amount { amount } } } } } }";
    let shown = test.data(everything(tenant), query, json!({})).await["tenant"]["billing"]["upcomingInvoice"].take();
    assert_eq!(
        shown,
        json!({
            "total": {"amount": "49.02", "currency": "USD"},
            "lines": [
                {"channel": null, "countryGroup": null, "used": 1, "included": 0, "carried": 0, "billed": 1,
                 "price": {"amount": "49.00"}, "amount": {"amount": "49.00"}},
                {"channel": "SMS", "countryGroup": "US_CA", "used": 4003, "included": 4000, "carried": 0, "billed": 3,
                 "price": {"amount": "0.0075"}, "amount": {"amount": "0.02"}},
            ],
        })
    );

    let portal = "mutation { createBillingPortalSession(input: {returnUrl: \"http://localhost:8080/billing\"}) {
        url userErrors { code field } } }";
    assert_eq!(test.error(everything(tenant), portal, json!({})).await, "FORBIDDEN", "no key opens it");
    let (support, owner) =
        (admin(&test, tenant, AdminRole::Support).await, admin(&test, tenant, AdminRole::Owner).await);
    assert_eq!(test.error(session(tenant, &support), portal, json!({})).await, "FORBIDDEN");
    let open = async |query: &str| {
        test.data(session(tenant, &owner), query, json!({})).await["createBillingPortalSession"].take()
    };
    let none = open(portal).await;
    assert_eq!(
        none,
        json!({"url": null, "userErrors": [{"code": "NOT_FOUND", "field": null}]}),
        "nothing is collected"
    );
    let foreign = open(&portal.replace("http://localhost:8080/", "https://evil.example/")).await;
    assert_eq!(foreign["userErrors"], json!([{"code": "INVALID", "field": ["returnUrl"]}]));
}
