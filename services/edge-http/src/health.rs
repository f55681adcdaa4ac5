//! Whether this process lives, and whether it should be sent requests.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use io_postgres::NoTenant;

use crate::gateway::Gateway;

/// `/healthz`: the process answers. Nothing else is asked: a database that is away is no reason to be killed.
pub(crate) async fn alive() -> &'static str {
    "alive\n"
}

/// `/readyz`: the database can be reached, and nobody has begun to stop this process.
pub(crate) async fn ready(State(gateway): State<Gateway>) -> Response {
    if !gateway.is_ready() {
        return not_yet("stopping\n");
    }
    match NoTenant::acquire(&gateway.platform().database).await {
        Ok(_connection) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(error = %error, "not ready");
            not_yet("the database cannot be reached\n")
        }
    }
}

fn not_yet(why: &'static str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, why).into_response()
}
