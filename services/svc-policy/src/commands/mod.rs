//! What changes policies.

mod cancel_scheduled;
mod first_version;
pub(crate) mod publish;
