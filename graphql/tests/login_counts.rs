//! The numbers behind the console's charts: by day of the tenant, decision and completion.

mod common;

use common::{Fixture, advisor_of_nobody, key};
use core_access::ApiScope;
use core_kernel::TenantId;
use core_policy::UserKind;
use io_postgres::TenantTx;
use serde_json::{Value, json};
use testkit::{Environment, on_a_servers_stack};

const COUNTS: &str = "query ($from: DateTime!, $to: DateTime!) { tenant { loginCounts(from: $from, to: $to) {
    day outcome completedWith logins completed } } }";
const EVALUATE: &str = "mutation ($user: String!) { evaluateLogin(input: {user: {externalId: $user},
    firstFactor: PASSWORD, ipAddress: \"203.0.113.7\"}) { login { id outcome } userErrors { code } } }";
const SKIP: &str = "mutation ($login: ID!) { skipEnrollment(input: {loginId: $login}) { userErrors { code } } }";
const OPTIONAL: &str = "mutation { publishPolicy(input: {expectedVersion: 1, policy: {
    internal: {allowedChannels: [SMS]}, external: {allowedChannels: [SMS], mandatoryFrom: null}}}) { userErrors { code } } }";
const MOVE: &str =
    "mutation ($seconds: Int!) { advanceSandboxClock(input: {seconds: $seconds}) { clock userErrors { code } } }";

async fn begin(test: &Fixture, tenant: TenantId, user: &str) -> String {
    let data = test.data(key(tenant, &[ApiScope::Login]), EVALUATE, json!({"user": user})).await;
    data["evaluateLogin"]["login"]["id"].as_str().expect("a login").to_owned()
}

async fn clock(test: &Fixture, tenant: TenantId, seconds: i64) -> String {
    let data = test.data(key(tenant, &[ApiScope::Policy]), MOVE, json!({"seconds": seconds})).await;
    data["advanceSandboxClock"]["clock"].as_str().expect("a clock").to_owned()
}

async fn counts(test: &Fixture, authority: graphql::Authority, from: &str, to: &str) -> Value {
    test.data(authority, COUNTS, json!({"from": from, "to": to})).await["tenant"]["loginCounts"].take()
}

#[test]
fn days_decisions_and_completions() {
    on_a_servers_stack(counting);
}

async fn counting() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    let bystander = test.bed.tenant(Environment::Sandbox).await;
    for tenant in [tenant, bystander] {
        test.bed.user(tenant, "ann", UserKind::External).await;
        test.data(key(tenant, &[ApiScope::Policy]), OPTIONAL, json!({})).await;
    }
    begin(&test, bystander, "ann").await;
    let start = clock(&test, tenant, 1).await;
    let login = begin(&test, tenant, "ann").await;
    test.data(key(tenant, &[ApiScope::Login]), SKIP, json!({"login": login})).await;
    begin(&test, tenant, "ann").await;
    // The partition of a sandbox's login is that of the wall clock, not of its own.
    let tomorrow = clock(&test, tenant, 40 * 86_400).await;
    begin(&test, tenant, "ann").await;
    let end = clock(&test, tenant, 1).await;

    let reader = || key(tenant, &[ApiScope::Read]);
    let all = counts(&test, reader(), &start, &end).await;
    let (first, second) = (&start[..10], &tomorrow[..10]);
    assert_eq!(
        all,
        json!([
            {"day": first, "outcome": "ENROLL", "completedWith": "SKIPPED", "logins": 1, "completed": 1},
            {"day": first, "outcome": "ENROLL", "completedWith": null, "logins": 1, "completed": 0},
            {"day": second, "outcome": "ENROLL", "completedWith": null, "logins": 1, "completed": 0},
        ])
    );
    assert_eq!(counts(&test, reader(), &start, &end).await, all, "what was counted before is not counted again");
    assert_eq!(counts(&test, reader(), &tomorrow, &end).await.as_array().map(Vec::len), Some(1));
    assert_eq!(
        counts(&test, advisor_of_nobody(tenant), &start, &end).await,
        json!([]),
        "an advisor counts their own users"
    );
}

#[test]
fn what_a_chart_showed_too_early_is_put_right() {
    on_a_servers_stack(settling);
}

/// A login is charted while it is open, then completed; long after, its quarter is read from what was kept.
async fn settling() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    test.bed.user(tenant, "ann", UserKind::External).await;
    test.data(key(tenant, &[ApiScope::Policy]), OPTIONAL, json!({})).await;
    let start = clock(&test, tenant, 1).await;
    let login = begin(&test, tenant, "ann").await;
    let end = clock(&test, tenant, 1).await;
    let completed = async |to: &str| {
        let found = counts(&test, key(tenant, &[ApiScope::Read]), &start, to).await;
        let each = |name: &str| {
            found.as_array().expect("a list").iter().map(|day| day[name].as_i64().expect("a count")).sum::<i64>()
        };
        (each("logins"), each("completed"))
    };
    assert_eq!(completed(&end).await, (1, 0));
    test.data(key(tenant, &[ApiScope::Login]), SKIP, json!({"login": login})).await;
    assert_eq!(completed(&end).await, (1, 1));
    // Hour after hour, so that its quarter is settled in one of several steps.
    for _ in 0..4 {
        let now = clock(&test, tenant, 30 * 60).await;
        begin(&test, tenant, "ann").await;
        completed(&now).await;
    }
    let end = clock(&test, tenant, 86_400).await;
    assert_eq!(completed(&end).await, (5, 1));
    let charts = (0..8).map(|_| completed(&end));
    for found in futures::future::join_all(charts).await {
        assert_eq!(found, (5, 1), "charts that are drawn at once count nothing twice");
    }
}

#[test]
fn what_a_worker_has_counted_no_chart_has_to() {
    on_a_servers_stack(counted_beforehand);
}

async fn counted_beforehand() {
    let test = Fixture::new().await;
    let tenants = [test.bed.tenant(Environment::Sandbox).await, test.bed.tenant(Environment::Sandbox).await];
    for tenant in tenants {
        test.bed.user(tenant, "ann", UserKind::External).await;
        test.data(key(tenant, &[ApiScope::Policy]), OPTIONAL, json!({})).await;
        begin(&test, tenant, "ann").await;
        clock(&test, tenant, 3 * 86_400).await;
    }
    test.services.logins.settle_all_counts().await.expect("a round");
    for tenant in tenants {
        let mut tx = TenantTx::begin(&test.bed.platform.database, tenant).await.expect("a transaction");
        let counted = "select (select sum(c.logins)::bigint from login_count c where c.tenant_id = $1),
            (select c.until > tenant_now($1) - interval '2 hours' from login_counted c where c.tenant_id = $1)";
        let counted: (i64, bool) =
            sqlx::query_as(counted).bind(tenant.0).fetch_one(tx.connection()).await.expect("counts");
        assert_eq!(counted, (1, true));
    }
}

#[test]
fn who_may_not_and_what_cannot_be_counted() {
    on_a_servers_stack(refusing);
}

async fn refusing() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Live).await;
    let ask = async |scope, from: &str, to: &str| {
        test.error(key(tenant, &[scope]), COUNTS, json!({"from": from, "to": to})).await
    };
    assert_eq!(ask(ApiScope::Policy, "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z").await, "FORBIDDEN");
    assert_eq!(ask(ApiScope::Read, "2026-03-01T00:00:00Z", "2026-07-02T00:00:00Z").await, "BAD_REQUEST");
    assert_eq!(ask(ApiScope::Read, "yesterday", "2026-07-02T00:00:00Z").await, "BAD_REQUEST");
    assert_eq!(ask(ApiScope::Read, "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z").await, "none");
}
