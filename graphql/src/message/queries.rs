//! Lists and look-ups, for the fields of other types that lead to messages.

use std::collections::HashMap;

use async_graphql::{Context, Result};
use core_access::{Operation, Permit};
use core_kernel::{ChallengeId, Fault, MessageId, Page, PageRequest, TypedId, UserId};
use svc_delivery::Messages;

use super::inputs::MessageFilter;
use super::types::{Message, MessageConnection};
use crate::connection::page_request;
use crate::context::{permit, services};
use crate::directory::UserRef;
use crate::loaders::loaders;

/// `Tenant.messages`.
///
/// # Errors
/// FORBIDDEN, BAD_REQUEST for a page out of range.
pub async fn tenant_messages(
    ctx: &Context<'_>,
    first: i32,
    after: Option<String>,
    filter: Option<MessageFilter>,
) -> Result<MessageConnection> {
    let permit = permit(ctx, Operation::ReadMessages)?;
    let page = page_request(first, after)?;
    let Some(wanted) = read_filter(ctx, &permit, filter).await? else {
        return Ok(MessageConnection::of(nothing(&page), Message::from));
    };
    let page = services(ctx)?.messages.list(&permit, &wanted, &page).await?;
    Ok(MessageConnection::of(page, Message::from))
}

/// Messages that carry the code of a challenge, oldest first. Who may see the challenge may see them.
///
/// # Errors
/// When the database fails.
pub(crate) async fn messages_of_challenge(
    ctx: &Context<'_>,
    permit: Permit,
    challenge: ChallengeId,
) -> Result<Vec<Message>> {
    let messages = services(ctx)?.messages.clone();
    let load = |ids: Vec<ChallengeId>| async move { by_challenge(&messages, &permit, &ids).await };
    let found = loaders(ctx)?.messages_of_challenges.load(challenge, load).await?;
    Ok(found.unwrap_or_default().into_iter().map(Message::from).collect())
}

async fn by_challenge(
    messages: &Messages,
    permit: &Permit,
    ids: &[ChallengeId],
) -> Result<HashMap<ChallengeId, Vec<svc_delivery::Message>>, Fault> {
    let mut found: HashMap<ChallengeId, Vec<svc_delivery::Message>> = HashMap::new();
    for message in messages.of_challenges(permit, ids).await? {
        if let Some(challenge) = message.challenge {
            found.entry(challenge).or_default().push(message);
        }
    }
    Ok(found)
}

/// A message that a command has just queued. Who may queue it may see it.
///
/// # Errors
/// When the database fails.
pub async fn message_by_id(ctx: &Context<'_>, permit: &Permit, id: MessageId) -> Result<Option<Message>> {
    Ok(services(ctx)?.messages.lookup(permit, id).await?.map(Message::from))
}

/// For `node`.
///
/// # Errors
/// When the database fails.
pub async fn load_message(ctx: &Context<'_>, id: &str) -> Result<Option<Message>> {
    let (Some(id), Ok(permit)) = (MessageId::from_text(id), permit(ctx, Operation::ReadMessages)) else {
        return Ok(None);
    };
    message_by_id(ctx, &permit, id).await
}

/// None where the filter names a user whom the caller does not see: then there is nothing to list.
async fn read_filter(
    ctx: &Context<'_>,
    permit: &Permit,
    filter: Option<MessageFilter>,
) -> Result<Option<svc_delivery::MessageFilter>> {
    let Some(filter) = filter else { return Ok(Some(svc_delivery::MessageFilter::default())) };
    let user = match filter.user {
        None => None,
        Some(user) => match find_user(ctx, permit, user).await? {
            None => return Ok(None),
            found => found,
        },
    };
    Ok(Some(svc_delivery::MessageFilter {
        channel: filter.channel.map(|all| all.into_iter().map(Into::into).collect()),
        status: filter.status.map(|all| all.into_iter().map(Into::into).collect()),
        user,
    }))
}

async fn find_user(ctx: &Context<'_>, permit: &Permit, user: UserRef) -> Result<Option<UserId>> {
    let found = services(ctx)?.directory.find_user(permit, &user.into()).await?;
    Ok(found.map(|user| user.record.user_id))
}

fn nothing(page: &PageRequest) -> Page<svc_delivery::Message> {
    Page { rows: Vec::new(), has_next: false, has_previous: page.after.is_some() }
}
