//! The subscriptions of one connection. What they tell is looked up when the connection asks for it:
//! nothing waits in a queue.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Response, ServerError};
use core_kernel::Fault;
use futures::stream::{AbortHandle, BoxStream, SelectAll, StreamExt as _, abortable, once};
use graphql::{Rejection, RequestInfo, Told};

use crate::admission::check_rates;
use crate::body::GraphqlRequest;
use crate::gateway::Gateway;
use crate::graphql_route::charge;
use crate::subscriptions::standing::Standing;

/// The client's name for a subscription.
pub(super) type Id = Arc<str>;

/// What one of them tells.
pub(super) enum Event {
    Next(Response),
    Error(Vec<ServerError>),
    Complete,
}

/// The subscriptions of one connection.
#[derive(Default)]
pub(super) struct Operations {
    streams: SelectAll<BoxStream<'static, (Id, Event)>>,
    running: HashMap<Id, AbortHandle>,
}

impl Operations {
    pub(super) fn contains(&self, id: &str) -> bool {
        self.running.contains_key(id)
    }

    pub(super) fn len(&self) -> usize {
        self.running.len()
    }

    pub(super) fn start(&mut self, id: &str, told: Told) {
        let id: Id = id.into();
        let named = id.clone();
        let events = told.map(event).chain(once(async { Event::Complete })).map(move |event| (named.clone(), event));
        let (events, handle) = abortable(events);
        self.streams.push(events.boxed());
        self.running.insert(id, handle);
    }

    pub(super) fn stop(&mut self, id: &str) {
        if let Some(handle) = self.running.remove(id) {
            handle.abort();
        }
    }

    /// What is told next; waits for ever where nothing is subscribed to.
    pub(super) async fn next(&mut self) -> (Id, Event) {
        loop {
            let Some((id, event)) = self.streams.next().await else { return std::future::pending().await };
            if !self.contains(&id) {
                continue;
            }
            if !matches!(event, Event::Next(_)) {
                self.stop(&id);
            }
            return (id, event);
        }
    }
}

fn event(told: Result<Response, Rejection>) -> Event {
    match told {
        Ok(response) => Event::Next(response),
        Err(Rejection(errors)) => Event::Error(errors),
    }
}

/// Begins what a client asks for, under the limits that hold for a request.
///
/// # Errors
/// What the client is told instead.
pub(super) async fn begin(
    gateway: &Gateway,
    standing: &Standing,
    request: GraphqlRequest,
    info: RequestInfo,
) -> Result<Told, Rejection> {
    let authority = standing.authority();
    check_rates(gateway, authority).await?;
    let variables = request.variables.unwrap_or_default();
    let prepared = gateway.api().prepare(request.query, request.operation_name, variables).await?;
    if !prepared.is_subscription {
        let message = "Only subscriptions are served by WebSocket; send queries and mutations by POST.";
        return Err(Fault::BadRequest(message.into()).into());
    }
    charge(gateway, authority, prepared.complexity).await?;
    Ok(gateway.api().subscribe(prepared, authority.clone(), info))
}
