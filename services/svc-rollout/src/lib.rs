//! The rollout of a second factor: who will be blocked on the date, and the reminders before it.
//!
//! How many have enrolled is told by svc-directory with the users; here is what looks ahead.
//!
//! * A **forecast** is about the policy that will be in force when everything scheduled has taken effect,
//!   and about users as they are now. It is not kept: two indexes answer it.
//! * **Reminders** are a run over all who have not enrolled. A run may be a million mails, so it is a row
//!   that is worked through in batches: the first few while the caller waits, so that a small tenant is
//!   answered with what happened, the rest by a worker ([`ReminderWorker`]). A batch is one transaction:
//!   the user's day, the room under the spending cap and the message are taken together or not at all, so
//!   that however many runs, replicas and crashes there are, nobody is written to twice a day and nothing
//!   beyond the cap is queued.
//! * Whether a reminder still has a point is asked again when it is about to be sent: who enrolled in the
//!   meantime is not written to (`claim_messages` in `70_delivery.sql`).

mod commands;
mod model;
mod queries;
mod rollout;
mod store;
mod worker;

pub use commands::SendRemindersInput;
pub use model::{BlockedReason, BlockedUser, EnrollmentForecast, ReminderRun, Reminders, RunEnding};
pub use rollout::Rollout;
pub use worker::{ReminderOptions, ReminderWorker};
