//! Every list, search and count of the API, by the plan that PostgreSQL makes for it: no table of tenants is
//! read from end to end or sorted, and how much is read does not depend on how much there is. What reads more than
//! it shows says of what, and a test fails where it does so no longer.
//!
//! The queries are asked of a gateway; `auto_explain` writes down the plan of every statement that it runs,
//! with the rows that each step of it saw. On a server of its own: plans of others would be in the same log.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be set up is a failed test")]

mod explained;
mod fill;
mod gateway;
mod pages;
mod schema;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use load_tests::BenchServer;
use load_tests::seed::{Size, external_id, seed};
use load_tests::simulate::history;

use explained::{Log, Plan};
use gateway::Gateway;

/// Rows of each kind of thing that the tenant has: enough for the planner to mind.
const MANY: usize = 30_000;
/// Of these a page of 25 may read so many, with all that it shows of each.
const FEW: u64 = 600;

/// A list, and what is asked.
struct Reading {
    /// The field of the schema that has pages, with its type; or a count's.
    field: &'static str,
    query: String,
    /// What it may read at most.
    rows: u64,
    /// What is read from end to end all the same.
    all_of: Option<&'static str>,
}

impl Reading {
    /// What plans do that is not said of it.
    fn faults(&self, plans: &[Plan]) -> Vec<String> {
        let said = |fault: &String| self.all_of.is_some_and(|table| fault.starts_with(&format!("all of \"{table}")));
        let mut faults: Vec<String> = plans.iter().flat_map(Plan::faults).filter(|fault| !said(fault)).collect();
        let read: u64 = plans.iter().map(Plan::rows_read).sum();
        match self.all_of {
            None if read > self.rows => faults.push(format!("{read} rows were read")),
            Some(table) if read <= self.rows => faults.push(format!("{read} rows were read, and not all of {table}")),
            _ => {}
        }
        faults.into_iter().map(|fault| format!("{}: {fault}\n  {}", self.field, self.query)).collect()
    }
}

fn reading(field: &'static str, query: impl Into<String>) -> Reading {
    Reading { field, query: query.into(), rows: FEW, all_of: None }
}

/// Fields with pages that are bounded by something else than this test; with what.
const ELSEWHERE: [(&str, &str); 7] = [
    ("EnrollmentForecast.users", "people without factors; svc-rollout's own tests look at its plan"),
    ("PolicySimulation.lockedOut", "a table that a simulation wrote, in the order in which it is read"),
    ("Partner.tenants", "a partner's tenants, read by slug from one index of the platform"),
    ("ImportJob.errors", "rows of one import, in the order of its file"),
    ("Partner.imports", "files that a person brought"),
    ("TemplatePolicy.drift", "a partner's tenants again"),
    ("Query.partnerImports", "files that a person brought"),
];

fn readings() -> Vec<Reading> {
    let tenant = |field, inner: &str| reading(field, format!("{{ tenant {{ {inner} }} }}"));
    let nodes =
        |list: &str, fields: &str| format!("{list} {{ edges {{ node {{ {fields} }} }} pageInfo {{ hasNextPage }} }}");
    // One of the first tenant's, which has every other.
    let user = external_id(4_710);
    let logins = |arguments: &str| nodes(&format!("logins(first: 25{arguments})"), "id outcome user { externalId }");
    let users = |arguments: &str| nodes(&format!("users(first: 25{arguments})"), "id externalId enrollment");
    let messages = |arguments: &str| nodes(&format!("messages(first: 25{arguments})"), "id status");
    let audit = |arguments: &str| nodes(&format!("auditLog(first: 25{arguments})"), "id action");
    // Nothing but a look at each finds what is spelt within a name, or what hardly ever happens.
    let all_of = |table, reading| Reading { all_of: Some(table), ..reading };
    vec![
        tenant("Tenant.logins", &logins("")),
        tenant("Tenant.logins", &logins(", filter: { outcome: [CHALLENGE] }")),
        tenant("Tenant.users", &users("")),
        all_of("tenant_user", tenant("Tenant.users", &users(&format!(", search: \"{user}\"")))),
        all_of("tenant_user", tenant("Tenant.users", &users(", search: \"nobody-at-all\""))),
        tenant("Tenant.messages", &messages("")),
        tenant("Tenant.messages", &messages(", filter: { status: [QUEUED, SENDING] }")),
        all_of("message", tenant("Tenant.messages", &messages(", filter: { status: [CANCELED] }"))),
        tenant("Tenant.messages", &messages(&format!(", filter: {{ user: {{ externalId: \"{user}\" }} }}"))),
        tenant("Tenant.auditLog", &audit("")),
        tenant("Tenant.auditLog", &audit(", filter: { action: [\"user.locked\", \"policy.published\"] }")),
        tenant("Tenant.auditLog", &audit(", filter: { actor: \"somebody\" }")),
        tenant("Tenant.auditLog", &audit(", filter: { actor: \"admin_7\", action: [\"policy.published\"] }")),
        tenant("Tenant.imports", &nodes("imports(first: 25)", "id status")),
        tenant("Tenant.policyVersions", &nodes("policyVersions(first: 25)", "version")),
        tenant("Tenant.enrollmentReminders", &nodes("enrollmentReminders(first: 25)", "id")),
        tenant("Tenant.temporaryAccessRequests", &nodes("temporaryAccessRequests(first: 25)", "id")),
        tenant("Tenant.temporaryAccessRequests", &nodes("temporaryAccessRequests(first: 25, open: true)", "id")),
        tenant(
            "WebhookEndpoint.deliveries",
            &format!("webhookEndpoints {{ {} }}", nodes("deliveries(first: 25)", "id")),
        ),
        reading(
            "User.logins",
            format!("{{ user(ref: {{ externalId: \"{user}\" }}) {{ {} }} }}", nodes("logins(first: 25)", "id")),
        ),
        // Quarters of an hour of thirty days, by what was decided: bounded by the calendar.
        Reading {
            rows: 12_000,
            ..tenant("Tenant.loginCounts", &format!("loginCounts({}) {{ day logins }}", thirty_days()))
        },
        // Days by channel and country: bounded by the calendar, and never the ledger itself.
        Reading { rows: 2_000, ..tenant("Tenant.usage", &format!("usage({}) {{ at }}", thirty_days())) },
    ]
}

fn thirty_days() -> String {
    use core_kernel::{Clock, SystemClock};
    let now = SystemClock.now();
    format!("from: \"{}\", to: \"{}\"", (now - chrono::TimeDelta::days(30)).to_rfc3339(), now.to_rfc3339())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_does_not_grow_with_what_there_is() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("plans-postgres");
    let server = BenchServer::start(&folder).await.unwrap();
    let database = server.create("plans").await.unwrap();
    let population = Arc::new(seed(&database, Size { tenants: 2, users: 10_000 }).await.unwrap());
    history(&database, &population, MANY).await.unwrap();
    fill::everything(&database, &population, MANY).await.unwrap();
    explained::switch_on(&database).await.unwrap();
    let gateway = Gateway::new(&database, &population.tenants[0].api_key).await;
    let mut log = Log::open(&folder.join("server.log"));
    let mut faults = Vec::new();
    for reading in readings() {
        // The first time it is asked caches are filled; what is counted is the second.
        for _ in 0..2 {
            gateway.ask(&reading.query).await;
        }
        let _ = log.plans();
        gateway.ask(&reading.query).await;
        let plans = log.plans();
        assert!(!plans.is_empty(), "{}: nothing was asked of PostgreSQL: {}", reading.field, reading.query);
        faults.extend(reading.faults(&plans));
    }
    faults.extend(pages::that_ask_for_each_row(&gateway, &mut log).await);
    server.stop().await.unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn each_list_of_the_schema_is_asked_for() {
    let schema = include_str!("../../../graphql/schema.graphql");
    let mut owner = "";
    let mut lists = BTreeSet::new();
    for line in schema.lines() {
        if let Some(rest) = line.strip_prefix("type ") {
            owner = rest.split([' ', '{']).next().unwrap();
        }
        if let Some((name, rest)) = line.trim().split_once('(')
            && rest.contains("first: Int!")
        {
            lists.insert(format!("{owner}.{name}"));
        }
    }
    assert!(lists.len() >= 15, "the schema was read: {lists:?}");
    let asked: BTreeSet<String> = readings().into_iter().map(|reading| reading.field.to_owned()).collect();
    let elsewhere = ELSEWHERE.iter().map(|(field, _)| (*field).to_owned()).collect();
    let missing: Vec<_> = lists.difference(&asked.union(&elsewhere).cloned().collect()).cloned().collect();
    assert_eq!(missing, Vec::<String>::new(), "a list whose plan nobody looks at");
}
