//! Stripe, as billing needs it.
//!
//! [`Stripe`] is what is asked of it; [`StripeClient`] asks. Requests are built by async-stripe, the
//! maintained successor of stripe-rust, whose types follow Stripe's published description; they are
//! carried by the HTTP client and the crypto provider of the rest of the house, and of an answer only
//! the fields that somebody reads are parsed, so that a field which Stripe adds or drops breaks nothing
//! (docs/adr/0007-stripe.md).
//!
//! Every POST carries an idempotency key, the same at each of its attempts, so that a repetition after
//! a lost answer does nothing twice.
//!
//! [`WebhookKey`] tells whether a call to our own address is Stripe's.

mod answers;
mod api;
mod client;
mod failure;
mod requests;
mod signature;
mod transport;

pub use answers::{DayTotal, Invoice, InvoiceLine, Meter, Preview, Price, Subscription};
pub use api::{NewCustomer, NewMeter, NewPrice, NewSubscription, Stripe, Taken, UsageTotal};
pub use client::{StripeClient, StripeOptions};
pub use failure::StripeError;
pub use signature::{BadSignature, WebhookKey};
