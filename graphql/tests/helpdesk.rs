//! The help desk through the schema: what a client sends and sees, down to the completed login. The
//! rules themselves are tested with their services.

mod common;

use common::{Fixture, key};
use core_access::ApiScope;
use core_kernel::{TenantId, TypedId};
use core_policy::UserKind;
use serde_json::{Value, json};
use testkit::{Environment, on_a_servers_stack};

const EVALUATE: &str = "mutation ($user: String!) { evaluateLogin(input: {user: {externalId: $user},
    firstFactor: PASSWORD, ipAddress: \"203.0.113.7\"}) { login { id outcome } userErrors { code } } }";
const METHODS: &str = "query ($id: ID!) { login(id: $id) { expiresAt methods { id channel } } }";
const START: &str =
    "mutation ($login: ID!, $method: ID!) { startChallenge(input: {loginId: $login, methodId: $method}) {
    challenge { id } userErrors { code } } }";
const VERIFY: &str =
    "mutation ($challenge: ID!, $code: String!) { verifyChallenge(input: {challengeId: $challenge, code: $code}) {
    login { completedWith assertion } userErrors { code } } }";
const ASK: &str =
    "mutation ($login: ID!, $note: String) { requestTemporaryAccess(input: {loginId: $login, note: $note}) {
    request { id status note createdAt answeredAt answeredBy login { id ipAddress } user { externalId } }
    userErrors { code field } } }";
const APPROVE: &str = "mutation ($id: ID!) { approveTemporaryAccessRequest(input: {id: $id, reason: \"called back\"}) {
    code request { id status answeredBy } userErrors { code field } } }";
const REQUESTS: &str = "query ($open: Boolean) { tenant { temporaryAccessRequests(first: 5, open: $open) {
    edges { cursor node { id status } } pageInfo { hasNextPage } } } }";

fn login_key(tenant: TenantId) -> graphql::Authority {
    key(tenant, &[ApiScope::Login])
}

fn support_key(tenant: TenantId) -> graphql::Authority {
    key(tenant, &[ApiScope::Support])
}

async fn begin(test: &Fixture, tenant: TenantId, user: &str) -> String {
    let data = test.data(login_key(tenant), EVALUATE, json!({"user": user})).await;
    data["evaluateLogin"]["login"]["id"].as_str().expect("a login").to_owned()
}

/// Proves the one temporary access code that the login offers.
async fn prove(test: &Fixture, tenant: TenantId, login: &str, code: &str) -> Value {
    let data = test.data(login_key(tenant), METHODS, json!({"id": login})).await;
    let methods = data["login"]["methods"].as_array().expect("methods").clone();
    let method =
        methods.iter().find(|method| method["channel"] == "TEMPORARY_ACCESS_CODE").expect("the code is offered");
    let data = test.data(login_key(tenant), START, json!({"login": login, "method": method["id"]})).await;
    let challenge = &data["startChallenge"]["challenge"]["id"];
    let mut data = test.data(login_key(tenant), VERIFY, json!({"challenge": challenge, "code": code})).await;
    data["verifyChallenge"].take()
}

#[test]
fn the_advisor_issues_a_code_to_whoever_calls() {
    on_a_servers_stack(issuing);
}

async fn issuing() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    test.bed.user(tenant, "ann", UserKind::External).await;
    let issue = "mutation { issueTemporaryAccessCode(input: {user: {externalId: \"Ann\"}, reason: \"lost phone\"}) {
        code temporaryAccessCode { id issuedBy reason createdAt expiresAt usedAt revokedAt } userErrors { code field } } }";
    let data = test.data(support_key(tenant), issue, json!({})).await;
    let issued = &data["issueTemporaryAccessCode"];
    assert_eq!(issued["userErrors"], json!([]));
    assert_eq!(issued["temporaryAccessCode"]["issuedBy"], "key:test");
    let login = begin(&test, tenant, "ann").await;
    let proved = prove(&test, tenant, &login, issued["code"].as_str().expect("a code")).await;
    assert_eq!(proved["login"]["completedWith"], "TEMPORARY_ACCESS_CODE");
    assert!(proved["login"]["assertion"].is_string());

    let read = "query { user(ref: {externalId: \"ann\"}) { temporaryAccessCodes { id usedAt } } }";
    let data = test.data(support_key(tenant), read, json!({})).await;
    assert!(data["user"]["temporaryAccessCodes"][0]["usedAt"].is_string());
    let revoke = "mutation ($id: ID!) { revokeTemporaryAccessCode(input: {id: $id}) {
        temporaryAccessCode { id } userErrors { code field } } }";
    let id = &issued["temporaryAccessCode"]["id"];
    let data = test.data(support_key(tenant), revoke, json!({"id": id})).await;
    let refused = json!({"temporaryAccessCode": null, "userErrors": [{"code": "ALREADY_COMPLETED", "field": ["id"]}]});
    assert_eq!(data["revokeTemporaryAccessCode"], refused);
    let node = "query ($id: ID!) { node(id: $id) { __typename id } }";
    let data = test.data(support_key(tenant), node, json!({"id": id})).await;
    assert_eq!(data["node"]["__typename"], "TemporaryAccessCode");
    assert_eq!(test.error(login_key(tenant), issue, json!({})).await, "FORBIDDEN");
}

#[test]
fn the_client_asks_and_the_advisor_answers() {
    on_a_servers_stack(asking);
}

async fn asking() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    let foreign = test.bed.tenant(Environment::Sandbox).await;
    test.bed.user(tenant, "ann", UserKind::External).await;
    let login = begin(&test, tenant, "ann").await;
    let asked = test.data(login_key(tenant), ASK, json!({"login": login, "note": "lost my phone"})).await;
    let request = &asked["requestTemporaryAccess"]["request"];
    assert_eq!((&request["status"], &request["note"]), (&json!("OPEN"), &json!("lost my phone")));
    assert_eq!(request["login"], json!({"id": login, "ipAddress": "203.0.113.7"}));
    assert_eq!(request["user"]["externalId"], "ann");

    let listed = test.data(support_key(tenant), REQUESTS, json!({"open": true})).await;
    let edges = &listed["tenant"]["temporaryAccessRequests"]["edges"];
    assert_eq!(edges[0]["node"]["id"], request["id"]);
    let not_found = json!([{"code": "NOT_FOUND", "field": ["id"]}]);
    let data = test.data(support_key(foreign), APPROVE, json!({"id": request["id"]})).await;
    assert_eq!(data["approveTemporaryAccessRequest"]["userErrors"], not_found);
    let data = test.data(support_key(tenant), APPROVE, json!({"id": "nonsense"})).await;
    assert_eq!(data["approveTemporaryAccessRequest"]["userErrors"], not_found);

    let data = test.data(support_key(tenant), APPROVE, json!({"id": request["id"]})).await;
    let approved = &data["approveTemporaryAccessRequest"];
    assert_eq!(approved["request"]["status"], "APPROVED");
    let proved = prove(&test, tenant, &login, approved["code"].as_str().expect("a code")).await;
    assert_eq!(proved["userErrors"], json!([]));
    let listed = test.data(support_key(tenant), REQUESTS, json!({"open": true})).await;
    assert_eq!(listed["tenant"]["temporaryAccessRequests"]["edges"], json!([]));
    let decline = "mutation ($id: ID!) { declineTemporaryAccessRequest(input: {id: $id, reason: \"no\"}) {
        request { id } userErrors { code field } } }";
    let data = test.data(support_key(tenant), decline, json!({"id": request["id"]})).await;
    let conflict = json!([{"code": "CONFLICT", "field": ["id"]}]);
    assert_eq!(data["declineTemporaryAccessRequest"], json!({"request": null, "userErrors": conflict}));
    let again = test.data(login_key(tenant), ASK, json!({"login": login})).await;
    let complete = json!([{"code": "ALREADY_COMPLETED", "field": ["loginId"]}]);
    assert_eq!(again["requestTemporaryAccess"]["userErrors"], complete);
}

#[test]
fn users_are_locked_reset_and_unlocked() {
    on_a_servers_stack(locking);
}

async fn locking() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    let user = test.bed.user(tenant, "ann", UserKind::External).await.to_text();
    let input = json!({"input": {"user": {"id": user}, "reason": "reported stolen"}});
    let lock = "mutation ($input: LockUserInput!) { lockUser(input: $input) { user { status } userErrors { code } } }";
    let data = test.data(support_key(tenant), lock, input.clone()).await;
    assert_eq!(data["lockUser"], json!({"user": {"status": "LOCKED"}, "userErrors": []}));
    let reset = "mutation ($input: ResetUserInput!) { resetUser(input: $input) { code user { id factors { id } } userErrors { code } } }";
    let data = test.data(support_key(tenant), reset, input.clone()).await;
    assert_eq!(data["resetUser"]["user"], json!({"id": user, "factors": []}));
    let code = data["resetUser"]["code"].as_str().expect("a code").to_owned();
    let unlock = "mutation ($input: UnlockUserInput!) { unlockUser(input: $input) { user { status lockedUntil } userErrors { code } } }";
    let data = test.data(support_key(tenant), unlock, input).await;
    assert_eq!(data["unlockUser"]["user"], json!({"status": "ACTIVE", "lockedUntil": null}));
    let login = begin(&test, tenant, "ann").await;
    let proved = prove(&test, tenant, &login, &code).await;
    assert_eq!(proved["login"]["completedWith"], "TEMPORARY_ACCESS_CODE");
    let nameless = json!({"input": {"user": {"id": "user_"}, "reason": ""}});
    let alone =
        "mutation ($input: LockUserInput!) { lockUser(input: $input) { user { id } userErrors { code field } } }";
    let data = test.data(support_key(tenant), alone, nameless).await;
    assert_eq!(data["lockUser"], json!({"user": null, "userErrors": [{"code": "NOT_FOUND", "field": ["user"]}]}));
}

#[test]
fn a_counterparty_is_sent_a_link() {
    on_a_servers_stack(linking);
}

async fn linking() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    let upsert =
        "mutation { upsertUser(input: {externalId: \"ann\", kind: EXTERNAL, email: \"ann@elsewhere.example\"}) {
        user { id } userErrors { code field } } }";
    let data = test.data(key(tenant, &[ApiScope::Users]), upsert, json!({})).await;
    assert_eq!(data["upsertUser"]["userErrors"], json!([]));
    let send = "mutation ($url: String!) { sendOneTimeLink(input: {user: {externalId: \"ann\"}, returnUrl: $url, state: \"s\"}) {
        expiresAt message { purpose status destination } userErrors { code field } } }";
    let data = test.data(support_key(tenant), send, json!({"url": "https://client.example/after"})).await;
    let message = json!({"purpose": "ONE_TIME_LINK", "status": "QUEUED", "destination": "a•••@elsewhere.example"});
    assert_eq!(data["sendOneTimeLink"]["message"], message);
    assert!(data["sendOneTimeLink"]["expiresAt"].is_string());
    let data = test.data(support_key(tenant), send, json!({"url": "https://evil.example/after"})).await;
    let invalid = json!([{"code": "INVALID", "field": ["returnUrl"]}]);
    assert_eq!(data["sendOneTimeLink"], json!({"expiresAt": null, "message": null, "userErrors": invalid}));
}
