//! The spans there are: request → operation → step or transaction; message → attempt; webhook.
//!
//! Each is made by a function that takes what it may say. They are spans of `tracing`, of a target that
//! the log does not show; whoever waits within one says `.instrument(span)`.

use std::fmt;

use opentelemetry::trace::TraceContextExt as _;
use tracing::{Level, Span, field, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::parent::Parent;

/// The target of all of them but the request's; the log leaves it out.
pub const TARGET: &str = "postern_trace";
/// That of the request's, which the log shows.
pub(crate) const REQUEST_TARGET: &str = "postern_request";

/// Whether anybody collects.
#[must_use]
pub fn is_collected() -> bool {
    tracing::enabled!(target: TARGET, Level::INFO)
}

/// A request to the gateway. The log shows its name, and that of its trace, with whatever is said within;
/// all else is there only where somebody collects. The route, and never the path: that can hold a link's
/// token.
#[must_use]
pub fn request(request_id: &str, method: &str, route: &str, parent: Option<Parent>) -> Span {
    let span = info_span!(
        target: REQUEST_TARGET,
        "request",
        request_id,
        trace_id = field::Empty,
        otel.name = field::Empty,
        otel.kind = field::Empty,
        otel.status_code = field::Empty,
        http.request.method = field::Empty,
        http.route = field::Empty,
        http.response.status_code = field::Empty,
    );
    if is_collected() {
        describe(&span, method, route, parent);
    }
    span
}

/// In this order: who asks for a span's trace begins it, and what is begun keeps its parent and kind.
fn describe(span: &Span, method: &str, route: &str, parent: Option<Parent>) {
    if let Some(parent) = parent {
        let _begun = span.set_parent(parent.context());
    }
    span.record("otel.name", field::display(format_args!("{method} {route}")));
    span.record("otel.kind", "server");
    span.record("http.request.method", method);
    span.record("http.route", route);
    if let Some(trace) = trace_of(span) {
        span.record("trace_id", trace.id);
    }
}

/// What a request, or a webhook, was answered with.
pub fn answered(span: &Span, status: u16) {
    if is_collected() {
        span.record("http.response.status_code", status);
        if status >= 500 {
            failed(span);
        }
    }
}

/// One GraphQL operation. What the document calls it is the client's text; its root field is the schema's.
#[must_use]
pub fn operation(kind: &'static str, root_field: &str) -> Span {
    info_span!(
        target: TARGET,
        "operation",
        otel.name = %format_args!("{kind} {root_field}"),
        otel.kind = "internal",
        otel.status_code = field::Empty,
        "graphql.operation.type" = kind,
        postern.graphql.root_field = root_field,
    )
}

/// A step of the login path: one round trip, together with whatever else is waiting.
#[must_use]
pub fn step(function: &'static str) -> Span {
    info_span!(
        target: TARGET,
        "step",
        otel.name = function,
        otel.kind = "client",
        otel.status_code = field::Empty,
        db.system.name = "postgresql",
        db.operation.name = "SELECT",
        db.stored_procedure.name = function,
    )
}

/// A transaction of a tenant's or partner's, from its begin to its end.
#[must_use]
pub fn transaction() -> Span {
    info_span!(
        target: TARGET,
        "transaction",
        otel.kind = "client",
        otel.status_code = field::Empty,
        db.system.name = "postgresql",
        db.operation.name = "BEGIN",
    )
}

/// The span within which this is asked, where its trace is kept: for what goes on elsewhere because of it.
#[must_use]
pub fn origin() -> Option<Parent> {
    let span = Span::current();
    if span.is_disabled() || !is_collected() {
        return None;
    }
    Parent::kept(span.context().span().span_context())
}

/// A message that a worker took in hand; of the trace in which it was queued, if that is kept.
#[must_use]
pub fn message(channel: &'static str, template: &str, attempt: i16, origin: Option<Parent>) -> Span {
    let span = info_span!(
        target: TARGET,
        "message",
        otel.name = %format_args!("process {channel}"),
        otel.kind = "consumer",
        otel.status_code = field::Empty,
        messaging.system = "postern",
        "messaging.operation.type" = "process",
        messaging.destination.name = channel,
        postern.message.template = template,
        postern.message.attempt = attempt,
        postern.message.status = field::Empty,
    );
    if let Some(origin) = origin {
        // A span that nobody collects takes none.
        let _begun = span.set_parent(origin.context());
    }
    span
}

/// What became of the message.
pub fn became(span: &Span, status: &'static str) {
    span.record("postern.message.status", status);
    if status == "FAILED" {
        failed(span);
    }
}

/// One request to a provider. Where it went, and what it said, is not told.
#[must_use]
pub fn attempt(provider: &'static str, channel: &'static str) -> Span {
    info_span!(
        target: TARGET,
        "attempt",
        otel.name = %format_args!("send {channel}"),
        otel.kind = "client",
        otel.status_code = field::Empty,
        peer.service = provider,
        "messaging.operation.type" = "send",
        messaging.destination.name = channel,
        postern.provider.result = field::Empty,
    )
}

/// What the provider made of it.
pub fn settled(span: &Span, result: &'static str, bad: bool) {
    span.record("postern.provider.result", result);
    if bad {
        failed(span);
    }
}

/// One delivery to a webhook. Its address is the tenant's secret.
#[must_use]
pub fn webhook() -> Span {
    info_span!(
        target: TARGET,
        "webhook",
        otel.name = "POST webhook",
        otel.kind = "client",
        otel.status_code = field::Empty,
        http.request.method = "POST",
        http.response.status_code = field::Empty,
    )
}

/// It did not go well.
pub fn failed(span: &Span) {
    span.record("otel.status_code", "ERROR");
}

/// The trace that a span belongs to, and whether it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceName {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Whether it goes to the collector.
    pub is_kept: bool,
}

impl fmt::Display for TraceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)
    }
}

/// None where nobody collects.
#[must_use]
pub fn trace_of(span: &Span) -> Option<TraceName> {
    if span.is_disabled() || !is_collected() {
        return None;
    }
    let context = span.context();
    let span = context.span();
    let known = span.span_context();
    known.is_valid().then(|| TraceName { id: known.trace_id().to_string(), is_kept: known.is_sampled() })
}
