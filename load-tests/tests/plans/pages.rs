//! A page asks PostgreSQL as often for many rows as for few, whatever is shown of each: all fields of its rows, and
//! what these lead to.

use std::collections::BTreeSet;

use crate::explained::{Log, Plan};
use crate::gateway::Gateway;
use crate::schema::Schema;

const SHORT: usize = 5;
const LONG: usize = 25;
/// Rows are not all alike; a question for each would be four times as many.
const MORE: usize = 4;

/// Lists, with what their pages are of, and what leads to them and away from them.
const LISTS: [(&str, &str, &str); 10] = [
    ("logins", "Login", "{ tenant { @ } }"),
    ("users", "User", "{ tenant { @ } }"),
    ("messages", "Message", "{ tenant { @ } }"),
    ("auditLog", "AuditEntry", "{ tenant { @ } }"),
    ("imports", "ImportJob", "{ tenant { @ } }"),
    ("policyVersions", "Policy", "{ tenant { @ } }"),
    ("enrollmentReminders", "EnrollmentReminderRun", "{ tenant { @ } }"),
    ("temporaryAccessRequests", "TemporaryAccessRequest", "{ tenant { @ } }"),
    ("deliveries", "WebhookDelivery", "{ tenant { webhookEndpoints { @ } } }"),
    ("logins", "Login", "{ user(ref: { externalId: \"client-0\" }) { @ } }"),
];

/// What no list here is of; with why it may ask for each row.
const ELSEWHERE: [(&str, &str); 1] = [(
    "Tenant",
    "a partner's tenants are each asked in their own name, a few at a time, as row-level security wants it",
)];

/// The lists whose pages ask more often the longer they are.
pub async fn that_ask_for_each_row(gateway: &Gateway, log: &mut Log) -> Vec<String> {
    let schema = Schema::of_the_api();
    let mut faults = Vec::new();
    for (list, node, around) in LISTS {
        let page = |first: usize| {
            let fields = schema.selection(node);
            around.replace('@', &format!("{list}(first: {first}) {{ edges {{ node {{ {fields} }} }} }}"))
        };
        let short = statements(gateway, log, &page(SHORT)).await;
        let long = statements(gateway, log, &page(LONG)).await;
        if long.len() > short.len() + MORE {
            let (few, many) = (short.len(), long.len());
            let more = more_of(&short, &long).join("\n  ");
            faults.push(format!("{list}: {few} statements for {SHORT} rows, {many} for {LONG}:\n  {more}"));
        }
    }
    faults
}

/// What is asked once caches are filled.
async fn statements(gateway: &Gateway, log: &mut Log, query: &str) -> Vec<String> {
    gateway.ask(query).await;
    let _ = log.plans();
    gateway.ask(query).await;
    log.plans().iter().map(Plan::shown).collect()
}

/// Statements that were asked more often the second time, with how often.
fn more_of(short: &[String], long: &[String]) -> Vec<String> {
    let times = |all: &[String], one: &String| all.iter().filter(|other| *other == one).count();
    let kinds: BTreeSet<&String> = long.iter().collect();
    let more = kinds.into_iter().filter(|one| times(long, one) > times(short, one));
    more.map(|one| format!("{} instead of {}: {one}", times(long, one), times(short, one))).collect()
}

#[test]
fn each_kind_of_row_is_asked_for() {
    let asked = LISTS.map(|(_, node, _)| node);
    let schema = Schema::of_the_api();
    let nodes = schema.nodes();
    assert!(nodes.len() >= 8, "the schema was read: {nodes:?}");
    let missing: Vec<_> =
        nodes.iter().filter(|node| !asked.contains(node) && ELSEWHERE.iter().all(|(name, _)| name != *node)).collect();
    assert_eq!(missing, Vec::<&&str>::new(), "rows of which nobody counts what they ask");
}
