//! Policies: versions to read, publishing, and partners' templates.

mod inputs;
mod mutations;
mod template;
mod types;

pub(crate) use inputs::PolicyInput;
pub use mutations::PolicyMutation;
pub(crate) use template::{TemplatePolicy, partner_template};
pub(crate) use types::{Policy, PolicyConnection, load_policy};
