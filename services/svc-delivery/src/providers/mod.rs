//! Who carries messages. A provider says what it knows for sure: the worker, not the provider,
//! decides what follows from it.
//!
//! To add one: a module with a type that implements [`Provider`], and a lane in `worker`.

mod sandbox;
mod smtp;

use core_kernel::{MessageId, Redacted, Timestamp};
use futures::future::BoxFuture;

pub(crate) use sandbox::Sandbox;
pub(crate) use smtp::Smtp;
pub use smtp::{SmtpConfigError, SmtpOptions};

use crate::texts::Rendered;

/// A message, ready to go.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub(crate) id: MessageId,
    /// A number in E.164 or an address.
    pub(crate) destination: Redacted<String>,
    pub(crate) text: Rendered,
    /// By the wall clock, for headers.
    pub(crate) sent_at: Timestamp,
}

/// What a provider knows of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It arrived.
    Delivered,
    /// It was taken, under this reference.
    Accepted(Option<String>),
    /// It was surely not taken, and a repetition would be refused as well.
    Refused(String),
    /// It was surely not taken; a repetition may be.
    NotNow(String),
    /// It may or may not have been taken.
    InDoubt(String),
}

/// Carries messages. The one trait of this crate: towards the outside world.
pub(crate) trait Provider: Send + Sync + 'static {
    /// Its name in messages and logs.
    fn name(&self) -> &'static str;

    /// Whether a message may be handed over again and again.
    fn repeats_are_harmless(&self) -> bool {
        false
    }

    /// Hands a message over. Must answer well within the worker's lease.
    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Outcome>;
}
