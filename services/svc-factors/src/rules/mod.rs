//! The rules, as pure functions over what was loaded.

pub(crate) mod channels;
pub(crate) mod destination;
pub(crate) mod last_factor;
pub mod step_up;
