//! Lists and look-ups, for the fields of other types that lead to the help desk.

use async_graphql::{Context, Result};
use core_access::Operation;
use core_kernel::{TemporaryAccessCodeId, TemporaryAccessRequestId, TypedId, UserId};

use super::types::{TemporaryAccessCode, TemporaryAccessRequest, TemporaryAccessRequestConnection};
use crate::connection::page_request;
use crate::context::{permit, services};
use crate::loaders::loaders;

/// `Tenant.temporaryAccessRequests`, newest first; an ADVISOR sees those of the users assigned to them.
///
/// # Errors
/// FORBIDDEN, BAD_REQUEST for a page out of range.
pub async fn tenant_temporary_access_requests(
    ctx: &Context<'_>,
    first: i32,
    after: Option<String>,
    open: Option<bool>,
) -> Result<TemporaryAccessRequestConnection> {
    let permit = permit(ctx, Operation::ReadTemporaryAccess)?;
    let page = services(ctx)?.help_desk.list_requests(&permit, open, &page_request(first, after)?).await?;
    Ok(TemporaryAccessRequestConnection::of(page, TemporaryAccessRequest::from))
}

/// `User.temporaryAccessCodes`, newest first.
///
/// # Errors
/// FORBIDDEN.
pub async fn user_temporary_access_codes(ctx: &Context<'_>, user: UserId) -> Result<Vec<TemporaryAccessCode>> {
    let (permit, desk) = (permit(ctx, Operation::ReadTemporaryAccess)?, services(ctx)?.help_desk.clone());
    let load = |users: Vec<UserId>| async move { desk.list_codes_of(&permit, &users).await };
    let codes = loaders(ctx)?.access_codes.load(user, load).await?.unwrap_or_default();
    Ok(codes.into_iter().map(TemporaryAccessCode::from).collect())
}

/// For `node`.
///
/// # Errors
/// When the database fails.
pub(crate) async fn load_temporary_access_code(ctx: &Context<'_>, id: &str) -> Result<Option<TemporaryAccessCode>> {
    let (Some(id), Ok(permit)) = (TemporaryAccessCodeId::from_text(id), permit(ctx, Operation::ReadTemporaryAccess))
    else {
        return Ok(None);
    };
    Ok(services(ctx)?.help_desk.lookup_code(&permit, id).await?.map(TemporaryAccessCode::from))
}

/// For `node`.
///
/// # Errors
/// When the database fails.
pub(crate) async fn load_temporary_access_request(
    ctx: &Context<'_>,
    id: &str,
) -> Result<Option<TemporaryAccessRequest>> {
    let (Some(id), Ok(permit)) = (TemporaryAccessRequestId::from_text(id), permit(ctx, Operation::ReadTemporaryAccess))
    else {
        return Ok(None);
    };
    Ok(services(ctx)?.help_desk.lookup_request(&permit, id).await?.map(TemporaryAccessRequest::from))
}
