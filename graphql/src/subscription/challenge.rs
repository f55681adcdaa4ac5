//! `challengeUpdated`.

use async_graphql::{Context, ID, Result};
use core_access::{Operation, Permit};
use core_kernel::{ChallengeId, MessageId, Stop, TypedId};
use svc_delivery::{MessageStatus, Messages};
use svc_logins::{ChallengeRecord, Logins};

use super::Updates;
use super::follow::{Look, Seen, follow};
use crate::challenge::Challenge;
use crate::context::{permit, services};
use crate::errors::not_found;

/// The states of one challenge.
///
/// # Errors
/// FORBIDDEN; NOT_FOUND for what is no challenge's identifier.
pub(super) fn updates(ctx: &Context<'_>, id: &ID) -> Result<Updates<Challenge>> {
    let permit = permit(ctx, Operation::WatchChallenge)?;
    let id = ChallengeId::from_text(id.as_str()).ok_or_else(not_found)?;
    let services = services(ctx)?;
    let watcher = services.platform.watch.one(permit.tenant(), id);
    let (logins, messages) = (services.logins.clone(), services.messages.clone());
    let look: Look<_, _> = Box::new(move || {
        let (permit, logins, messages) = (permit.clone(), logins.clone(), messages.clone());
        Box::pin(async move { look(&permit, &logins, &messages, id).await })
    });
    Ok(follow(watcher, look))
}

/// What of a challenge can change, with its messages: they carry on after it was proved.
#[derive(PartialEq)]
struct Mark {
    status: &'static str,
    attempts_remaining: i32,
    messages: Vec<(MessageId, MessageStatus)>,
}

async fn look(
    permit: &Permit,
    logins: &Logins,
    messages: &Messages,
    id: ChallengeId,
) -> Result<Option<Seen<Challenge, Mark>>, Stop> {
    let Some(record) = logins.lookup_challenge(permit, id).await? else { return Ok(None) };
    let messages = messages.of_challenges(permit, &[id]).await?;
    let ChallengeRecord { status, attempts_remaining, .. } = record;
    let also = messages.iter().map(|message| message.id.0).collect();
    let messages = messages.into_iter().map(|message| (message.id, message.status)).collect();
    let mark = Mark { status, attempts_remaining, messages };
    Ok(Some(Seen { value: record.into(), mark, also, is_final: status != "PENDING" }))
}
