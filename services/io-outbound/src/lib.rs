//! HTTP requests to addresses that a tenant chose: webhooks, and what is fetched for a tenant.
//!
//! Whoever may name a URL could otherwise have this server knock where they cannot: at a cloud's
//! metadata, at the database's host, at a router (server-side request forgery). So there is one way out:
//!
//! * a URL is judged as text ([`Target::parse`]) when it is stored, and again whenever it is used;
//! * its name is resolved here, and the very address that is dialled is judged ([`Rules::allow`]): a
//!   name that leads elsewhere the second time gains nothing;
//! * every request has a connection of its own, by no proxy, and follows no redirect.
//!
//! Hence no client library: what they are good at, keeping connections and following where they are
//! led, is what must not happen here, and leaving it out leaves a hundred lines.

mod address;
mod exchange;
mod failure;
mod outbound;
mod resolver;
mod target;
mod tls;

pub use address::Rules;
pub use failure::Failure;
pub use outbound::{Answer, Outbound, OutboundOptions};
pub use resolver::{Resolver, SystemResolver};
pub use target::{Target, Unfit};
pub use tls::{system_roots, tls_config};
