//! `/callbacks`: where providers of messages report. They have no key of ours: their signature is their
//! credential, and whatever is not theirs is told 403 and nothing else.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use core_kernel::Fault;
use svc_delivery::{CallStep, Callbacks, InboundText, SignedCallback, Verified};
use tracing::Instrument as _;

use crate::body;
use crate::gateway::Gateway;
use crate::refusal::Refused;

/// A callback is small, and comes from a machine.
const PATIENCE: Duration = Duration::from_secs(5);
const TWIML: &str = "text/xml; charset=utf-8";
/// The longest value of a signature's header.
const MAX_HEADER: usize = 1024;

#[derive(Clone)]
struct Reports {
    gateway: Gateway,
    callbacks: Callbacks,
}

/// A message and the ticket of an attempt at it.
type Named = Path<(String, String)>;

/// The routes of `/callbacks`, to be given to [`crate::router`].
pub fn callbacks_router(gateway: &Gateway, callbacks: Callbacks) -> Router {
    Router::new()
        .route("/callbacks/twilio/{message}/{ticket}", post(twilio_status))
        .route("/callbacks/twilio/{message}/{ticket}/voice", post(picked_up))
        .route("/callbacks/twilio/{message}/{ticket}/voice/key", post(key_pressed))
        .route("/callbacks/twilio/inbound", post(to_the_installation))
        .route("/callbacks/twilio/inbound/{tenant}", post(to_a_tenant))
        .route("/callbacks/http/{message}/{ticket}", post(gateway_status))
        .with_state(Reports { gateway: gateway.clone(), callbacks })
}

async fn twilio_status(State(reports): State<Reports>, named: Named, request: Request) -> Result<Response, Refused> {
    let callback = signed(named, "", request).await?;
    let callbacks = reports.callbacks.clone();
    let noted = reports.to_its_end(async move { callbacks.twilio_status(&callback).await }).await?;
    noted_or_not(noted)
}

async fn picked_up(State(reports): State<Reports>, named: Named, request: Request) -> Result<Response, Refused> {
    call(reports, CallStep::PickedUp, named, request).await
}

async fn key_pressed(State(reports): State<Reports>, named: Named, request: Request) -> Result<Response, Refused> {
    call(reports, CallStep::KeyPressed, named, request).await
}

async fn call(reports: Reports, step: CallStep, named: Named, request: Request) -> Result<Response, Refused> {
    let callback = signed(named, step.path(), request).await?;
    let callbacks = reports.callbacks.clone();
    match reports.to_its_end(async move { callbacks.twilio_call(step, &callback).await }).await? {
        Verified::Yes(twiml) => Ok(([(header::CONTENT_TYPE, TWIML)], twiml).into_response()),
        Verified::No => Err(not_theirs()),
    }
}

async fn to_the_installation(State(reports): State<Reports>, request: Request) -> Result<Response, Refused> {
    inbound(reports, None, request).await
}

async fn to_a_tenant(
    State(reports): State<Reports>,
    Path(tenant): Path<String>,
    request: Request,
) -> Result<Response, Refused> {
    inbound(reports, Some(tenant), request).await
}

async fn inbound(reports: Reports, tenant: Option<String>, request: Request) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let signature = text(&parts.headers, "x-twilio-signature").to_owned();
    let inbound = InboundText { tenant, signature, params: form(body).await? };
    let callbacks = reports.callbacks.clone();
    match reports.to_its_end(async move { callbacks.twilio_inbound(&inbound).await }).await? {
        // Nothing is to be answered: Twilio has said what is to be said of STOP and START.
        Verified::Yes(()) => Ok(([(header::CONTENT_TYPE, TWIML)], "<Response/>").into_response()),
        Verified::No => Err(not_theirs()),
    }
}

async fn gateway_status(
    State(reports): State<Reports>,
    Path((message, ticket)): Named,
    request: Request,
) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let body = body::read(body, PATIENCE).await?;
    let callbacks = reports.callbacks.clone();
    let work = async move {
        let text = |name| text(&parts.headers, name);
        let (id, timestamp, signature) = (text("webhook-id"), text("webhook-timestamp"), text("webhook-signature"));
        let headers = svc_delivery::WebhookHeaders { id, timestamp, signature };
        callbacks.gateway_status(&message, &ticket, headers, &body).await
    };
    noted_or_not(reports.to_its_end(work).await?)
}

impl Reports {
    /// In a task of its own: what was begun is recorded, whether or not the provider waits for it.
    async fn to_its_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Fault>> + Send + 'static,
    ) -> Result<T, Refused> {
        let place = self.gateway.begin()?;
        let task = tokio::spawn(
            async move {
                let done = work.await;
                drop(place);
                done
            }
            .in_current_span(),
        );
        Ok(task.await.map_err(Fault::internal)??)
    }
}

async fn signed(
    Path((message, ticket)): Named,
    rest: &'static str,
    request: Request,
) -> Result<SignedCallback, Refused> {
    let (parts, body) = request.into_parts();
    let signature = text(&parts.headers, "x-twilio-signature").to_owned();
    Ok(SignedCallback { message, ticket, rest, signature, params: form(body).await? })
}

async fn form(body: Body) -> Result<Vec<(String, String)>, Refused> {
    let body = body::read(body, PATIENCE).await?;
    Ok(url::form_urlencoded::parse(&body).into_owned().collect())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.filter(|value| value.len() <= MAX_HEADER).unwrap_or_default()
}

fn noted_or_not(verified: Verified<()>) -> Result<Response, Refused> {
    match verified {
        Verified::Yes(()) => Ok(StatusCode::OK.into_response()),
        Verified::No => Err(not_theirs()),
    }
}

fn not_theirs() -> Refused {
    Refused::bad(StatusCode::FORBIDDEN, "The signature does not match this address and body.")
}
