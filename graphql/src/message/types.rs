//! A message as the API shows it.

use async_graphql::{ID, Object, SimpleObject};

use crate::connection::connection;
use crate::enums::{MessageChannel, MessagePurpose, MessageStatus};
use crate::ids::id;
use crate::scalars::{CountryCode, DateTime};

/// One text, call or mail; the billable thing.
pub struct Message(svc_delivery::Message);

impl From<svc_delivery::Message> for Message {
    fn from(message: svc_delivery::Message) -> Self {
        Self(message)
    }
}

#[Object]
impl Message {
    /// Opaque, unique and never reused.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// How it travels.
    async fn channel(&self) -> MessageChannel {
        self.0.channel.into()
    }

    /// What it is for.
    async fn purpose(&self) -> MessagePurpose {
        self.0.purpose.into()
    }

    /// Where to, masked; empty once the destination was erased.
    async fn destination(&self) -> &str {
        &self.0.destination
    }

    /// The country of the number.
    async fn country(&self) -> Option<CountryCode> {
        self.0.country.clone().map(CountryCode)
    }

    /// Where it stands.
    async fn status(&self) -> MessageStatus {
        self.0.status.into()
    }

    /// Who carried it.
    async fn provider(&self) -> Option<&str> {
        self.0.provider.as_deref()
    }

    /// Why it did not arrive, or has not yet.
    async fn failure(&self) -> Option<&str> {
        self.0.failure.as_deref()
    }

    /// What was sent, as plain text (of a call: what is said after the key press); only ever readable in a SANDBOX tenant.
    async fn sandbox_body(&self) -> Option<&str> {
        self.0.sandbox_body.as_deref()
    }

    /// When it was queued.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it arrived.
    async fn delivered_at(&self) -> Option<DateTime> {
        self.0.delivered_at.map(DateTime::from)
    }

    /// Its steps, oldest first.
    async fn timeline(&self) -> Vec<MessageEvent> {
        self.0.timeline.iter().cloned().map(MessageEvent::from).collect()
    }
}

/// One step of a message.
#[derive(SimpleObject)]
pub struct MessageEvent {
    /// When.
    pub at: DateTime,
    /// What it became.
    pub status: MessageStatus,
    /// What the provider said, for a person; never the code.
    pub detail: Option<String>,
}

impl From<svc_delivery::MessageEvent> for MessageEvent {
    fn from(event: svc_delivery::MessageEvent) -> Self {
        Self { at: event.at.into(), status: event.status.into(), detail: event.detail }
    }
}

connection! {
    /// Pages of messages, newest first.
    MessageConnection, MessageEdge of Message;
}
