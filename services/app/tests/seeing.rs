//! What an operator sees: counted by what the code fixes, told on a listener of its own, and traced from the
//! request to the provider without a word that belongs to anybody.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod server;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use core_access::ApiScope;
use core_kernel::{Redacted, SystemEntropy, TenantId, TypedId as _};
use io_meters::{Exposition, Meters};
use io_traces::{TraceOptions, Traces};
use serde_json::{Value, json};
use server::{Server, body_of, request};
use testkit::{Behaviour, CollectorStandIn, attribute};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use tracing_subscriber::layer::SubscriberExt as _;

/// A collector's trace that a stranger would like to be in.
const STRANGE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

impl Server {
    async fn tenant(&self) -> (TenantId, String) {
        self.tenant_with(&[ApiScope::Login, ApiScope::Users, ApiScope::Read]).await
    }

    fn meters(&self) -> &Meters {
        &self.wiring.platform.meters
    }

    fn told(&self) -> String {
        self.meters().expose(Exposition::Prometheus).unwrap()
    }

    async fn ask(&self, key: &str, query: &str, variables: &Value) -> (HeaderMap, Value) {
        let body = json!({ "query": query, "variables": variables });
        let response = self.send(request(key, &[("traceparent", STRANGE)], &body)).await;
        (response.headers().clone(), body_of(response).await)
    }

    /// One mutation; its payload.
    async fn mutate(&self, key: &str, name: &str, input: Value, fields: &str) -> Value {
        let (first, rest) = name.split_at(1);
        let kind = format!("{}{rest}Input!", first.to_uppercase());
        let query =
            format!("mutation($input: {kind}) {{ {name}(input: $input) {{ {fields} userErrors {{ code }} }} }}");
        let (_, answer) = self.ask(key, &query, &json!({ "input": input })).await;
        answer["data"][name].clone()
    }
}

async fn answer(router: &Router, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let response = router.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let body = to_bytes(response.into_body(), 1 << 22).await.unwrap();
    (status, headers, String::from_utf8_lossy(&body).into_owned())
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_public_address_tells_metrics() {
    let server = Server::new(&[]).await;
    for path in ["/metrics", "/metrics/", "/Metrics", "/%6detrics", "/graphql/metrics"] {
        let (status, _, body) = answer(&server.router, get(path)).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(!body.contains("postern_"), "{path}");
    }
    let own = edge_http::metrics_router(server.meters().clone());
    let (status, headers, body) = answer(&own, get("/metrics")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    assert!(body.contains("postern_http_requests_total{"), "{body}");
    let (status, _, _) = answer(&own, get("/graphql")).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "nothing else is there");
}

/// Everything a stranger, and an integrator with many tenants, can vary.
async fn vary(server: &Server, round: usize) {
    for number in 0..20 {
        let name = format!("canary{round}x{number}");
        server.send(get(&format!("/{name}"))).await;
        server.send(get(&format!("/link/{name}"))).await;
        let method = Method::from_bytes(name.to_uppercase().as_bytes()).unwrap();
        server.send(Request::builder().method(method).uri("/graphql").body(Body::empty()).unwrap()).await;
        server.ask(&name, &format!("query {name} {{ {name} }}"), &json!({})).await;
    }
    for number in 0..3 {
        let (_, key) = server.tenant().await;
        let external = format!("canary{round}y{number}");
        server.mutate(&key, "upsertUser", json!({ "externalId": external, "kind": "EXTERNAL" }), "created").await;
        let input =
            json!({ "user": { "externalId": external }, "firstFactor": "PASSWORD", "ipAddress": "198.51.100.7" });
        server.mutate(&key, "evaluateLogin", input, "login { id }").await;
        server
            .ask(
                &key,
                &format!("query {external} {{ tenant {{ id }} a{external}: viewer {{ __typename }} }}"),
                &json!({}),
            )
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_no_more_series_however_much_is_asked() {
    let server = Server::new(&[]).await;
    vary(&server, 0).await;
    let before = server.told().lines().count();
    for round in 1..4 {
        vary(&server, round).await;
    }
    let told = server.told();
    assert_eq!(told.lines().count(), before);
    assert!(before < 8_000, "{before} lines");
    assert!(!told.to_lowercase().contains("canary"), "what a client wrote names nothing");
    let value = |begin: &str| {
        let line = told.lines().find(|line| line.starts_with(begin)).unwrap_or_else(|| panic!("no {begin}"));
        line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    assert!((value("postern_graphql_operations_total{operation=\"evaluateLogin\",result=\"ok\"}") - 12.0).abs() < 0.1);
    assert!(value("postern_http_requests_total{route=\"none\",method=\"GET\",status=\"4xx\"}") >= 80.0);
    assert!(value("postern_http_requests_total{route=\"/graphql\",method=\"OTHER\",status=\"4xx\"}") >= 80.0);
    assert!(value("postern_http_requests_at_work ").abs() < 0.1, "all have been answered");
}

/// The digits that went to somebody.
async fn code_of(server: &Server, key: &str, factor: &Value) -> String {
    let query = "query($id: ID!) { node(id: $id) { ... on Challenge { message { sandboxBody } } } }";
    let waiting = async {
        loop {
            let (_, answer) = server.ask(key, query, &json!({ "id": factor })).await;
            if let Some(body) = answer["data"]["node"]["message"]["sandboxBody"].as_str() {
                return body.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 6).unwrap().to_owned();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("a text")
}

/// Whoever collects is told of the whole way, and of nobody. One test, since a process has one subscriber.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_traced_from_the_request_to_the_provider_and_names_nobody() {
    let collector = CollectorStandIn::start(Behaviour::Takes).await;
    let options = TraceOptions {
        endpoint: collector.url(),
        authorization: Some(Redacted::new("Bearer collector".to_owned())),
        sample_per_thousand: 1_000,
        service: vec![("service.name", "postern-serve".to_owned())],
        entropy: Arc::new(SystemEntropy),
    };
    let traces = Traces::start(options, tokio::runtime::Handle::current()).unwrap();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(traces.layer())).unwrap();

    let server = Server::new(&[]).await;
    let (tenant, key) = server.tenant().await;
    let stop = CancellationToken::new();
    let worker = server.wiring.delivery_worker(&server.config);
    let working = tokio::spawn({
        let stop = stop.clone();
        async move { worker.run(stop).await }
    });

    let who = json!({ "externalId": "CANARY-external" });
    let upsert = json!({ "externalId": "CANARY-external", "kind": "EXTERNAL", "displayName": "CANARY Name",
        "email": "canary.person@mail.example" });
    server.mutate(&key, "upsertUser", upsert, "created").await;
    let phone = json!({ "user": who, "number": "+14155550187" });
    let enrolled = server.mutate(&key, "enrollPhone", phone, "factor { id } challenge { id }").await;
    let first = code_of(&server, &key, &enrolled["challenge"]["id"]).await;
    let confirm = json!({ "factorId": enrolled["factor"]["id"], "code": first });
    server.mutate(&key, "confirmFactor", confirm, "factor { status }").await;
    let query = "mutation CanaryOperation($input: EvaluateLoginInput!) { evaluateLogin(input: $input) { login { id methods { id } } } }";
    let login =
        json!({ "user": who, "firstFactor": "PASSWORD", "ipAddress": "203.0.113.77", "userAgent": "CanaryAgent/7" });
    let (headers, evaluated) = server.ask(&key, query, &json!({ "input": login })).await;
    let trace = headers["x-trace-id"].to_str().unwrap().to_owned();
    let login = &evaluated["data"]["evaluateLogin"]["login"];
    assert!(login["id"].is_string(), "{evaluated}");
    let start = "mutation($input: StartChallengeInput!) { startChallenge(input: $input) { challenge { id } } }";
    let method = json!({ "loginId": login["id"], "methodId": login["methods"][0]["id"] });
    let (started_headers, started) = server.ask(&key, start, &json!({ "input": method })).await;
    assert!(started["data"]["startChallenge"]["challenge"]["id"].is_string(), "{started}");
    let sending = started_headers["x-trace-id"].to_str().unwrap().to_owned();
    assert!(headers.contains_key("x-request-id"));
    assert_ne!(trace, &STRANGE[3..35], "a stranger's traceparent is not believed");

    let spans = collector
        .wait_for("the message's attempt, where it was queued", |spans| {
            let queued = |name| spans.iter().any(|span| span.name == name && hexadecimal(&span.trace_id) == sending);
            queued("send SMS")
                && queued("process SMS")
                && queued("mutation startChallenge")
                && spans.iter().any(|span| span.name == "mutation evaluateLogin")
        })
        .await;
    let of_login: Vec<_> = spans.iter().filter(|span| hexadecimal(&span.trace_id) == trace).collect();
    let parent = |name: &str| {
        let span = of_login.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no {name}"));
        of_login.iter().find(|other| other.span_id == span.parent_span_id).map(|other| other.name.as_str())
    };
    assert_eq!(parent("POST /graphql"), None);
    assert_eq!(parent("mutation evaluateLogin"), Some("POST /graphql"));
    assert_eq!(parent("hot_load_batch"), Some("mutation evaluateLogin"));
    assert_eq!(parent("hot_record_login_batch"), Some("mutation evaluateLogin"));
    let of_sending =
        |name| spans.iter().find(|span| span.name == name && hexadecimal(&span.trace_id) == sending).unwrap();
    let (message, attempt) = (of_sending("process SMS"), of_sending("send SMS"));
    assert_eq!(
        message.parent_span_id,
        of_sending("mutation startChallenge").span_id,
        "from a slow login to its message"
    );
    assert_eq!(attempt.parent_span_id, message.span_id);
    assert_eq!((message.kind, attempt.kind), (5, 3), "consumer, client");
    assert_eq!(attribute(attempt, "peer.service"), "sandbox");
    assert_eq!(attribute(message, "postern.message.status"), "DELIVERED");

    stop.cancel();
    working.await.unwrap();
    tokio::task::spawn_blocking(move || traces.stop()).await.unwrap();
    let nobodys = ["CANARY", "Canary", "canary.person", "4155550187", "203.0.113.77", &first, &key, &tenant.to_text()];
    for canary in nobodys {
        assert!(!collector.has_bytes(canary), "{canary} was exported");
    }
    assert!(!collector.has_bytes(&tenant.0.simple().to_string()));
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
