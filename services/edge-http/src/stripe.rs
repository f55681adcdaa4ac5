//! `/callbacks/stripe`: where Stripe reports. Its signature is its credential.

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use core_kernel::Fault;
use svc_billing::StripeEvents;
use tracing::Instrument as _;

use crate::body;
use crate::gateway::Gateway;
use crate::refusal::Refused;

/// A call comes from a machine.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest signature that is looked at.
const MAX_SIGNATURE: usize = 1024;

#[derive(Clone)]
struct Reports {
    gateway: Gateway,
    events: StripeEvents,
}

/// The route, to be given to [`crate::router`].
pub fn stripe_router(gateway: &Gateway, events: StripeEvents) -> Router {
    let reports = Reports { gateway: gateway.clone(), events };
    Router::new().route("/callbacks/stripe", post(note)).with_state(reports)
}

/// Answers once the hint is stored; what follows from it is read from Stripe later.
async fn note(State(reports): State<Reports>, request: Request) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let body = body::read(body, PATIENCE).await?;
    let signature = parts.headers.get("stripe-signature").and_then(|value| value.to_str().ok());
    let signature = signature.filter(|value| value.len() <= MAX_SIGNATURE).unwrap_or_default().to_owned();
    let place = reports.gateway.begin()?;
    // In a task of its own: what was begun is recorded, whether or not Stripe waits for it.
    let work = async move {
        let noted = reports.events.note(&signature, &body).await;
        drop(place);
        noted
    };
    match tokio::spawn(work.in_current_span()).await.map_err(Fault::internal)?? {
        true => Ok(StatusCode::OK.into_response()),
        false => Err(Refused::bad(StatusCode::FORBIDDEN, "The signature does not match this body, or is not of now.")),
    }
}
