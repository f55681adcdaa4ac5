//! The gateway over the whole wiring, on a private database: who is let in, what is refused before
//! anything runs, and how refusals look.

mod server;

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use core_access::{ApiScope, Caller, Operation, ScopeSet};
use core_kernel::{TenantId, TypedId as _};
use serde_json::{Value, json};
use server::{Server, body_of, request};
use svc_directory::{CreateTenantInput, Environment, PartnerKeyInput};
use tower::ServiceExt as _;

impl Server {
    async fn tenant(&self) -> (TenantId, String) {
        self.tenant_with(&[ApiScope::Login, ApiScope::Users, ApiScope::Read]).await
    }

    async fn ask(&self, key: &str, query: &str) -> (StatusCode, Value) {
        let response = self.send(request(key, &[], &json!({ "query": query }))).await;
        (response.status(), body_of(response).await)
    }
}

fn code(body: &Value) -> &str {
    assert!(body.get("data").is_none(), "{body}");
    body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_its_own_tenant_and_no_other() {
    let server = Server::new(&[]).await;
    let ((first, key), (second, _)) = (server.tenant().await, server.tenant().await);
    let query = json!({ "query": "{ tenant { id } }" });
    let own = server.send(request(&key, &[("x-postern-tenant", &first.to_text())], &query)).await;
    assert_eq!(body_of(own).await["data"]["tenant"]["id"], json!(first.to_text()));
    for named in [second.to_text().as_str(), "tenant_00000000000000000000000000", "nonsense", ""] {
        let response = server.send(request(&key, &[("x-postern-tenant", named)], &query)).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{named}");
        assert_eq!(code(&body_of(response).await), "FORBIDDEN");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_names_its_tenant_or_is_told_to() {
    let server = Server::new(&[]).await;
    let directory = &server.wiring.directory;
    let partner = directory.create_partner("Partner").await.unwrap();
    let scopes = ScopeSet::of(&ApiScope::ALL);
    let made = directory.create_partner_api_key(partner, &PartnerKeyInput { name: "p".into(), scopes }).await.unwrap();
    let key = made.secret.expose().as_str();
    let permit = testkit::partner_caller(partner, &ApiScope::ALL).permit(Operation::CreateTenant).unwrap();
    let input = CreateTenantInput {
        slug: "own".into(),
        name: "Own".into(),
        environment: Environment::Sandbox,
        owner_email: "o@own.example".into(),
        policy: None,
    };
    let own = directory.create_tenant(&permit, &input).await.unwrap().settings.tenant_id.to_text();
    let (foreign, _) = server.tenant().await;
    let query = json!({ "query": "{ tenant { id } }" });

    let response = server.send(request(key, &[], &query)).await;
    let body = body_of(response).await;
    assert_eq!(body["errors"][0]["extensions"], json!({ "code": "FORBIDDEN", "reason": "TENANT_REQUIRED" }), "{body}");
    let response = server.send(request(key, &[("x-postern-tenant", &own)], &query)).await;
    assert_eq!(body_of(response).await["data"]["tenant"]["id"], json!(own));
    let mut answers = Vec::new();
    for named in [foreign.to_text(), "tenant_00000000000000000000000000".to_owned(), "nonsense".to_owned()] {
        let response = server.send(request(key, &[("x-postern-tenant", &named)], &query)).await;
        answers.push((response.status(), body_of(response).await));
    }
    assert!(answers.iter().all(|answer| answer == &answers[0] && answer.0 == StatusCode::FORBIDDEN), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_actor_needs_a_support_key_and_must_exist() {
    let server = Server::new(&[]).await;
    let (tenant, login_key) = server.tenant().await;
    let support = server.key(tenant, &[ApiScope::Support]).await;
    for (key, reason) in [(&login_key, "ACTOR_NOT_ALLOWED"), (&support, "ACTOR_UNKNOWN")] {
        let headers = [("x-postern-actor", "advisor@firm.example")];
        let response = server.send(request(key, &headers, &json!({ "query": "{ __typename }" }))).await;
        assert_eq!(body_of(response).await["errors"][0]["extensions"]["reason"], json!(reason));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold_before_anything_runs_and_say_when_to_come_back() {
    let server = Server::new(&[("POSTERN_LIMITS__API_KEY_RATE", "1"), ("POSTERN_LIMITS__API_KEY_BURST", "3")]).await;
    let (tenant, key) = server.tenant().await;
    for _ in 0..3 {
        assert_eq!(server.ask(&key, "{ __typename }").await.0, StatusCode::OK);
    }
    let response = server.send(request(&key, &[], &json!({ "query": "{ __typename }" }))).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    let retry: u64 = response.headers()[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    let body = body_of(response).await;
    assert_eq!((code(&body), &body["errors"][0]["extensions"]["retryAfterSeconds"]), ("RATE_LIMITED", &json!(retry)));
    let other = server.key(tenant, &[ApiScope::Read]).await;
    assert_eq!(server.ask(&other, "{ __typename }").await.0, StatusCode::OK, "another key has its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn complexity_is_a_budget_too() {
    let budget =
        [("POSTERN_LIMITS__API_KEY_COMPLEXITY_RATE", "60"), ("POSTERN_LIMITS__API_KEY_COMPLEXITY_BURST", "150")];
    let server = Server::new(&budget).await;
    let (_, key) = server.tenant().await;
    let query = "{ tenant { users(first: 100) { edges { cursor } } } }";
    assert_eq!(server.ask(&key, query).await.0, StatusCode::OK, "one may take all there is");
    assert_eq!(server.ask(&key, query).await.0, StatusCode::TOO_MANY_REQUESTS, "dearer than what is left");
    let server = Server::new(&[]).await;
    let (_, key) = server.tenant().await;
    let (_, body) = server
        .ask(
            &key,
            "{ tenant { users(first: 100) { edges { node { logins(first: 100) { edges { node { id } } } } } } } }",
        )
        .await;
    assert_eq!(code(&body), "QUERY_TOO_COMPLEX");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_checks_one_code_however_it_is_written() {
    let server = Server::new(&[]).await;
    let (_, key) = server.tenant().await;
    let call = "verifyChallenge(input: {challengeId: \"x\", code: \"1\"}) { userErrors { code } }";
    assert_eq!(
        server.ask(&key, &format!("mutation {{ {call} }}")).await.1["data"]["verifyChallenge"]["userErrors"][0]["code"],
        "NOT_FOUND"
    );
    for query in [
        format!("mutation {{ a: {call} b: {call} }}"),
        format!("mutation {{ ...F ...F }} fragment F on Mutation {{ {call} }}"),
        format!("mutation {{ ...F x: {call} }} fragment F on Mutation {{ y: {call} }}"),
        format!("mutation {{ {call} confirmFactor(input: {{factorId: \"x\"}}) {{ userErrors {{ code }} }} }}"),
        format!("mutation A {{ {call} }} mutation B {{ a: {call} b: {call} }}"),
    ] {
        assert_eq!(code(&server.ask(&key, &query).await.1), "QUERY_TOO_COMPLEX", "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_scalar_is_the_fields_fault_and_not_the_requests() {
    let server = Server::new(&[]).await;
    let (tenant, key) = server.tenant().await;
    server.bed.user(tenant, "carla", core_policy::UserKind::External).await;
    for address in ["\"somewhere\"", "17", "true", "[\"192.0.2.1\"]", "{a: 1}", "LOCALHOST"] {
        let query = format!(
            "mutation {{ evaluateLogin(input: {{user: {{externalId: \"carla\"}}, firstFactor: PASSWORD, ipAddress: {address}}}) \
             {{ login {{ id }} userErrors {{ code field }} }} }}"
        );
        let (status, body) = server.ask(&key, &query).await;
        assert_eq!(status, StatusCode::OK);
        let errors = &body["data"]["evaluateLogin"]["userErrors"];
        assert_eq!(errors, &json!([{ "code": "INVALID", "field": ["ipAddress"] }]), "{address}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_can_be_at_work_is_shed() {
    let server = Server::new(&[("POSTERN_API__MAX_AT_WORK", "0")]).await;
    let (_, key) = server.tenant().await;
    let (status, body) = server.ask(&key, "{ __typename }").await;
    assert_eq!((status, code(&body)), (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_database_is_told_of_in_time() {
    let server = Server::new(&[]).await;
    let (_, key) = server.tenant().await;
    server.wiring.platform.database.close().await;
    let asked = tokio::time::timeout(Duration::from_secs(2), server.ask(&key, "{ __typename }")).await;
    let (status, body) = asked.expect("an answer within two seconds");
    assert_eq!((status, code(&body)), (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"));
    let ready = server.send(Request::get("/readyz").body(Body::empty()).unwrap()).await;
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    let alive = server.send(Request::get("/healthz").body(Body::empty()).unwrap()).await;
    assert_eq!(alive.status(), StatusCode::OK, "a database that is away is no reason to be killed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_stopping_is_not_ready() {
    let server = Server::new(&[]).await;
    let get = |path| server.send(Request::get(path).body(Body::empty()).unwrap());
    let (ready, alive) = (get("/readyz").await, get("/healthz").await);
    assert_eq!((ready.status(), alive.headers().get(header::CONNECTION)), (StatusCode::OK, None));
    server.gateway.set_ready(false);
    let (ready, alive) = (get("/readyz").await, get("/healthz").await);
    assert_eq!((ready.status(), alive.status()), (StatusCode::SERVICE_UNAVAILABLE, StatusCode::OK));
    for answer in [ready, alive] {
        assert_eq!(answer.headers()[header::CONNECTION], "close", "the next request is made elsewhere");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_cancels_nothing() {
    let server = Server::new(&[]).await;
    let (tenant, key) = server.tenant().await;
    let count = || async {
        let permit = Caller::system(tenant).permit(Operation::ReadUsers).unwrap();
        server.wiring.directory.count_users(&permit, None, &svc_directory::UserFilter::default()).await.unwrap()
    };
    let mut sent = 0;
    for number in 0..20 {
        let query = format!(
            "mutation {{ upsertUser(input: {{externalId: \"u{number}\", kind: EXTERNAL}}) {{ created userErrors {{ code }} }} }}"
        );
        let mut call = Box::pin(server.router.clone().oneshot(request(&key, &[], &json!({ "query": query }))));
        // The client is there until its request has begun, and is gone before it ends.
        let left = futures::future::poll_fn(|context| {
            std::task::Poll::Ready(futures::FutureExt::poll_unpin(&mut call, context).is_pending())
        });
        sent += i64::from(left.await && number > 0);
        if number == 0 {
            call.await.unwrap();
        }
    }
    assert!(sent > 0, "no call was left");
    while count().await < 20 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_does_not_hold_says_so_and_nothing_else() {
    let server = Server::new(&[]).await;
    let (tenant, _) = server.tenant().await;
    let strange = format!("{}.link_{}", core_kernel::encode_base32(tenant.0.as_bytes()), "A".repeat(43));
    for token in ["nonsense", &strange, &"x".repeat(5_000)] {
        for request in [Request::get(format!("/link/{token}")), Request::post(format!("/link/{token}"))] {
            let response = server.send(request.body(Body::empty()).unwrap()).await;
            assert_ne!(response.status(), StatusCode::SEE_OTHER);
            assert_eq!(response.headers()[header::REFERRER_POLICY], "no-referrer");
            let page = to_bytes(response.into_body(), 1 << 20).await.unwrap();
            assert!(!String::from_utf8_lossy(&page).contains(token), "the token is not written back");
        }
    }
}
