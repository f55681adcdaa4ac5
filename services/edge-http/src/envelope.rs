//! What every request and every answer has: an identifier, the client's address, security headers,
//! and one line in the log.
//!
//! Logged are the route (never the path: it can hold a link's token), status and time, and of the
//! caller what identifies the credential; neither bodies nor headers.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use core_kernel::Fault;
use io_limits::{ClientNetwork, Limits, limit};
use io_traces::{Parent, TRACEPARENT, spans};
use tracing::{Instrument as _, Span};

use crate::gateway::Gateway;
use crate::request_id;

/// The trace's name in an answer.
const TRACE_ID: &str = "x-trace-id";

/// The request's name, in the logs and in the answer's `X-Request-Id`.
#[derive(Debug, Clone)]
pub struct RequestId(pub Arc<str>);

/// The client's address: the peer's, or what our own proxies say.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub Option<IpAddr>);

impl ClientAddress {
    /// Counts one request for a page against the rate of its network.
    ///
    /// # Errors
    /// RATE_LIMITED past it.
    pub async fn check(self, limits: &Limits) -> Result<(), Fault> {
        let Some(address) = self.0 else { return Ok(()) };
        limits.check(limit::CLIENT_ADDRESS, ClientNetwork::from(address)).await
    }
}

/// The peer of the connection, as the server put it there.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// SECURITY.md §1; a page sets its own content policy, with a nonce.
const HEADERS: [(&str, &str); 8] = [
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
];

/// Wraps a request.
pub(crate) async fn wrap(State(gateway): State<Gateway>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = request_id::of(request.headers(), &*gateway.platform().entropy);
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    let address = peer.map(|peer| client_address(peer, request.headers(), gateway.options().trusted_hops));
    request.extensions_mut().insert(RequestId(id.clone()));
    request.extensions_mut().insert(ClientAddress(address));
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();

    let at_work = gateway.traffic().begin();
    let span = spans::request(&id, method.as_str(), route_of(route.as_ref()), parent(&gateway, request.headers()));
    let mut response = next.run(request).instrument(span.clone()).await;
    drop(at_work);
    gateway.traffic().answered(&method, route.as_ref().map(MatchedPath::as_str), response.status(), begun.elapsed());
    add_headers(response.headers_mut(), &id);
    name_trace(&span, &mut response);
    if !gateway.is_ready() && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        // The process is going: whoever holds this connection makes the next one elsewhere.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    span.in_scope(|| log(&method, route_of(route.as_ref()), response.status(), begun));
    response
}

/// The router's pattern.
fn route_of(route: Option<&MatchedPath>) -> &str {
    route.map_or("(unknown)", MatchedPath::as_str)
}

/// A stranger decides neither which traces are kept nor which they belong to.
fn parent(gateway: &Gateway, headers: &HeaderMap) -> Option<Parent> {
    let trusted = headers.get(TRACEPARENT).filter(|_| gateway.options().trusts_traceparent)?;
    Parent::read(trusted.to_str().ok()?)
}

/// Tells whoever reports something slow in which trace it is found, where traces are collected.
fn name_trace(span: &Span, response: &mut Response) {
    spans::answered(span, response.status().as_u16());
    if let Some(Ok(name)) = spans::trace_of(span).map(|trace| HeaderValue::from_str(&trace.id)) {
        response.headers_mut().insert(TRACE_ID, name);
    }
}

fn client_address(peer: IpAddr, headers: &HeaderMap, trusted_hops: usize) -> IpAddr {
    let values: Vec<&[u8]> = headers.get_all("x-forwarded-for").iter().map(HeaderValue::as_bytes).collect();
    io_limits::client_address(peer, values, trusted_hops)
}

fn add_headers(headers: &mut HeaderMap, id: &str) {
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(request_id::HEADER, value);
    }
    headers.entry(header::VARY).or_insert(HeaderValue::from_static("accept"));
}

/// What went well is logged for whoever asks (`debug`): at thousands a second it would be the log's cost
/// and nobody's reading.
fn log(method: &Method, route: &str, status: StatusCode, begun: Instant) {
    let elapsed_ms = begun.elapsed().as_secs_f64() * 1000.0;
    let status = status.as_u16();
    match status {
        500.. => tracing::warn!(%method, route, status, elapsed_ms, "answered"),
        400.. => tracing::info!(%method, route, status, elapsed_ms, "refused"),
        _ => tracing::debug!(%method, route, status, elapsed_ms, "answered"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(headers: &[(&'static str, &'static str)], hops: usize) -> String {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
        client_address("192.0.2.7".parse().unwrap(), &headers.collect(), hops).to_string()
    }

    /// Each proxy in the world has a header of its own; ours write one, and a client may write all the others.
    #[test]
    fn no_other_header_says_where_a_request_came_from() {
        for name in [
            "forwarded",
            "x-real-ip",
            "x-client-ip",
            "true-client-ip",
            "cf-connecting-ip",
            "fastly-client-ip",
            "x-cluster-client-ip",
            "x-originating-ip",
            "x-forwarded",
            "forwarded-for",
        ] {
            for value in ["203.0.113.9", "for=203.0.113.9;proto=https"] {
                assert_eq!(seen(&[(name, value)], 1), "192.0.2.7", "{name}: {value}");
            }
        }
    }

    #[test]
    fn our_own_proxies_say_it_and_nobody_before_them() {
        assert_eq!(seen(&[("x-forwarded-for", "6.6.6.6, 203.0.113.9")], 1), "203.0.113.9");
        assert_eq!(seen(&[("x-forwarded-for", "6.6.6.6"), ("X-Forwarded-For", "203.0.113.9")], 1), "203.0.113.9");
        assert_eq!(seen(&[("x-forwarded-for", "203.0.113.9")], 0), "192.0.2.7");
        assert_eq!(seen(&[("x-forwarded-for", "203.0.113.9, fe80::1%eth0")], 2), "192.0.2.7");
    }
}
