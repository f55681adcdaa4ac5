//! Spans on their way to a collector that takes them, refuses them, hangs, or is not there.
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use core_kernel::{Redacted, SystemEntropy};
use io_traces::{Parent, TraceOptions, Traces, spans};
use testkit::{Behaviour, CollectorStandIn, attribute};
use tokio::runtime::Handle;
use tracing::Instrument as _;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::SubscriberExt as _;

fn start(endpoint: String, sample_per_thousand: u16) -> (Traces, DefaultGuard) {
    let options = TraceOptions {
        endpoint,
        authorization: Some(Redacted::new("Bearer for-the-collector".to_owned())),
        sample_per_thousand,
        service: vec![("service.name", "postern-serve".to_owned())],
        entropy: Arc::new(SystemEntropy),
    };
    let traces = Traces::start(options, Handle::current()).unwrap();
    let subscriber = tracing_subscriber::registry().with(traces.layer());
    let guard = tracing::subscriber::set_default(subscriber);
    (traces, guard)
}

/// The runtime must go on while the last spans are sent.
async fn stop(traces: Traces) {
    tokio::task::spawn_blocking(move || traces.stop()).await.unwrap();
}

fn parent(sampled: bool) -> Option<Parent> {
    let flags = if sampled { "01" } else { "00" };
    Parent::read(&format!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_a_tree_of_spans_with_the_names_that_everybody_uses() {
    let collector = CollectorStandIn::start(Behaviour::Takes).await;
    let (traces, _guard) = start(collector.url(), 1_000);
    let request = spans::request("request-1", "POST", "/graphql", None);
    let operation = request.in_scope(|| spans::operation("mutation", "evaluateLogin"));
    let step = operation.in_scope(|| spans::step("hot_load_batch"));
    let name = spans::trace_of(&step).unwrap();
    assert!(name.is_kept && name.id.len() == 32);
    spans::answered(&request, 503);
    drop((step, operation, request));
    stop(traces).await;

    let spans = collector.wait_for("three spans", |spans| spans.len() == 3).await;
    let named = |name: &str| spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no {name}"));
    let (request, operation, step) = (named("POST /graphql"), named("mutation evaluateLogin"), named("hot_load_batch"));
    assert_eq!((&operation.parent_span_id, &step.parent_span_id), (&request.span_id, &operation.span_id));
    assert!(request.parent_span_id.is_empty());
    assert_eq!((request.kind, operation.kind, step.kind), (2, 1, 3), "server, internal, client");
    assert_eq!(attribute(request, "http.route"), "/graphql");
    assert_eq!(attribute(request, "http.request.method"), "POST");
    assert_eq!(attribute(request, "http.response.status_code"), "503");
    assert_eq!(request.status.as_ref().map(|status| status.code), Some(2), "an error");
    assert_eq!(attribute(operation, "graphql.operation.type"), "mutation");
    assert_eq!(attribute(step, "db.system.name"), "postgresql");
    assert_eq!(collector.services(), ["postern-serve"]);
    assert_eq!(collector.authorization().as_deref(), Some("Bearer for-the-collector"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callers_trace_goes_on_and_its_decision_holds() {
    let collector = CollectorStandIn::start(Behaviour::Takes).await;
    let (traces, _guard) = start(collector.url(), 1);
    let kept = spans::request("request-1", "POST", "/graphql", parent(true));
    let left_out = spans::request("request-2", "GET", "/graphql", parent(false));
    assert_eq!(spans::trace_of(&kept).unwrap().id, "0af7651916cd43dd8448eb211c80319c");
    assert!(!spans::trace_of(&left_out).unwrap().is_kept);
    drop((kept, left_out));
    stop(traces).await;
    let spans = collector.wait_for("the span that is kept", |spans| !spans.is_empty()).await;
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0].parent_span_id, 0xb7ad_6b71_6920_3331_u64.to_be_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_goes_on_in_the_trace_in_which_it_was_queued() {
    let collector = CollectorStandIn::start(Behaviour::Takes).await;
    // Of those that begin here next to none is kept; this one because a caller says so.
    let (traces, _guard) = start(collector.url(), 0);
    let request = spans::request("request-1", "POST", "/graphql", parent(true));
    let operation = request.in_scope(|| spans::operation("mutation", "startChallenge"));
    let stored = operation.in_scope(spans::origin).unwrap().to_bytes();
    drop((operation, request));
    let left_out = spans::request("request-2", "POST", "/graphql", None);
    assert_eq!(left_out.in_scope(spans::origin), None, "what is not kept is stored nowhere");
    assert_eq!(spans::origin(), None, "nor is anything where there is no span");

    let message = spans::message("SMS", "code", 1, Parent::from_bytes(&stored));
    drop(message.in_scope(|| spans::attempt("twilio", "SMS")));
    drop((message, left_out, spans::message("SMS", "code", 1, None)));
    stop(traces).await;
    let spans = collector.wait_for("what is kept", |spans| spans.len() >= 4).await;
    let named = |name: &str| spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no {name}"));
    let (operation, message, attempt) = (named("mutation startChallenge"), named("process SMS"), named("send SMS"));
    assert_eq!(spans.len(), 4, "a message by itself is not kept");
    assert_eq!((&message.trace_id, &message.parent_span_id), (&operation.trace_id, &operation.span_id));
    assert_eq!((&attempt.trace_id, &attempt.parent_span_id), (&message.trace_id, &message.span_id));
    assert_eq!(message.kind, 5, "a consumer");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_traces_about_the_configured_share_is_kept() {
    let collector = CollectorStandIn::start(Behaviour::Takes).await;
    let (traces, _guard) = start(collector.url(), 250);
    let kept = (0..2_000)
        .filter(|number| {
            let span = spans::request(&format!("request-{number}"), "GET", "/", None);
            spans::trace_of(&span).unwrap().is_kept
        })
        .count();
    stop(traces).await;
    // Six standard deviations: 500 ± 116.
    assert!((384..=616).contains(&kept), "{kept}");
    let sent = collector.wait_for("those", |spans| spans.len() >= kept).await;
    assert_eq!(sent.len(), kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_logged_within_a_span_does_not_go_with_it() {
    let collector = CollectorStandIn::start(Behaviour::Takes).await;
    let (traces, _guard) = start(collector.url(), 1_000);
    async {
        tracing::error!(code = "CANARY-123456", "a secret that somebody logged");
        let _other = tracing::info_span!("elsewhere", phone = "CANARY-123456").entered();
    }
    .instrument(spans::webhook())
    .await;
    stop(traces).await;
    let spans = collector.wait_for("a span", |spans| !spans.is_empty()).await;
    assert_eq!(spans.len(), 1);
    assert!(!collector.has_bytes("CANARY-123456"));
}

/// However the collector behaves, whoever makes spans is done at once, and what is lost is counted.
async fn makes_spans_against(endpoint: String) -> u64 {
    let (traces, guard) = start(endpoint, 1_000);
    let begun = Instant::now();
    for number in 0..10_000 {
        drop(spans::request(&format!("request-{number}"), "GET", "/", None));
    }
    let took = begun.elapsed();
    let counts = traces.counts();
    drop(guard);
    let told = tokio::time::timeout(Duration::from_secs(20), async {
        while counts.failed() == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    told.await.expect("what was not taken is counted");
    // Whoever waited for one that hangs would do so for five seconds at each of twenty batches.
    assert!(took < Duration::from_secs(30), "{took:?}");
    assert_eq!(counts.exported(), 0);
    stop(traces).await;
    counts.failed()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_hangs_keeps_nobody_waiting() {
    let collector = CollectorStandIn::start(Behaviour::Hangs).await;
    assert!(makes_spans_against(collector.url()).await > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_not_there_keeps_nobody_waiting() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert!(makes_spans_against(format!("http://{gone}")).await > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_refuses_keeps_nobody_waiting() {
    let collector = CollectorStandIn::start(Behaviour::Refuses).await;
    assert!(makes_spans_against(collector.url()).await > 0);
}

#[tokio::test]
async fn without_a_collector_there_is_no_span() {
    let subscriber = tracing_subscriber::registry().with(tracing_subscriber::filter::LevelFilter::OFF);
    let _guard = tracing::subscriber::set_default(subscriber);
    let span = spans::request("request-1", "POST", "/graphql", parent(true));
    assert_eq!(spans::trace_of(&span), None);
    assert!(spans::step("hot_load_batch").is_disabled());
}
