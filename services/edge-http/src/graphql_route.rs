//! `POST /graphql`. async-graphql's own handler runs mutations sent by GET, answers 200 to everything
//! and puts `data: null` beside request errors; this one does as GraphQL over HTTP says.

use std::time::Duration;

use async_graphql::Response as Executed;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use core_kernel::Fault;
use graphql::{Authority, Prepared, Rejection, RequestInfo};
use tokio::sync::OwnedSemaphorePermit;

use crate::admission::{address, complexity_of, finish, key_of, recognise, spend, tenant_of};
use crate::body;
use crate::credentials::Presented;
use crate::envelope::RequestId;
use crate::gateway::Gateway;
use crate::media::{Media, is_json, wants_events};
use crate::refusal::Refused;
use crate::shedding::Turn;
use crate::subscriptions::sse;
use crate::upload;

/// The longest `User-Agent` that is passed on.
const MAX_USER_AGENT: usize = 512;

/// Answers one request.
pub(crate) async fn post(State(gateway): State<Gateway>, request: Request) -> Response {
    let media = Media::accepted(request.headers());
    if wants_events(request.headers()) {
        return sse::post(&gateway, request).await.unwrap_or_else(|refused| refused.respond(Media::GraphqlResponse));
    }
    let answered = match upload::boundary(request.headers()) {
        Some(boundary) => Box::pin(upload::answer(&gateway, request, &boundary, media)).await,
        None => answer(&gateway, request, media).await,
    };
    match answered {
        Ok(executed) => respond(&executed, media),
        Err(refused) => refused.respond(media),
    }
}

async fn answer(gateway: &Gateway, request: Request, media: Media) -> Result<Executed, Refused> {
    let place = gateway.begin()?;
    let (parts, body) = request.into_parts();
    require_json(&parts.headers)?;
    let time_limit = gateway.options().time_limit;
    let authority = recognise(gateway, Presented::read(&parts.headers, address(&parts))?).await?;
    let read = read(gateway, body, media).await;
    // What cannot be read counts as well.
    spend(gateway, &authority, read.as_ref().map_or(0, |prepared| prepared.complexity)).await?;
    let prepared = read?;
    if prepared.is_subscription {
        let message = "Subscriptions are served by WebSocket, or as `text/event-stream`.";
        return Err(Refused::document(Fault::BadRequest(message.into()).into(), media));
    }
    let turn = gateway.enter(prepared.urgency)?;
    let run = Run { gateway: gateway.clone(), prepared, authority, info: info(&parts), held: (place, turn) };
    run.run_to_the_end(time_limit).await?.map_err(|rejection| Refused::document(rejection, media))
}

/// The document, checked.
async fn read(gateway: &Gateway, body: Body, media: Media) -> Result<Prepared, Refused> {
    let request = body::parse(&body::read(body, gateway.options().time_limit).await?)?;
    let variables = request.variables.unwrap_or_default();
    let prepared = gateway.api().prepare(request.query, request.operation_name, variables).await;
    prepared.map_err(|rejection| Refused::document(rejection, media))
}

/// A body of any other type is what a form of another site could send.
pub(crate) fn require_json(headers: &HeaderMap) -> Result<(), Refused> {
    let message = "Send the request as `Content-Type: application/json`, in UTF-8.";
    is_json(headers).then_some(()).ok_or_else(|| Refused::bad(StatusCode::UNSUPPORTED_MEDIA_TYPE, message))
}

/// Spends the key's budget of complexity.
pub(crate) async fn charge(gateway: &Gateway, authority: &Authority, complexity: u32) -> Result<(), Fault> {
    gateway.limits().spend(complexity_of(authority, complexity).as_slice()).await
}

pub(crate) fn info(parts: &Parts) -> RequestInfo {
    let request_id = parts.extensions.get::<RequestId>().map(|id| id.0.to_string()).unwrap_or_default();
    RequestInfo { request_id, ip: address(parts), user_agent: user_agent(&parts.headers) }
}

pub(crate) fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::USER_AGENT)?.to_str().ok()?;
    Some(text.chars().take(MAX_USER_AGENT).collect())
}

/// Runs a query or mutation for whoever has no other way to it.
///
/// # Errors
/// UNAVAILABLE where there is no place, or it takes too long; within, what [`graphql::Api::execute`] says.
pub(crate) async fn run(
    gateway: &Gateway,
    prepared: Prepared,
    authority: Authority,
    info: RequestInfo,
) -> Result<Result<Executed, Rejection>, Fault> {
    let place = gateway.begin()?;
    let held = (place, gateway.enter(prepared.urgency)?);
    let run = Run { gateway: gateway.clone(), prepared, authority, info, held };
    run.run_to_the_end(gateway.options().time_limit).await
}

/// A request that may run.
struct Run {
    gateway: Gateway,
    prepared: Prepared,
    authority: Authority,
    info: RequestInfo,
    held: (OwnedSemaphorePermit, Turn),
}

impl Run {
    /// Runs in a task of its own, which a client that leaves does not cancel.
    async fn run_to_the_end(self, patience: Duration) -> Result<Result<Executed, Rejection>, Fault> {
        let Self { gateway, prepared, authority, info, held } = self;
        finish(held, patience, execute(gateway, prepared, authority, info)).await
    }
}

pub(crate) async fn execute(
    gateway: Gateway,
    prepared: Prepared,
    authority: Authority,
    info: RequestInfo,
) -> Result<Executed, Rejection> {
    let is_mutation = prepared.is_mutation;
    tracing::debug!(
        tenant = tenant_of(&authority).map(tracing::field::display),
        api_key = key_of(&authority).map(tracing::field::display),
        complexity = prepared.complexity,
        is_mutation,
        "executing"
    );
    gateway.api().execute(prepared, authority, info).await
}

fn respond(executed: &Executed, media: Media) -> Response {
    // Only a value that cannot be a JSON key would not serialise, and GraphQL has none.
    let body = serde_json::to_vec(executed).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, media.content_type());
    response
}

/// What HTTP and JSON alone cost on this machine: reads a request as the API does, and runs nothing.
pub(crate) async fn bench(State(gateway): State<Gateway>, request: Request) -> Result<Response, Refused> {
    let body = body::read(request.into_body(), gateway.options().time_limit).await?;
    body::parse(&body)?;
    let mut executed = Executed::default();
    executed.data = async_graphql::value!({ "__typename": "Query" });
    Ok(respond(&executed, Media::Json))
}
