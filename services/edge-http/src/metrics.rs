//! `/metrics`, on a listener of its own: what is told there is the operator's, and no route of the
//! gateway's leads to it.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use io_meters::{Exposition, Meters};

/// The routes of that listener.
pub fn metrics_router(meters: Meters) -> Router {
    Router::new().route("/metrics", get(expose)).with_state(meters)
}

async fn expose(State(meters): State<Meters>, headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let exposition = Exposition::accepted(accept);
    match meters.expose(exposition) {
        Ok(told) => ([(header::CONTENT_TYPE, exposition.content_type())], told).into_response(),
        Err(error) => {
            tracing::error!(error = %error, "metrics cannot be told");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
