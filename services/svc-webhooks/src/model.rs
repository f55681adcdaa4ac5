//! Endpoints and deliveries as others see them.

use core_kernel::{EventId, Timestamp, WebhookDeliveryId, WebhookEndpointId};
use svc_audit::EventKind;

/// Where a tenant is told of events; without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointRecord {
    /// The endpoint.
    pub endpoint_id: WebhookEndpointId,
    /// Where it is.
    pub url: String,
    /// What it wants to hear of; empty: all.
    pub events: Vec<EventKind>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When something last arrived.
    pub last_delivery_at: Option<Timestamp>,
    /// Nothing has arrived since.
    pub failing_since: Option<Timestamp>,
    /// Nothing is sent to it any more, but what a person asks for.
    pub disabled_at: Option<Timestamp>,
}

/// How far a delivery is; the names are those of `WebhookDeliveryStatus` in the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryStatus {
    /// Waiting for its first or next attempt.
    Queued,
    /// On its way.
    Sending,
    /// It arrived.
    Delivered,
    /// Given up.
    Failed,
    /// Never sent: its endpoint was disabled.
    Canceled,
}

impl DeliveryStatus {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Sending, Self::Delivered, Self::Failed, Self::Canceled];

    /// As it is stored, and the API's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Sending => "SENDING",
            Self::Delivered => "DELIVERED",
            Self::Failed => "FAILED",
            Self::Canceled => "CANCELED",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Whether nothing more will come of it by itself.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Delivered | Self::Failed | Self::Canceled)
    }
}

/// One event on its way to one endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// The delivery.
    pub delivery_id: WebhookDeliveryId,
    /// To where.
    pub endpoint_id: WebhookEndpointId,
    /// What `webhook-id` says, by which a receiver knows a repetition.
    pub event_id: EventId,
    /// What happened; none for a test.
    pub kind: Option<EventKind>,
    /// What is sent, byte for byte.
    pub body: String,
    /// When the event happened.
    pub created_at: Timestamp,
    /// How far it is.
    pub status: DeliveryStatus,
    /// How often it was tried.
    pub attempts: i16,
    /// When it was last tried.
    pub last_attempt_at: Option<Timestamp>,
    /// When it will be, while it is QUEUED.
    pub next_attempt_at: Option<Timestamp>,
    /// When it arrived.
    pub delivered_at: Option<Timestamp>,
    /// The HTTP status of the last answer; none where there was none.
    pub response_status: Option<i16>,
    /// What was wrong with the last attempt, for a person.
    pub failure: Option<String>,
}
