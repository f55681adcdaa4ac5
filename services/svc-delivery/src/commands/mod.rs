//! What puts messages into the outbox, and whose account carries them.

mod account;
mod enqueue;
mod release_prefix;
mod reminder;

pub use account::{bring_account, withdraw_account};
pub use enqueue::{Content, NewMessage, TemporaryAccessFacts, enqueue, enqueue_sealed_by};
pub use reminder::{MailPreview, ReminderSample, ReminderText, preview_reminder};
