//! Subscriptions: by WebSocket (the subprotocol graphql-transport-ws) and, where proxies forbid that, by
//! server-sent events (graphql-sse, "distinct connections": one POST, one subscription).
//!
//! A connection that stays open is worth more to an attacker than a request, so that
//! * it is bounded: how many there are in the process, of a tenant and of a credential, how many
//!   subscriptions it carries, how long a message is, how many messages come in a second;
//! * it ends with its credential: whose it is is asked again twice a second ([`standing`]);
//! * it holds nothing back: what is to be told is looked up when the client has room for it, and a client
//!   that takes nothing for ten seconds is left ([`options`](SubscriptionOptions)).

mod lines;
mod options;
pub(crate) mod sse;
mod standing;
pub(crate) mod ws;

pub(crate) use lines::Lines;
pub use options::SubscriptionOptions;
