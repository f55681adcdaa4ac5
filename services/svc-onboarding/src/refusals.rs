//! What imports refuse, in words.

use core_kernel::{Refusal, RefusalCode};

/// The same for a malformed, foreign or absent one, and for one that is still arriving.
pub(crate) fn no_such_import() -> Refusal {
    Refusal::not_found("import").at("id")
}

pub(crate) fn ended_already() -> Refusal {
    Refusal::new(RefusalCode::Conflict, "This import has ended already.").at("id")
}

pub(crate) fn too_many_waiting(most: i64) -> Refusal {
    let message = format!("{most} imports are waiting already. Wait until one of them is over, or cancel it.");
    Refusal::new(RefusalCode::Conflict, message).at("file")
}

pub(crate) fn too_many_arriving(most: i64) -> Refusal {
    let message = format!("{most} files are arriving already. Wait until one of them is there.");
    Refusal::new(RefusalCode::Conflict, message).at("file")
}

pub(crate) fn too_long(max_bytes: u64) -> Refusal {
    let message = format!("The file is longer than {} MiB. Send it in parts.", max_bytes >> 20);
    Refusal::invalid("file", message)
}

pub(crate) fn too_many_rows(most: u32) -> Refusal {
    Refusal::invalid("file", format!("The file has more than {most} rows. Send it in parts."))
}

pub(crate) fn broken_off() -> Refusal {
    Refusal::invalid("file", "The file did not arrive whole. Send it again.")
}
