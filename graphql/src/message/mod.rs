//! Messages: what was sent, to whom, and what became of it; and prefixes of numbers to which none go. They are read and never written here.

mod inputs;
mod prefixes;
mod queries;
mod types;

pub use inputs::MessageFilter;
pub use prefixes::{BlockedPrefix, MessageMutation, tenant_blocked_prefixes};
pub(crate) use queries::messages_of_challenge;
pub use queries::{load_message, message_by_id, tenant_messages};
pub use types::{Message, MessageConnection};
