//! Outgoing webhooks, by the Standard Webhooks specification.
//!
//! A service writes an event into the outbox, in the transaction that makes it true (`svc_audit::emit`).
//! From there a worker ([`WebhookWorker`]) takes it in two steps, each a transaction:
//!
//! 1. *Passing on*: for each endpoint that wants the event a delivery is written, with the body as it
//!    will be sent, and the event is marked. Exactly one delivery per event and endpoint.
//! 2. *Sending*: a delivery is claimed (SENDING is committed before the first byte), posted, and what
//!    came of it recorded. After a crash in between its lease runs out and it is sent again, with the
//!    same identifier and the same bytes: at least once.
//!
//! Retries go on for about three days ([`RETRIES`]); then the delivery is FAILED, and anybody may ask
//! for it again. An endpoint to which nothing has arrived is *failing*, and has one delivery at a time
//! instead of many: whoever lets us wait keeps nobody else waiting. It is *disabled* when it says 410
//! Gone, or has failed for five days when a delivery is given up; a test that arrives ends that.

mod commands;
mod model;
mod payload;
mod queries;
mod refusals;
mod secrets;
mod store;
mod verdict;
mod waiting;
mod webhooks;
mod worker;

pub use commands::create::{CreateEndpoint, IssuedSecret};
pub use model::{DeliveryRecord, DeliveryStatus, EndpointRecord};
pub use payload::wire_name;
pub use verdict::RETRIES;
pub use waiting::tenants_waiting;
pub use webhooks::Webhooks;
pub use worker::{WebhookOptions, WebhookWorker};
