//! Who carries messages. A provider says what it knows for sure: the worker, not the provider,
//! decides what follows from it.
//!
//! To add one: a module with a type that implements [`Provider`], a word in [`Carrier`], and its place
//! in [`crate::carriers`].

pub(crate) mod gateway;
mod sandbox;
mod smtp;
pub(crate) mod twilio;
pub(crate) mod web;

use core_kernel::{MessageId, Redacted, TenantId, Timestamp};
use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};

pub use gateway::{GatewayConfigError, GatewayOptions};
pub(crate) use sandbox::Sandbox;
pub(crate) use smtp::Smtp;
pub use smtp::{SmtpConfigError, SmtpOptions};
pub use twilio::{TwilioConfigError, TwilioOptions, is_signed_by_twilio};

use crate::model::MessageChannel;
use crate::texts::Rendered;

/// Every provider there is, as configuration names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Carrier {
    Twilio,
    Http,
    Smtp,
    Sandbox,
}

impl Carrier {
    pub(crate) const ALL: [Self; 4] = [Self::Twilio, Self::Http, Self::Smtp, Self::Sandbox];

    /// Its name in configuration, messages and logs.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Twilio => "twilio",
            Self::Http => "http",
            Self::Smtp => "smtp",
            Self::Sandbox => "sandbox",
        }
    }

    pub(crate) fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|carrier| carrier.as_str() == text)
    }

    /// Whether it can carry this at all.
    pub(crate) const fn carries(self, channel: MessageChannel) -> bool {
        match self {
            Self::Twilio | Self::Http => matches!(channel, MessageChannel::Sms | MessageChannel::Voice),
            Self::Smtp => matches!(channel, MessageChannel::Email),
            Self::Sandbox => true,
        }
    }
}

/// A message, ready to go.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub(crate) id: MessageId,
    pub(crate) tenant: TenantId,
    /// From 1.
    pub(crate) attempt: i16,
    pub(crate) channel: MessageChannel,
    /// Of a number (ISO 3166-1 alpha-2).
    pub(crate) country: Option<String>,
    /// Of a call it says that a key press is asked for first.
    pub(crate) is_code: bool,
    /// A number in E.164 or an address.
    pub(crate) destination: Redacted<String>,
    pub(crate) text: Rendered,
    /// As how many messages it is billed: the segments of a text.
    pub(crate) units: u8,
    /// BCP 47.
    pub(crate) language: String,
    /// By the wall clock, for headers.
    pub(crate) sent_at: Timestamp,
    /// How long anybody waits for it.
    pub(crate) seconds_left: Option<i64>,
}

/// What a provider knows of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It arrived.
    Delivered,
    /// It was taken, under this reference.
    Accepted(Option<String>),
    /// It was surely not taken, and a repetition would be refused as well; another may take it.
    Refused(String),
    /// It was surely not taken, because the number asked for no more texts. Nobody else is to send them.
    OptedOut(String),
    /// It was surely not taken; a repetition may be.
    NotNow(String),
    /// It may or may not have been taken.
    InDoubt(String),
}

/// What a provider reports later, of its own accord or when it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Report {
    /// It has it.
    Accepted,
    /// It arrived.
    Delivered,
    /// It did not, and will not.
    Failed {
        /// Why, for a person.
        detail: String,
        /// The number asked for no more texts.
        opted_out: bool,
    },
}

/// What was found at a provider about a doubtful attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// It was taken, under this reference, and this became of it.
    Taken(String, Report),
    /// The provider was asked, and it was not taken.
    NotThere,
    /// The provider cannot be asked, or did not answer.
    Unknown,
}

/// Carries messages. The one trait of this crate: towards the outside world.
pub(crate) trait Provider: Send + Sync + 'static {
    /// Whether a message may be handed over again and again.
    fn repeats_are_harmless(&self) -> bool {
        false
    }

    /// Whether it reports by itself what became of a message, so that a doubt is worth waiting over.
    fn reports(&self) -> bool {
        false
    }

    /// Whether it can be asked what became of a message.
    fn can_be_asked(&self) -> bool {
        false
    }

    /// Hands a message over. Its lease is renewed meanwhile.
    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Outcome>;

    /// Looks for an attempt that was made at or after `since`.
    fn look_up<'a>(&'a self, _message: &'a Outgoing, _since: Timestamp) -> BoxFuture<'a, Found> {
        ready(Found::Unknown).boxed()
    }
}

#[cfg(test)]
impl Outgoing {
    pub(crate) fn example(channel: MessageChannel) -> Self {
        Self {
            id: MessageId(uuid::Uuid::from_u128(9)),
            tenant: TenantId(uuid::Uuid::from_u128(7)),
            attempt: 1,
            channel,
            country: Some("US".to_owned()),
            is_code: true,
            destination: Redacted::new("+14155550132".to_owned()),
            text: Rendered {
                subject: String::new(),
                text: Redacted::new("012345 is your code & more".to_owned()),
                html: Redacted::default(),
                product: "Acme".to_owned(),
                call: None,
            },
            units: 1,
            language: "en".to_owned(),
            sent_at: Timestamp::from_timestamp(1_790_000_000, 0).expect("a time"),
            seconds_left: Some(290),
        }
    }
}
