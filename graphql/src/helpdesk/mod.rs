//! The help desk: temporary access codes and requests, one-time links, locks and resets.

mod inputs;
mod mutations;
mod queries;
mod types;

pub use mutations::HelpDeskMutation;
pub(crate) use queries::{load_temporary_access_code, load_temporary_access_request};
pub use queries::{tenant_temporary_access_requests, user_temporary_access_codes};
pub use types::{TemporaryAccessCode, TemporaryAccessRequest, TemporaryAccessRequestConnection};
