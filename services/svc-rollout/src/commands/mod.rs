//! What is done for a rollout.

mod send_reminders;

pub use send_reminders::SendRemindersInput;
pub(crate) use send_reminders::{BATCH, deadlines};
