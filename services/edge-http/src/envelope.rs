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
use tracing::Instrument as _;

use crate::gateway::Gateway;
use crate::request_id;

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
    pub fn check(self, limits: &Limits) -> Result<(), Fault> {
        self.0.map_or(Ok(()), |address| limits.check(limit::CLIENT_ADDRESS, ClientNetwork::from(address)))
    }
}

/// The peer of the connection, as the server put it there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub SocketAddr);

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

    let span = tracing::info_span!("request", request_id = %id);
    let mut response = next.run(request).instrument(span.clone()).await;
    add_headers(response.headers_mut(), &id);
    span.in_scope(|| log(&method, route.as_ref().map(MatchedPath::as_str), response.status(), begun));
    response
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
fn log(method: &Method, route: Option<&str>, status: StatusCode, begun: Instant) {
    let route = route.unwrap_or("(unknown)");
    let elapsed_ms = begun.elapsed().as_secs_f64() * 1000.0;
    let status = status.as_u16();
    match status {
        500.. => tracing::warn!(%method, route, status, elapsed_ms, "answered"),
        400.. => tracing::info!(%method, route, status, elapsed_ms, "refused"),
        _ => tracing::debug!(%method, route, status, elapsed_ms, "answered"),
    }
}
