//! The table of addresses says the truth: the router has these and no others, and what each needs is asked for.

#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod server;

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use core_access::{Proof, ROUTES};
use edge_http::{Explorer, Peer};
use server::Server;
use testkit::TestBed;
use tower::ServiceExt as _;

/// With everything on that is off by default.
const SETTINGS: [(&str, &str); 4] = [
    ("POSTERN_BENCH__ENABLED", "true"),
    ("POSTERN_STRIPE__SECRET_KEY", "sk_test_1"),
    ("POSTERN_STRIPE__WEBHOOK_SECRET", "whsec_1"),
    ("POSTERN_LIMITS__CLIENT_ADDRESS_BURST", "1000"),
];

async fn house() -> (TestBed, Router) {
    let Server { bed, config, wiring, .. } = Server::new(&SETTINGS).await;
    let explorer = Explorer { api_key: String::new(), external_id: String::new() };
    let router = wiring.router(&wiring.gateway(&config, Some(explorer)));
    (bed, router)
}

/// The addresses that a router has, as its own description has them: it offers no list.
fn paths(router: &Router) -> BTreeSet<String> {
    let described = format!("{router:?}");
    // What follows is where all other addresses lead.
    let own = described.split("fallback_router").next().unwrap_or_default();
    let quoted = own.split("RouteId(").filter_map(|part| part.split_once("): \"")?.1.split_once('"'));
    quoted.map(|(path, _)| path.to_owned()).collect()
}

/// The address with something in the place of what it names.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

async fn status(router: &Router, method: &Method, path: &str) -> StatusCode {
    let request = Request::builder().method(method).uri(filled(path)).header(header::CONTENT_TYPE, "application/json");
    let request = request.extension(Peer(([192, 0, 2, 1], 443).into())).body(Body::from("{}")).unwrap();
    router.clone().oneshot(request).await.unwrap().status()
}

/// What is answered to whoever brings nothing, by each method that there is.
async fn without_anything(router: &Router, path: &str) -> BTreeMap<String, u16> {
    let mut answers = BTreeMap::new();
    for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let status = status(router, &method, path).await;
        if status != StatusCode::METHOD_NOT_ALLOWED {
            answers.insert(method.to_string(), status.as_u16());
        }
    }
    answers
}

fn is_kept_out(proof: Proof, status: u16) -> bool {
    match proof {
        Proof::None => true,
        // A WebSocket shows its credential later; until then there is none.
        Proof::Credential => [400, 401, 415, 426].contains(&status),
        Proof::Session => status == 401,
        Proof::SignIn => [400, 401, 422].contains(&status),
        // The page that is shown with a secret that does not hold says so, and nothing else.
        Proof::Secret | Proof::Prompt => [400, 404, 410].contains(&status),
        Proof::Signature => [400, 401, 403, 404, 415].contains(&status),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_is_in_the_table_and_every_line_of_the_table_is_a_route() {
    let (_bed, router) = house().await;
    let there = paths(&router);
    let said: BTreeSet<String> = ROUTES.iter().map(|rule| rule.path.to_owned()).collect();
    let unsaid: Vec<_> = there.difference(&said).collect();
    assert!(unsaid.is_empty(), "core-access names no proof for the route {unsaid:?}");
    let gone: Vec<_> = said.difference(&there).collect();
    assert!(gone.is_empty(), "core-access speaks of {gone:?}, which the router does not have");
    assert_eq!(said.len(), ROUTES.len(), "an address is in the table twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_brings_nothing_is_kept_out_wherever_something_is_needed() {
    let (_bed, router) = house().await;
    let mut open = Vec::new();
    for rule in ROUTES {
        let answers = without_anything(&router, rule.path).await;
        assert!(!answers.is_empty(), "{} answers no method", rule.path);
        let let_in = answers.into_iter().filter(|(_, status)| !is_kept_out(rule.proof, *status));
        open.extend(let_in.map(|(method, status)| {
            format!("{method} {} needs {} and answered {status}", rule.path, rule.proof.as_str())
        }));
    }
    assert!(open.is_empty(), "{}", open.join("\n"));
}

#[test]
fn a_route_that_nobody_spoke_of_would_be_found() {
    let router = Router::new().route("/a/{b}", axum::routing::get(|| async {}));
    let merged = router.merge(Router::new().route("/c", axum::routing::post(|| async {})));
    assert_eq!(paths(&merged), BTreeSet::from(["/a/{b}".to_owned(), "/c".to_owned()]));
}
