//! `temporaryAccessRequestUpdated`.

use async_graphql::{Context, ID, Result};
use core_access::{Operation, Permit};
use core_kernel::{Stop, TemporaryAccessRequestId, TypedId};
use svc_helpdesk::{HelpDesk, RequestStatus};

use super::Updates;
use super::follow::{Look, Seen, follow};
use crate::context::{permit, services};
use crate::errors::not_found;
use crate::helpdesk::TemporaryAccessRequest;

/// The states of one request.
///
/// # Errors
/// FORBIDDEN; NOT_FOUND for what is no request's identifier.
pub(super) fn updates(ctx: &Context<'_>, id: &ID) -> Result<Updates<TemporaryAccessRequest>> {
    let permit = permit(ctx, Operation::WatchTemporaryAccessRequest)?;
    let id = TemporaryAccessRequestId::from_text(id.as_str()).ok_or_else(not_found)?;
    let services = services(ctx)?;
    let watcher = services.platform.watch.one(permit.tenant(), id);
    let help_desk = services.help_desk.clone();
    let look: Look<_, _> = Box::new(move || {
        let (permit, help_desk) = (permit.clone(), help_desk.clone());
        Box::pin(async move { look(&permit, &help_desk, id).await })
    });
    Ok(follow(watcher, look))
}

async fn look(
    permit: &Permit,
    help_desk: &HelpDesk,
    id: TemporaryAccessRequestId,
) -> Result<Option<Seen<TemporaryAccessRequest, RequestStatus>>, Stop> {
    let found = help_desk.lookup_request(permit, id).await?;
    Ok(found.map(|request| Seen {
        mark: request.status,
        also: Vec::new(),
        is_final: request.status != RequestStatus::Open,
        value: request.into(),
    }))
}
