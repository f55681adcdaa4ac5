//! Asking the advisor, and the code that comes of it.

use axum::response::Response;
use core_access::Operation;
use core_kernel::{Stop, TemporaryAccessRequestId, TypedId};
use minijinja::context;
use svc_helpdesk::RequestStatus;

use crate::Desk;
use crate::show::Asked;
use crate::visit::Visit;

/// The plea, what became of it, and where the code goes.
pub(crate) async fn page(desk: &Desk, visit: &Visit, asked: &Asked) -> Result<Response, Stop> {
    let request = asked.get("request").and_then(|text| TemporaryAccessRequestId::from_text(text));
    let found = match request {
        Some(id) => desk.help_desk.lookup_request(&visit.permit(Operation::ReadLogin)?, id).await?,
        None => None,
    };
    // What an address names is believed only where it is about this very login.
    let found = found.filter(|request| request.login_id == visit.session.login);
    let status = found.as_ref().map(|request| request.status);
    desk.draw(
        visit,
        asked,
        "advisor.html",
        context! {
            request => found.as_ref().map(|request| request.request_id.to_text()),
            waiting => status == Some(RequestStatus::Open),
            approved => status == Some(RequestStatus::Approved),
            declined => status == Some(RequestStatus::Declined),
        },
    )
}
