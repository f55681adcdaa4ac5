//! One use case a file.

pub(crate) mod evaluate;
mod idempotency;
pub(crate) mod skip;
pub(crate) mod start;
pub(crate) mod verify;
