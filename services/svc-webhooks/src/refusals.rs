//! What webhooks refuse, in words.

use core_kernel::{Refusal, RefusalCode};
use io_outbound::Unfit;

/// The most endpoints of a tenant.
pub(crate) const MAX_ENDPOINTS: i64 = 10;

pub(crate) fn unfit(unfit: Unfit) -> Refusal {
    Refusal::invalid("url", unfit.to_string())
}

pub(crate) fn too_many_endpoints() -> Refusal {
    let message = format!("There are {MAX_ENDPOINTS} endpoints, the most there can be. Delete one first.");
    Refusal::new(RefusalCode::Conflict, message)
}

/// The same for a malformed, foreign, absent or deleted one.
pub(crate) fn no_such_endpoint() -> Refusal {
    Refusal::not_found("webhook endpoint").at("id")
}

pub(crate) fn no_such_delivery() -> Refusal {
    Refusal::not_found("webhook delivery").at("deliveryId")
}

pub(crate) fn on_its_way() -> Refusal {
    let message = "This delivery is on its way; wait until it has arrived or was given up.";
    Refusal::new(RefusalCode::Conflict, message).at("deliveryId")
}

pub(crate) fn test_on_its_way() -> Refusal {
    Refusal::new(RefusalCode::Conflict, "A test is on its way to this endpoint.").at("id")
}
