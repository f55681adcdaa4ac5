//! The published keys, by which integrators verify assertions without asking us.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::gateway::Gateway;

/// Shorter than the quarter of an hour for which a new key is published before it signs.
const CACHEABLE: HeaderValue = HeaderValue::from_static("public, max-age=300");
/// Anybody may read public keys, a page of another origin included.
const FROM_ANYWHERE: (HeaderName, HeaderValue) =
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));

/// `/.well-known/jwks.json` (RFC 7517).
pub(crate) async fn published(State(gateway): State<Gateway>) -> Response {
    let headers = [(header::CACHE_CONTROL, CACHEABLE), FROM_ANYWHERE];
    (headers, Json(gateway.platform().keys.jwks(gateway.platform().now()))).into_response()
}
