//! Policies: versions to read, and publishing.

mod inputs;
mod mutations;
mod types;

pub(crate) use inputs::PolicyInput;
pub use mutations::PolicyMutation;
pub(crate) use types::{Policy, PolicyConnection, load_policy};
