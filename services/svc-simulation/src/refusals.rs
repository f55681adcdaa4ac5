//! What simulations refuse, in words.

use core_kernel::{PolicySimulationId, Refusal, RefusalCode, TypedId};

/// The same for a malformed, foreign, absent or deleted one, and for whoever may not see it.
pub(crate) fn no_such_simulation() -> Refusal {
    Refusal::not_found("simulation").at("id")
}

pub(crate) fn ended_already() -> Refusal {
    Refusal::new(RefusalCode::Conflict, "This simulation has ended already.").at("id")
}

/// One at a time; none is named where it ended at this moment.
pub(crate) fn another_is_running(running: Option<PolicySimulationId>) -> Refusal {
    let which = running.map(|id| format!(" ({})", id.to_text())).unwrap_or_default();
    let message = format!("Another simulation is under way{which}. Wait until it is complete, or cancel it first.");
    Refusal::new(RefusalCode::Conflict, message)
}

pub(crate) fn days_out_of_range() -> Refusal {
    Refusal::invalid("days", "This must be 1 to 90.")
}
