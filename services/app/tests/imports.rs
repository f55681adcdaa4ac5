//! Files over HTTP: who may send one, what is refused before a byte of it is read, and what comes of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, StatusCode, header};
use core_access::{ApiScope, ScopeSet};
use core_kernel::TypedId as _;
use futures::StreamExt as _;
use serde_json::{Value, json};
use server::{Server, body_of, request};
use svc_directory::PartnerKeyInput;
use tokio_util::sync::CancellationToken;

const USERS: &str = "mutation ($input: ImportUsersInput!) { importUsers(input: $input) {
    job { id kind status dryRun fileName totalRows errors { line column message } } userErrors { code field } } }";
const TENANTS: &str = "mutation ($input: ImportTenantsInput!) { importTenants(input: $input) {
    job { id kind status } userErrors { code field } } }";
const JOB: &str = "query ($id: ID!) { node(id: $id) { ... on ImportJob {
    status processedRows createdRows unchangedRows failedRows errors(first: 5) { line column message } errorsUrl } } }";
const FILE: &str = "external_id,kind\na,EXTERNAL\nb,NOBODY\n";

impl Server {
    async fn partner_key(&self) -> String {
        let partner = self.wiring.directory.create_partner("Partner").await.unwrap();
        let key = PartnerKeyInput { name: "p".into(), scopes: ScopeSet::of(&ApiScope::ALL) };
        let key = self.wiring.directory.create_partner_api_key(partner, &key).await.unwrap();
        key.secret.expose().clone()
    }

    async fn answer(&self, request: Request<Body>) -> (StatusCode, Value) {
        let response = self.send(request).await;
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    async fn ask(&self, key: &str, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        body_of(self.send(request(key, &[], &body)).await).await
    }

    async fn work(&self) {
        self.wiring.import_worker(&self.config).round(&CancellationToken::new()).await.unwrap();
    }
}

fn part(name: &str, content: &str) -> String {
    format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"u.csv\"\r\n\r\n{content}\r\n")
}

/// The form as far as the file's first byte.
fn head(query: &str, input: Value) -> String {
    let operations = json!({ "query": query, "variables": { "input": input } }).to_string();
    part("operations", &operations) + &part("map", r#"{"0": ["variables.input.file"]}"#)
}

fn form(query: &str, input: Value, file: &str) -> String {
    head(query, input) + &part("0", file) + "--b--\r\n"
}

fn post(key: Option<&str>, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post("/graphql").header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    let request = match key {
        Some(key) => request.header(header::AUTHORIZATION, format!("Bearer {key}")),
        None => request,
    };
    request.body(body.into()).unwrap()
}

fn no_options() -> Value {
    json!({ "file": null })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_taken_worked_through_and_its_refused_rows_given_back() {
    let server = Server::new(&[]).await;
    let (_, key) = server.tenant_with(&[ApiScope::Users]).await;
    let (status, mut answer) = server.answer(post(Some(&key), form(USERS, no_options(), FILE))).await;
    let job = answer["data"]["importUsers"]["job"].take();
    assert_eq!((status, &answer["errors"]), (StatusCode::OK, &Value::Null), "{answer}");
    assert_eq!([&job["status"], &job["totalRows"], &job["fileName"]], [&json!("QUEUED"), &json!(2), &json!("u.csv")]);
    server.work().await;
    let mut done = server.ask(&key, JOB, json!({ "id": job["id"] })).await["data"]["node"].take();
    assert_eq!([&done["status"], &done["createdRows"]], [&json!("COMPLETED_WITH_ERRORS"), &json!(1)]);
    assert_eq!([&done["errors"][0]["line"], &done["errors"][0]["column"]], [&json!(3), &json!("kind")]);

    let url = done["errorsUrl"].take();
    let path = url.as_str().unwrap().strip_prefix("http://localhost:8080").unwrap().to_owned();
    let download = |path: String| server.send(Request::get(path).body(Body::empty()).unwrap());
    let response = download(path.clone()).await;
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    assert!(response.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/csv"));
    let text = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    assert_eq!(&text[..], b"line,error,external_id,kind\r\n3,kind: This must be INTERNAL or EXTERNAL.,b,NOBODY\r\n");
    let forged = path.replace("/refused.csv", "0/refused.csv");
    assert_eq!(download(forged).await.status(), StatusCode::NOT_FOUND);

    let imports = server.ask(&key, "{ tenant { imports(first: 5) { edges { node { kind } } } } }", json!({})).await;
    assert_eq!(imports["data"]["tenant"]["imports"]["edges"], json!([{ "node": { "kind": "USERS" } }]));
}

/// A body that counts how often it was asked for more.
fn watched(pieces: Vec<String>) -> (Body, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let pieces = futures::stream::iter(pieces).map(move |piece| {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok::<_, std::io::Error>(Bytes::from(piece))
    });
    (Body::from_stream(pieces), asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_is_told_before_anything_is_read() {
    let server = Server::new(&[]).await;
    let whole = || vec![form(USERS, no_options(), FILE)];
    let (body, asked) = watched(whole());
    assert_eq!(server.answer(post(None, body)).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(asked.load(Ordering::SeqCst), 0);

    let (body, asked) = watched(whole());
    let mut request = post(None, body);
    request.headers_mut().insert(header::COOKIE, "__Host-postern=session".parse().unwrap());
    let (status, answer) = server.answer(request).await;
    assert_eq!(
        (status, &answer["errors"][0]["extensions"]["reason"]),
        (StatusCode::FORBIDDEN, &json!("CSRF_HEADER_REQUIRED"))
    );
    assert_eq!(asked.load(Ordering::SeqCst), 0, "a form of another site is not even read");

    let (_, key) = server.tenant_with(&[ApiScope::Users]).await;
    let (body, asked) = watched(whole());
    let mut request = post(Some(&key), body);
    request.headers_mut().insert(header::CONTENT_LENGTH, "99999999999".parse().unwrap());
    assert_eq!(server.answer(request).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_without_the_scope_sends_nothing() {
    let server = Server::new(&[]).await;
    for scopes in [&[ApiScope::Read, ApiScope::Login][..], &[ApiScope::Support], &[ApiScope::Policy]] {
        let (tenant, key) = server.tenant_with(scopes).await;
        let (_, answer) = server.answer(post(Some(&key), form(USERS, no_options(), FILE))).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], json!("FORBIDDEN"), "{answer}");
        let left: i64 = {
            let mut tx = io_postgres::TenantTx::begin(&server.bed.platform.database, tenant).await.unwrap();
            sqlx::query_scalar("select count(*) from import_job").fetch_one(tx.connection()).await.unwrap()
        };
        assert_eq!(left, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_another_is_told_what_it_should_be() {
    let server = Server::new(&[]).await;
    let (_, key) = server.tenant_with(&[ApiScope::Users]).await;
    let operations =
        |query: &str| part("operations", &json!({"query": query, "variables": {"input": {"file": null}}}).to_string());
    let map = part("map", r#"{"0": ["variables.input.file"]}"#);
    let file = part("0", FILE);
    for (what, body) in [
        ("no form", "nothing".to_owned()),
        ("another order", format!("{map}{}{file}--b--", operations(USERS))),
        ("no map", format!("{}{file}--b--", operations(USERS))),
        ("no file", format!("{}{map}--b--", operations(USERS))),
        ("another file", format!("{}{map}{}--b--", operations(USERS), part("1", FILE))),
        ("a query", format!("{}{map}{file}--b--", operations("{ tenant { id } }"))),
        ("no JSON", format!("{}{map}{file}--b--", part("operations", "{"))),
        (
            "two files",
            format!("{}{}{file}--b--", operations(USERS), part("map", r#"{"0": ["variables.input.file"], "1": []}"#)),
        ),
        ("too long", format!("{}{map}{file}--b--", part("operations", &"x".repeat(300_000)))),
    ] {
        let (status, answer) = server.answer(post(Some(&key), body)).await;
        assert!(status.is_client_error(), "{what}: {status} {answer}");
        assert!(answer["errors"][0]["message"].is_string(), "{what}: {answer}");
    }
    // A request in JSON has no file, whatever it says of one.
    let claimed = json!({ "input": { "file": graphql::UPLOAD_VARIABLE } });
    let answer = server.ask(&key, USERS, claimed).await;
    assert_eq!(answer["data"]["importUsers"]["userErrors"], json!([{ "code": "INVALID", "field": ["file"] }]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_too_long_or_breaks_off_leaves_nothing() {
    let server = Server::new(&[("POSTERN_IMPORTS__MAX_MIB", "1")]).await;
    let (tenant, key) = server.tenant_with(&[ApiScope::Users]).await;
    let long = format!("external_id,kind\n{}", "a,EXTERNAL\n".repeat(120_000));
    let (_, answer) = server.answer(post(Some(&key), form(USERS, no_options(), &long))).await;
    assert_eq!(answer["data"]["importUsers"]["userErrors"][0]["code"], json!("INVALID"), "{answer}");
    let cut =
        head(USERS, no_options()) + "--b\r\nContent-Disposition: form-data; name=\"0\"\r\n\r\nexternal_id,kind\na,";
    let (_, answer) = server.answer(post(Some(&key), cut)).await;
    assert_eq!(answer["data"]["importUsers"]["userErrors"][0]["code"], json!("INVALID"), "{answer}");
    let mut tx = io_postgres::TenantTx::begin(&server.bed.platform.database, tenant).await.unwrap();
    let left: i64 = sqlx::query_scalar("select count(*) from import_job").fetch_one(tx.connection()).await.unwrap();
    assert_eq!(left, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn partners_send_tenants_and_know_of_no_other_imports() {
    let server = Server::new(&[]).await;
    let (partner, other) = (server.partner_key().await, server.partner_key().await);
    let file = "slug,name,owner_email\nacme,Acme,ann@acme.example\n";
    let (_, answer) = server.answer(post(Some(&partner), form(TENANTS, no_options(), file))).await;
    let id = answer["data"]["importTenants"]["job"]["id"].clone();
    assert!(id.is_string(), "{answer}");
    let (_, refused) = server.answer(post(Some(&partner), form(USERS, no_options(), FILE))).await;
    assert_eq!(refused["errors"][0]["extensions"]["reason"], json!("TENANT_REQUIRED"));
    let (_, tenants_key) = server.tenant_with(&[ApiScope::Users, ApiScope::Read]).await;

    let cancel =
        "mutation ($id: ID!) { cancelImport(input: { id: $id }) { job { status } userErrors { code field } } }";
    for stranger in [&other, &tenants_key] {
        assert_eq!(server.ask(stranger, JOB, json!({ "id": id })).await["data"]["node"], Value::Null);
        let answer = server.ask(stranger, cancel, json!({ "id": id })).await;
        assert_eq!(answer["data"]["cancelImport"]["userErrors"], json!([{ "code": "NOT_FOUND", "field": ["id"] }]));
    }
    server.work().await;
    let done = server.ask(&partner, JOB, json!({ "id": id })).await;
    assert_eq!(done["data"]["node"]["createdRows"], json!(1), "{done}");
    let listed = server
        .ask(
            &partner,
            "{ partner { imports { edges { node { id } } } tenants { edges { node { slug } } } } }",
            json!({}),
        )
        .await;
    assert_eq!(listed["data"]["partner"]["imports"]["edges"][0]["node"]["id"], id);
    assert_eq!(listed["data"]["partner"]["tenants"]["edges"], json!([{ "node": { "slug": "acme" } }]));
    assert!(id.as_str().unwrap().starts_with(core_kernel::ImportId::PREFIX));
}
