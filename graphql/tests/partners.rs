//! Templates and the rollout through the schema: what a partner and its tenants send and see. The
//! rules themselves are tested with their services.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{Fixture, key, of, partner};
use core_access::{ApiScope, PartnerCaller};
use core_kernel::{TenantId, TypedId};
use serde_json::{Value, json};
use testkit::{Environment, on_a_servers_stack, partner_caller};

const PUBLISH: &str = "mutation ($input: PublishTemplatePolicyInput!) { publishTemplatePolicy(input: $input) {
    template { policy { id version status codes { digits } } lockedFields
               drift { totalCount edges { cursor node { id slug } fields } pageInfo { hasNextPage } } }
    tenantsChanged tenantsFailed results { tenant { id } outcome fields message } userErrors { code field } } }";
const OWN: &str = "mutation ($input: PublishPolicyInput!) { publishPolicy(input: $input) {
    policy { version } userErrors { code field message } } }";
const CREATE: &str = "mutation ($input: CreateTenantInput!) { createTenant(input: $input) {
    tenant { id policy { version publishedBy codes { digits } external { minimumLevel } } }
    userErrors { code field } } }";

struct Firm {
    test: Fixture,
    partner: PartnerCaller,
    tenants: Vec<TenantId>,
}

async fn firm(slugs: &[&str]) -> Firm {
    let test = Fixture::new().await;
    let id = test.services.directory.create_partner("Firm").await.unwrap();
    let partner = partner_caller(id, &[ApiScope::Tenants, ApiScope::Read, ApiScope::Policy, ApiScope::Users]);
    let mut firm = Firm { test, partner, tenants: Vec::new() };
    for slug in slugs {
        let tenant = firm.create(slug, Value::Null).await["tenant"]["id"].as_str().unwrap().to_owned();
        firm.tenants.push(TenantId::from_text(&tenant).unwrap());
    }
    firm
}

impl Firm {
    async fn ask(&self, query: &str, variables: Value) -> Value {
        self.test.data(partner(&self.partner), query, variables).await
    }

    async fn create(&self, slug: &str, policy: Value) -> Value {
        let mut input =
            json!({"slug": slug, "name": slug, "ownerEmail": "owner@firm.example", "environment": "SANDBOX"});
        if !policy.is_null() {
            input["policy"] = policy;
        }
        self.ask(CREATE, json!({"input": input})).await["createTenant"].take()
    }

    async fn publish(&self, input: Value) -> Value {
        self.ask(PUBLISH, json!({"input": input})).await["publishTemplatePolicy"].take()
    }

    async fn publish_own(&self, tenant: TenantId, version: i32, digits: i32) -> Value {
        let input = json!({"policy": policy(digits), "expectedVersion": version});
        let key = key(tenant, &[ApiScope::Policy]);
        self.test.data(key, OWN, json!({"input": input})).await["publishPolicy"].take()
    }
}

fn policy(digits: i32) -> Value {
    let audience = json!({"allowedChannels": ["SMS", "TOTP"]});
    json!({"internal": audience, "external": audience, "codes": {"digits": digits}})
}

fn locking(digits: i32, apply: bool) -> Value {
    json!({"policy": policy(digits), "lockedFields": ["codes.digits"], "applyToTenants": apply})
}

#[test]
fn a_template_is_published_shown_with_its_drift_applied_in_waves_and_holds() {
    on_a_servers_stack(|| async {
        let firm = firm(&["a-one", "b-two", "c-three"]).await;
        let query = "{ partner { templatePolicy { lockedFields } } }";
        assert_eq!(firm.ask(query, json!({})).await["partner"]["templatePolicy"], Value::Null);

        let payload = firm.publish(locking(8, false)).await;
        assert_eq!((&payload["tenantsChanged"], &payload["results"]), (&json!(0), &json!([])));
        let template = &payload["template"];
        assert_eq!(template["lockedFields"], json!(["codes.digits"]));
        assert_eq!(template["drift"]["totalCount"], 3);
        assert_eq!(template["drift"]["edges"][0]["node"]["slug"], "a-one");
        assert_eq!(template["drift"]["edges"][2]["fields"], json!(["codes.digits"]));
        let node = json!({"id": template["policy"]["id"]});
        let query = "query ($id: ID!) { node(id: $id) { id ... on Policy { codes { digits } } } }";
        assert_eq!(firm.ask(query, node.clone()).await["node"]["codes"]["digits"], 8);
        let tenants_key = key(firm.tenants[0], &[ApiScope::Policy, ApiScope::Read]);
        assert_eq!(firm.test.data(tenants_key, query, node).await["node"], Value::Null, "the partner's alone");

        let mut wave = locking(8, true);
        wave["tenantIds"] = json!([firm.tenants[1].to_text()]);
        let payload = firm.publish(wave).await;
        assert_eq!((&payload["tenantsChanged"], &payload["template"]["policy"]["version"]), (&json!(1), &json!(1)));
        let result = json!({"tenant": {"id": firm.tenants[1].to_text()}, "outcome": "CHANGED",
                            "fields": ["codes.digits"], "message": null});
        assert_eq!(payload["results"], json!([result]));

        let realign = "mutation { realignTenants(input: {}) { tenantsChanged tenantsFailed
                         template { drift { totalCount edges { fields } } } results { outcome } userErrors { code } } }";
        let payload = firm.ask(realign, json!({})).await["realignTenants"].take();
        assert_eq!((&payload["tenantsChanged"], &payload["tenantsFailed"]), (&json!(2), &json!(0)));
        assert_eq!(payload["template"]["drift"], json!({"totalCount": 0, "edges": []}));
        assert_eq!(payload["results"][1]["outcome"], "UNCHANGED");

        let answer = firm.publish_own(firm.tenants[0], 2, 7).await;
        assert_eq!(answer["policy"], Value::Null);
        assert_eq!(answer["userErrors"][0]["code"], "LOCKED_BY_PARTNER");
        assert_eq!(answer["userErrors"][0]["field"], json!(["policy", "codes", "digits"]));
        assert_eq!(firm.publish_own(firm.tenants[0], 2, 8).await["policy"]["version"], 3);

        let log =
            "{ tenant { auditLog(filter: {action: [\"policy.published\"]}) { edges { node { actor detail } } } } }";
        let data = firm.test.data(key(firm.tenants[2], &[ApiScope::Read]), log, json!({})).await;
        let entry = &data["tenant"]["auditLog"]["edges"][0]["node"];
        assert_eq!((&entry["actor"], &entry["detail"]["template_version"]), (&json!("key:partner"), &json!(1)));
    });
}

#[test]
fn a_new_tenant_starts_from_the_template_and_is_held_by_it_from_the_first_day() {
    on_a_servers_stack(|| async {
        let firm = firm(&[]).await;
        let mut template = locking(8, false);
        template["policy"]["external"]["minimumLevel"] = json!("HIGH");
        template["policy"]["external"]["defaultLevel"] = json!("HIGH");
        assert_eq!(firm.publish(template).await["userErrors"], json!([]));
        let created = firm.create("from-template", Value::Null).await;
        let policy_of = &created["tenant"]["policy"];
        assert_eq!((&policy_of["version"], &policy_of["codes"]["digits"]), (&json!(1), &json!(8)));
        assert_eq!(policy_of["external"]["minimumLevel"], "HIGH", "what is free is where it starts from");

        let refused = firm.create("another-way", policy(6)).await;
        assert_eq!(refused["tenant"], Value::Null);
        let locked = json!([{"code": "LOCKED_BY_PARTNER", "field": ["policy", "codes", "digits"]}]);
        assert_eq!(refused["userErrors"], locked);
        assert_eq!(firm.create("another-way", policy(8)).await["userErrors"], json!([]), "free fields are its own");
        let query = "{ partner { templatePolicy { drift { totalCount } } } }";
        assert_eq!(firm.ask(query, json!({})).await["partner"]["templatePolicy"]["drift"]["totalCount"], 0);

        let mut email = json!({"policy": policy(8), "lockedFields": []});
        email["policy"]["external"]["allowedChannels"] = json!(["EMAIL"]);
        let asked = firm.publish(email.clone()).await;
        assert_eq!(asked["userErrors"][0]["code"], "ACKNOWLEDGEMENT_REQUIRED");
        email["acknowledgeWeakerChannels"] = json!(["EMAIL"]);
        assert_eq!(firm.publish(email).await["userErrors"], json!([]));
        assert_eq!(firm.create("with-mail", Value::Null).await["userErrors"], json!([]));
    });
}

#[test]
fn others_partners_tenants_and_credentials_are_kept_out() {
    on_a_servers_stack(|| async {
        let firm = firm(&["mine-one"]).await;
        let rival = firm.test.services.directory.create_partner("Rival").await.unwrap();
        let rivals = partner_caller(rival, &[ApiScope::Tenants, ApiScope::Read]);
        let mut wave = locking(99, true);
        wave["tenantIds"] = json!([firm.tenants[0].to_text()]);
        let data = firm.test.data(partner(&rivals), PUBLISH, json!({"input": wave})).await;
        let not_found = json!([{"code": "NOT_FOUND", "field": ["tenantIds", "0"]}]);
        assert_eq!(data["publishTemplatePolicy"]["userErrors"], not_found, "alone, before what else is wrong");

        let input = json!({"input": locking(8, true)});
        let own = key(firm.tenants[0], &[ApiScope::Policy, ApiScope::Read, ApiScope::Users]);
        assert_eq!(firm.test.error(own, PUBLISH, input.clone()).await, "FORBIDDEN");
        let weak = partner_caller(firm.partner.partner, &[ApiScope::Read, ApiScope::Policy]);
        assert_eq!(firm.test.error(partner(&weak), PUBLISH, input).await, "FORBIDDEN");

        let query = "{ partner { templatePolicy { lockedFields } enrollmentProgress { total } } }";
        firm.publish(locking(8, true)).await;
        let data = firm.test.data(partner(&rivals), query, json!({})).await;
        assert_eq!(data["partner"], json!({"templatePolicy": null, "enrollmentProgress": {"total": 0}}));
    });
}

#[test]
fn progress_forecast_and_reminders() {
    on_a_servers_stack(|| async {
        let firm = firm(&["one-firm", "two-firm"]).await;
        let upsert = "mutation ($input: UpsertUserInput!) { upsertUser(input: $input) { userErrors { code field } } }";
        for (tenant, count) in firm.tenants.iter().zip([3, 2]) {
            for number in 0..count {
                let input = json!({"externalId": format!("u{number}"), "kind": "EXTERNAL",
                                   "displayName": format!("Person {number}"), "email": format!("u{number}@client.example")});
                let data = firm.test.data(key(*tenant, &[ApiScope::Users]), upsert, json!({"input": input})).await;
                assert_eq!(data["upsertUser"]["userErrors"], json!([]));
            }
        }
        let query = "{ partner { enrollmentProgress(kind: EXTERNAL) { total enrolled notEnrolled }
                                 internal: enrollmentProgress(kind: INTERNAL) { total } } }";
        let data = firm.ask(query, json!({})).await;
        assert_eq!(data["partner"]["enrollmentProgress"], json!({"total": 5, "enrolled": 0, "notEnrolled": 5}));
        assert_eq!(data["partner"]["internal"]["total"], 0);

        let query = "{ tenant { enrollmentForecast(kind: EXTERNAL) { kind notEnrolled noUsableFactor policyVersion
                         users(first: 2) { totalCount pageInfo { hasNextPage } edges { reason node { externalId } } } } } }";
        let as_partner = of(firm.partner.in_tenant(firm.tenants[0], None));
        let data = firm.test.data(as_partner, query, json!({})).await;
        let forecast = &data["tenant"]["enrollmentForecast"];
        assert_eq!((&forecast["notEnrolled"], &forecast["users"]["totalCount"]), (&json!(3), &json!(3)));
        let first = json!({"reason": "NOT_ENROLLED", "node": {"externalId": "u0"}});
        assert_eq!(forecast["users"]["edges"][0], first);
        assert_eq!(forecast["users"]["pageInfo"]["hasNextPage"], true);

        let remind = "mutation ($input: SendEnrollmentRemindersInput!) { sendEnrollmentReminders(input: $input) {
            recipients preview { subject text html } run { id queued notSent ending endedAt createdBy }
            userErrors { code field } } }";
        let users = || key(firm.tenants[0], &[ApiScope::Users]);
        let rehearsed = firm.test.data(users(), remind, json!({"input": {"dryRun": true, "language": "es"}})).await;
        let rehearsed = &rehearsed["sendEnrollmentReminders"];
        assert_eq!((&rehearsed["recipients"], &rehearsed["run"]), (&json!(0), &Value::Null), "nobody reads Spanish");
        assert!(rehearsed["preview"]["text"].as_str().unwrap().contains("obligatorio"));

        let own = json!({"input": {"subject": "{{tenant_name}}", "body": "Dear {{display_name}}, {{nonsense}}"}});
        let refused = firm.test.data(users(), remind, own).await["sendEnrollmentReminders"].take();
        assert_eq!(refused["userErrors"], json!([{"code": "INVALID", "field": ["body"]}]));
        assert_eq!(refused["preview"], Value::Null);

        let sent = firm.test.data(users(), remind, json!({"input": {}})).await["sendEnrollmentReminders"].take();
        assert_eq!((&sent["recipients"], &sent["userErrors"]), (&json!(3), &json!([])));
        assert_eq!((&sent["run"]["queued"], &sent["run"]["ending"]), (&json!(3), &json!("COMPLETED")));
        let runs = "query ($id: ID!) { node(id: $id) { ... on EnrollmentReminderRun { queued } }
                     tenant { enrollmentReminders { edges { node { id } } }
                              messages { edges { node { purpose channel status } } } } }";
        let id = json!({"id": sent["run"]["id"]});
        let reader = key(firm.tenants[0], &[ApiScope::Read]);
        let data = firm.test.data(reader, runs, id.clone()).await;
        assert_eq!(data["node"]["queued"], 3);
        assert_eq!(data["tenant"]["enrollmentReminders"]["edges"].as_array().map(Vec::len), Some(1));
        let mail = json!({"node": {"purpose": "ENROLLMENT_REMINDER", "channel": "EMAIL", "status": "QUEUED"}});
        let mails = data["tenant"]["messages"]["edges"].as_array().unwrap();
        assert_eq!(mails.iter().filter(|edge| **edge == mail).count(), 3);
        let foreign = firm.test.data(key(firm.tenants[1], &[ApiScope::Read]), runs, id).await;
        assert_eq!(foreign["node"], Value::Null);
        assert_eq!(
            firm.test.error(key(firm.tenants[0], &[ApiScope::Read]), remind, json!({"input": {}})).await,
            "FORBIDDEN"
        );
    });
}

#[test]
fn the_spending_cap_is_told_with_how_far_it_came() {
    on_a_servers_stack(|| async {
        let firm = firm(&[]).await;
        let tenant = firm.test.bed.tenant(Environment::Live).await;
        let users = || key(tenant, &[ApiScope::Users]);
        let upsert = "mutation ($input: UpsertUserInput!) { upsertUser(input: $input) { userErrors { code } } }";
        for number in 0..3 {
            let input = json!({"externalId": format!("u{number}"), "kind": "EXTERNAL", "email": format!("u{number}@client.example")});
            firm.test.data(users(), upsert, json!({"input": input})).await;
        }
        let cap = "mutation { setSpendingCap(input: {cap: \"0\"}) { userErrors { code } } }";
        firm.test.data(key(tenant, &[ApiScope::Tenants]), cap, json!({})).await;
        let remind = "mutation { sendEnrollmentReminders(input: {}) { recipients run { queued notSent ending }
                        userErrors { code message } } }";
        let told = firm.test.data(users(), remind, json!({})).await["sendEnrollmentReminders"].take();
        assert_eq!(told["userErrors"][0]["code"], "SPENDING_CAP_REACHED");
        assert_eq!(told["run"], json!({"queued": 0, "notSent": 3, "ending": "SPENDING_CAP"}));
        assert_eq!(told["recipients"], 0);
    });
}
