//! Tenants, keys, users and policies through the schema: what a client sends and sees. The rules
//! themselves are tested with their services.

mod common;

use common::{Fixture, key, of, partner};
use core_access::{ApiScope, ScopeSet};
use core_kernel::TypedId;
use serde_json::{Value, json};
use svc_directory::{Authenticated, PartnerKeyInput};
use testkit::{Environment, caller, partner_caller};

const PUBLISH: &str = "mutation ($input: PublishPolicyInput!) { publishPolicy(input: $input) {
    policy { id version status publishedBy external { mandatoryFrom allowedChannels } codes { digits } }
    userErrors { code field } } }";

fn policy(external: Value) -> Value {
    json!({"internal": {"allowedChannels": ["TOTP"]}, "external": external})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_is_published_read_and_cancelled() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    let admin = || key(tenant, &[ApiScope::Policy]);
    let given = json!({"input": {"policy": policy(json!({"allowedChannels": ["SMS", "TOTP"], "mandatoryFrom": null})),
                                 "expectedVersion": 1, "comment": "Optional for clients."}});
    let data = test.data(admin(), PUBLISH, given.clone()).await;
    let published = &data["publishPolicy"]["policy"];
    assert_eq!((&published["version"], &published["status"]), (&json!(2), &json!("ACTIVE")));
    assert_eq!(published["external"], json!({"mandatoryFrom": null, "allowedChannels": ["SMS", "TOTP"]}));
    assert_eq!(published["codes"]["digits"], 6, "what is left out is a new tenant's");

    let data = test.data(admin(), PUBLISH, given).await;
    assert_eq!(data["publishPolicy"]["policy"], Value::Null);
    assert_eq!(data["publishPolicy"]["userErrors"], json!([{"code": "CONFLICT", "field": ["expectedVersion"]}]));

    let left_out = json!({"input": {"policy": policy(json!({"allowedChannels": ["SMS"]})), "expectedVersion": 2,
                                    "effectiveAt": "2200-01-01T00:00:00Z"}});
    let data = test.data(admin(), PUBLISH, left_out).await;
    let scheduled = &data["publishPolicy"]["policy"];
    assert_eq!(
        (&scheduled["status"], &scheduled["external"]["mandatoryFrom"]),
        (&json!("SCHEDULED"), &json!("2200-01-01T00:00:00Z"))
    );

    let query = "{ tenant { policy { version } policyVersions(first: 2) { edges { node { version status } }
                   pageInfo { hasNextPage } } } }";
    let data = test.data(key(tenant, &[ApiScope::Read]), query, json!({})).await;
    assert_eq!(data["tenant"]["policy"]["version"], 2);
    let versions = &data["tenant"]["policyVersions"];
    assert_eq!(versions["edges"][0]["node"], json!({"version": 3, "status": "SCHEDULED"}));
    assert_eq!(versions["pageInfo"]["hasNextPage"], true);

    let cancel = "mutation { cancelScheduledPolicy(input: {version: 3}) { policy { status } userErrors { code } } }";
    let data = test.data(admin(), cancel, json!({})).await;
    assert_eq!(data["cancelScheduledPolicy"], json!({"policy": {"status": "CANCELED"}, "userErrors": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_scalars_are_user_errors_with_their_field() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    let given = json!({"input": {
        "policy": {"internal": {"allowedChannels": ["TOTP"], "mandatoryFrom": 7},
                   "external": {"allowedChannels": ["TOTP"]},
                   "allowedNetworks": [{"cidr": "10.0.0.0/8", "label": "Office"}],
                   "phoneCountries": ["ZZ"]},
        "expectedVersion": 1, "effectiveAt": "now"}});
    let data = test.data(key(tenant, &[ApiScope::Policy]), PUBLISH, given).await;
    let errors = data["publishPolicy"]["userErrors"].as_array().unwrap();
    let fields: Vec<_> = errors.iter().map(|error| error["field"].to_string()).collect();
    for field in [
        json!(["effectiveAt"]),
        json!(["policy", "internal", "mandatoryFrom"]),
        json!(["policy", "allowedNetworks", "0", "cidr"]),
        json!(["policy", "phoneCountries", "0"]),
    ] {
        assert!(fields.contains(&field.to_string()), "{field} in {fields:?}");
    }
}

const UPSERT: &str = "mutation ($input: UpsertUserInput!) { upsertUser(input: $input) {
    user { id externalId kind email status enrollment securityLevel advisor { email } } created
    userErrors { code field } } }";

#[tokio::test(flavor = "multi_thread")]
async fn users_are_written_found_and_erased() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Live).await;
    let writer = || key(tenant, &[ApiScope::Users]);
    let given = json!({"input": {"externalId": " Ann ", "kind": "EXTERNAL", "email": "Ann@Example.com"}});
    let data = test.data(writer(), UPSERT, given).await;
    let user = &data["upsertUser"]["user"];
    assert_eq!(data["upsertUser"]["created"], true);
    assert_eq!((&user["externalId"], &user["email"]), (&json!("Ann"), &json!("Ann@example.com")));
    assert_eq!((&user["status"], &user["enrollment"]), (&json!("ACTIVE"), &json!("NOT_ENROLLED")));
    let id = user["id"].clone();

    let find =
        "query ($ref: UserRef!, $id: ID!) { user(ref: $ref) { id } node(id: $id) { id ... on User { externalId } } }";
    for reference in [json!({"id": id}), json!({"externalId": "ANN"})] {
        let data = test.data(key(tenant, &[ApiScope::Login]), find, json!({"ref": reference, "id": id})).await;
        assert_eq!((&data["user"]["id"], &data["node"]["externalId"]), (&id, &json!("Ann")));
    }
    let other = test.bed.tenant(Environment::Live).await;
    let data = test.data(key(other, &[ApiScope::Read]), find, json!({"ref": {"id": id}, "id": id})).await;
    assert_eq!((&data["user"], &data["node"]), (&Value::Null, &Value::Null), "another tenant's do not exist");

    let list = "{ tenant { users(search: \"an\") { totalCount edges { node { externalId } } }
                  enrollmentProgress { total notEnrolled } } }";
    let data = test.data(key(tenant, &[ApiScope::Read]), list, json!({})).await;
    assert_eq!(data["tenant"]["users"], json!({"totalCount": 1, "edges": [{"node": {"externalId": "Ann"}}]}));
    assert_eq!(data["tenant"]["enrollmentProgress"], json!({"total": 1, "notEnrolled": 1}));
    assert_eq!(test.error(key(tenant, &[ApiScope::Login]), list, json!({})).await, "FORBIDDEN");

    let delete =
        "mutation ($user: UserRef!) { deleteUser(input: {user: $user}) { deletedId userErrors { code field } } }";
    let data = test.data(writer(), delete, json!({"user": {"externalId": "ann"}})).await;
    assert_eq!(data["deleteUser"]["deletedId"], id);
    let data = test.data(writer(), delete, json!({"user": {"id": id}})).await;
    assert_eq!(data["deleteUser"]["userErrors"], json!([{"code": "NOT_FOUND", "field": ["user"]}]));
}

const PARTNER_TENANTS: &str = "{ partner { id name tenants { totalCount edges { node {
    id slug environment policy { version } enrollmentProgress { total } } } } } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_makes_a_tenant_and_a_key_in_it() {
    let test = Fixture::new().await;
    let directory = &test.services.directory;
    let id = directory.create_partner("Northstar").await.unwrap();
    let given = PartnerKeyInput { name: "Bring-up".to_owned(), scopes: ScopeSet::of(&ApiScope::ALL) };
    let secret = directory.create_partner_api_key(id, &given).await.unwrap().secret.into_exposed();
    let Authenticated::Partner(found) = directory.authenticate(&secret).await.unwrap() else { panic!() };
    let presented = found.caller(None);

    let create = "mutation { createTenant(input: {slug: \"acme\", name: \"Acme\", environment: SANDBOX,
        ownerEmail: \"o@acme.example\"}) { tenant { id slug status branding { productName } } userErrors { code field } } }";
    let data = test.data(partner(&presented), create, json!({})).await;
    let tenant = data["createTenant"]["tenant"].clone();
    assert_eq!((&tenant["slug"], &tenant["branding"]["productName"]), (&json!("acme"), &json!("Acme")));
    let again = test.data(partner(&presented), create, json!({})).await;
    assert_eq!(again["createTenant"]["userErrors"], json!([{"code": "ALREADY_EXISTS", "field": ["slug"]}]));

    let data = test.data(partner(&presented), PARTNER_TENANTS, json!({})).await;
    let node = &data["partner"]["tenants"]["edges"][0]["node"];
    assert_eq!((&node["id"], &node["policy"]["version"]), (&tenant["id"], &json!(1)));
    let response = test.ask(partner(&presented), "{ tenant { id } }", json!({})).await;
    assert_eq!(response["errors"][0]["extensions"], json!({"code": "FORBIDDEN", "reason": "TENANT_REQUIRED"}));
    let viewer = "{ viewer { ... on ApiKey { name prefix scopes } } }";
    assert_eq!(test.data(partner(&presented), viewer, json!({})).await["viewer"]["name"], "Bring-up");

    let acme = core_kernel::TenantId::from_text(tenant["id"].as_str().unwrap()).unwrap();
    let inside = || of(presented.in_tenant(acme, None));
    let create = "mutation ($scopes: [ApiScope!]!) { createApiKey(input: {name: \"Login\", scopes: $scopes}) {
        secret apiKey { id prefix scopes revokedAt } userErrors { code field } } }";
    let data = test.data(inside(), create, json!({"scopes": ["LOGIN", "READ"]})).await;
    let made = &data["createApiKey"];
    let Authenticated::Tenant(key) = directory.authenticate(made["secret"].as_str().unwrap()).await.unwrap() else {
        panic!()
    };
    assert_eq!((key.tenant, json!(key.id.to_text())), (acme, made["apiKey"]["id"].clone()));
    let data = test.data(inside(), create, json!({"scopes": ["TENANTS"]})).await;
    assert_eq!(data["createApiKey"]["userErrors"], json!([{"code": "INVALID", "field": ["scopes"]}]));

    let revoke =
        "mutation ($id: ID!) { revokeApiKey(input: {id: $id}) { apiKey { revokedAt } userErrors { code field } } }";
    let data = test.data(inside(), revoke, json!({"id": made["apiKey"]["id"]})).await;
    assert!(data["revokeApiKey"]["apiKey"]["revokedAt"].is_string());
    let data = test.data(inside(), revoke, json!({"id": "apikey_x"})).await;
    assert_eq!(data["revokeApiKey"]["userErrors"], json!([{"code": "NOT_FOUND", "field": ["id"]}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_reaches_no_tenant_of_another() {
    let test = Fixture::new().await;
    let directory = &test.services.directory;
    let (mine, rival) =
        (directory.create_partner("Mine").await.unwrap(), directory.create_partner("Rival").await.unwrap());
    let theirs = test.bed.tenant(Environment::Live).await;
    let node = "query ($id: ID!) { node(id: $id) { id } }";
    let authority = || partner(&partner_caller(mine, &ApiScope::ALL));
    for id in [theirs.to_text(), rival.to_text(), "tenant_x".to_owned(), "nonsense".to_owned()] {
        assert_eq!(test.data(authority(), node, json!({"id": id})).await["node"], Value::Null, "{id}");
    }
    assert_eq!(test.data(authority(), node, json!({"id": mine.to_text()})).await["node"]["id"], mine.to_text());
    let data = test.data(authority(), PARTNER_TENANTS, json!({})).await;
    assert_eq!(data["partner"]["tenants"]["totalCount"], 0);
    let tenants_own = of(caller(theirs, &[ApiScope::Read]));
    assert_eq!(test.data(tenants_own, PARTNER_TENANTS, json!({})).await["partner"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_and_the_clock_change_through_the_api() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    let update = "mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) {
        tenant { name language timeZone returnUrls branding { productName color } webauthn { rpId origins } }
        userErrors { code field } } }";
    let given = json!({"input": {"language": "ES", "timeZone": "America/New_York", "branding": {"color": "#112233"},
                                 "returnUrls": ["https://acme.example/after"]}});
    let data = test.data(key(tenant, &[ApiScope::Policy]), update, given).await;
    let changed = &data["updateTenant"]["tenant"];
    assert_eq!((&changed["language"], &changed["timeZone"]), (&json!("es"), &json!("America/New_York")));
    assert_eq!(changed["branding"], json!({"productName": "Test Tenant", "color": "#112233"}));
    let bad = json!({"input": {"timeZone": "Mars", "returnUrls": ["ftp://acme.example"]}});
    let data = test.data(key(tenant, &[ApiScope::Policy]), update, bad).await;
    let errors = json!([{"code": "INVALID", "field": ["timeZone"]}, {"code": "INVALID", "field": ["returnUrls", "0"]}]);
    assert_eq!(data["updateTenant"], json!({"tenant": null, "userErrors": errors}));

    let advance = "mutation { advanceSandboxClock(input: {seconds: 86400}) { clock userErrors { code } } }";
    let before = test.bed.now(tenant).await;
    let data = test.data(key(tenant, &[ApiScope::Policy]), advance, json!({})).await;
    let clock = core_policy::parse_timestamp(data["advanceSandboxClock"]["clock"].as_str().unwrap()).unwrap();
    assert!(clock >= before + chrono::Duration::days(1));
    let data = test.data(key(tenant, &[ApiScope::Login]), "{ tenant { clock } }", json!({})).await;
    let shown = core_policy::parse_timestamp(data["tenant"]["clock"].as_str().unwrap()).unwrap();
    assert!(shown >= before + chrono::Duration::days(1));
    assert_eq!(test.error(key(tenant, &[ApiScope::Login]), advance, json!({})).await, "FORBIDDEN");
}
