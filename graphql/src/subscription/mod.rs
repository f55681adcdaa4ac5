//! The third root: what is told as it happens.
//!
//! A subscription begins with the present state, so that nothing is missed between a query and the
//! subscription, or while a client reconnects. After that the state is told again whenever it was
//! touched; a client that is slow gets the latest one and not each in between. Reading goes through the
//! services' own look-ups, with the caller's permit: what may not be read is not told either.
//!
//! To add one: a [`Thing`](io_postgres::Thing) that commands touch, an operation in core-access's
//! table, and a field here that [`follow`](follow::follow)s what it watches.

mod challenge;
mod follow;
mod import;
mod new_requests;
mod temporary_access;

use async_graphql::{Context, ID, Result};
use futures::stream::BoxStream;

use crate::challenge::Challenge;
use crate::helpdesk::TemporaryAccessRequest;
use crate::import::ImportJob;

/// What a field of the root gives: a stream that outlives the request's context.
type Updates<T> = BoxStream<'static, Result<T>>;

/// Told as it happens, by WebSocket or server-sent events; docs/integrators.md says how.
pub(crate) struct Subscription;

#[async_graphql::Subscription]
impl Subscription {
    /// An import as it is, and again as it comes along, several times a second. Complete when it is over.
    async fn import_progress(&self, ctx: &Context<'_>, id: ID) -> Result<Updates<ImportJob>> {
        import::updates(ctx, &id)
    }

    /// A challenge as it is, and again when it changes: a wrong code, another message, what became of a
    /// message, the end. Complete when it is no longer PENDING.
    async fn challenge_updated(&self, ctx: &Context<'_>, id: ID) -> Result<Updates<Challenge>> {
        challenge::updates(ctx, &id)
    }

    /// Requests that the caller may answer: those that are open, the oldest first, and then each new one.
    async fn temporary_access_requested(&self, ctx: &Context<'_>) -> Result<Updates<TemporaryAccessRequest>> {
        new_requests::updates(ctx)
    }

    /// A request for temporary access as it is, and again when it is answered or runs out. Complete when
    /// it is no longer OPEN.
    async fn temporary_access_request_updated(
        &self,
        ctx: &Context<'_>,
        id: ID,
    ) -> Result<Updates<TemporaryAccessRequest>> {
        temporary_access::updates(ctx, &id)
    }
}
