//! Billing through Stripe.
//!
//! Stripe is told what to bill and asked what was paid; nothing here waits for it on behalf of a user.
//! The [`Collector`], in a worker, visits each LIVE tenant now and then, one worker at a time:
//!
//! 1. It sees that there is a customer, and a subscription to the plan that the tenant chose.
//! 2. It tells each day's total so far, by channel and country group: what is billed of it, included
//!    units deducted. Within a day the last total holds at Stripe, and days are added up, so that a
//!    repetition, at whatever age, changes nothing. The total is committed before the call and marked as
//!    taken after it; what differs is told again.
//! 3. Once Stripe has written a period's invoice, the period is closed: what Stripe was not told in time
//!    is carried to today.
//! 4. It reads how the subscription and the invoices stand, suspends who has not paid within the grace,
//!    and serves again who has.
//!
//! A webhook is a hint to visit ([`StripeEvents`]): nothing of its content is believed but whom it is
//! about, so that it may come twice, late, or in any order.

mod catalog;
mod closing;
mod collector;
mod events;
mod reconcile;
mod report;
mod standing;
mod subscribing;
mod telling;
mod trouble;

pub use collector::{Collector, CollectorOptions};
pub use events::StripeEvents;
pub use report::{Difference, Report};
pub use trouble::Trouble;
