//! Messages: the outbox, the worker that empties it, what is said, and who carries it.
//!
//! A message is a row that commits with whatever made it necessary; the answer to a client never
//! waits for a provider. A [`DeliveryWorker`] claims rows (SENDING, committed before the provider's
//! first byte), renders their text, hands them over and records what became of them. From this
//! follows what is promised: none is lost, none is charged twice, and one that is doubled because a
//! worker died at the wrong moment carries the same code.
//!
//! Codes are nowhere in the queue: they are derived when the text is rendered. What was said is kept
//! for SANDBOX tenants alone, who read it instead of receiving it.

mod callback_urls;
mod callbacks;
mod carriers;
mod commands;
mod destination;
mod guard;
mod maintenance;
mod meters;
mod model;
mod preparation;
mod providers;
mod queries;
mod queues;
mod routes;
mod store;
mod texts;
mod wake;
mod worker;

pub use callbacks::{CallStep, Callbacks, InboundText, SignedCallback, Verified};
pub use carriers::{CarrierConfigError, CarrierOptions, Carriers, TenantAccount};
pub use commands::{
    Content, MailPreview, NewMessage, ReminderSample, ReminderText, TemporaryAccessFacts, bring_account, enqueue,
    enqueue_sealed_by, preview_reminder, withdraw_account,
};
pub use core_crypto::WebhookHeaders;
pub use guard::{GuardMode, GuardOptions};
pub use maintenance::maintain;
pub use model::{BlockedPrefix, Message, MessageChannel, MessageEvent, MessageFilter, MessagePurpose, MessageStatus};
pub use providers::{
    GatewayConfigError, GatewayOptions, SmtpConfigError, SmtpOptions, TwilioConfigError, TwilioOptions,
    is_signed_by_twilio,
};
pub use queries::Messages;
pub use queues::{LaneQueue, look_at_queues};
pub use routes::{BreakerOptions, RouteConfigError, RouteOptions};
pub use store::enqueue_notices;
pub use wake::notify_workers;
pub use worker::{DeliveryOptions, DeliveryWorker};
