//! Server-sent events: `POST /graphql` with `Accept: text/event-stream`, "distinct connections" of
//! graphql-sse (<https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>). One request, one
//! subscription; it is authorised like any request.
//!
//! A stream that ends without `complete` was not completed: the client begins anew, as it does when a
//! connection breaks.

use std::convert::Infallible;
use std::time::Duration;

use async_graphql::ServerError;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use futures::stream::{StreamExt as _, once, unfold};
use futures::{FutureExt as _, future};
use graphql::{Rejection, Told};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::lines::Seat;
use super::standing::{CHECK_EVERY, Standing};
use crate::admission::address;
use crate::body;
use crate::gateway::Gateway;
use crate::graphql_route::{charge, info, require_json, run};
use crate::media::Media;
use crate::refusal::Refused;
use crate::server::HangUp;
use crate::{Presented, subscriptions::SubscriptionOptions};

const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// How many events may wait for the connection.
const WAITING: usize = 2;
/// Tells a proxy that the connection is in use.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");
const COMPLETE: Bytes = Bytes::from_static(b"event: complete\ndata:\n\n");

/// Answers a request whose answer is to be events.
pub(crate) async fn post(gateway: &Gateway, request: Request) -> Result<Response, Refused> {
    let place = gateway.lines().arrive()?;
    let (parts, body) = request.into_parts();
    require_json(&parts.headers)?;
    let standing = Standing::begin(gateway, Presented::read(&parts.headers, address(&parts))?).await?;
    let authority = standing.authority();
    let asked = body::parse(&body::read(body, gateway.options().time_limit).await?)?;
    let prepared = gateway.api().prepare(asked.query, asked.operation_name, asked.variables.unwrap_or_default()).await;
    let prepared = prepared.map_err(refused)?;
    charge(gateway, authority, prepared.complexity).await?;
    let info = info(&parts);
    if !prepared.is_subscription {
        let executed = run(gateway, prepared, authority.clone(), info).await?.map_err(refused)?;
        return Ok(events(Body::from([next(&executed), COMPLETE].concat())));
    }
    let seat = gateway.lines().seat(authority)?;
    let told = begun(gateway.api().subscribe(prepared, authority.clone(), info))?;
    let hang_up = parts.extensions.get::<HangUp>().map(|hang_up| hang_up.0.clone()).unwrap_or_default();
    let (sender, receiver) = mpsc::channel(WAITING);
    let line = Line { standing, told, sender, hang_up, _seat: seat, _place: place };
    let (stop, options) = (gateway.lines().stop.clone(), gateway.lines().options.clone());
    gateway.lines().tasks.spawn(line.run(stop, options));
    Ok(events(Body::from_stream(unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|event| (Ok::<_, Infallible>(event), receiver))
    }))))
}

/// A document that does not hold is refused with a status, while that can still be given. What a field
/// refuses is told as an event, whether it could say so at once or had to look: nothing is to be learned
/// from the difference.
fn begun(mut told: Told) -> Result<Told, Refused> {
    match told.next().now_or_never() {
        Some(Some(Err(rejection))) if is_of_the_document(&rejection) => Err(refused(rejection)),
        Some(Some(first)) => Ok(once(future::ready(first)).chain(told).boxed()),
        Some(None) | None => Ok(told),
    }
}

fn is_of_the_document(rejection: &Rejection) -> bool {
    rejection.0.iter().all(|error| error.path.is_empty())
}

fn refused(rejection: Rejection) -> Refused {
    Refused::document(rejection, Media::GraphqlResponse)
}

fn events(body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    // A proxy that collects an answer before it passes it on would pass on nothing.
    headers.insert(BUFFERING, HeaderValue::from_static("no"));
    response
}

fn next(payload: &impl Serialize) -> Bytes {
    // JSON on one line: a line break within a string is escaped.
    let json = serde_json::to_string(payload).unwrap_or_default();
    Bytes::from(format!("event: next\ndata: {json}\n\n"))
}

#[derive(Serialize)]
struct Errors {
    errors: Vec<ServerError>,
}

/// One open stream.
struct Line {
    standing: Standing,
    told: Told,
    sender: mpsc::Sender<Bytes>,
    /// Cuts the connection off: one that takes nothing cannot be told to end.
    hang_up: CancellationToken,
    _seat: Seat,
    _place: OwnedSemaphorePermit,
}

/// Why a stream ends.
enum End {
    Complete,
    Failed(Rejection),
    BrokenOff,
}

impl Line {
    async fn run(mut self, stop: CancellationToken, options: SubscriptionOptions) {
        let within = options.send_within;
        let end = self.tell(&stop, &options).await;
        let last = match end {
            End::Complete => COMPLETE,
            End::Failed(Rejection(errors)) => [next(&Errors { errors }), COMPLETE].concat().into(),
            End::BrokenOff => return,
        };
        let _ = self.send(last, within).await;
    }

    async fn tell(&mut self, stop: &CancellationToken, options: &SubscriptionOptions) -> End {
        let mut checks = interval(CHECK_EVERY);
        checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut said = Instant::now();
        loop {
            let event = tokio::select! {
                biased;
                () = stop.cancelled() => return End::BrokenOff,
                () = self.sender.closed() => return End::BrokenOff,
                _ = checks.tick() => match self.standing.check().await {
                    Ok(()) if said.elapsed() >= options.ping_every => COMMENT,
                    Ok(()) => continue,
                    Err(_) => return End::BrokenOff,
                },
                told = self.told.next() => match told {
                    Some(Ok(response)) => next(&response),
                    Some(Err(rejection)) => return End::Failed(rejection),
                    None => return End::Complete,
                },
            };
            said = Instant::now();
            if self.send(event, options.send_within).await.is_err() {
                return End::BrokenOff;
            }
        }
    }

    async fn send(&mut self, event: Bytes, within: Duration) -> Result<(), ()> {
        match timeout(within, self.sender.send(event)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(()),
            Err(_elapsed) => {
                self.hang_up.cancel();
                Err(())
            }
        }
    }
}
