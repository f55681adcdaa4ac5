//! The gateway: everything that reaches Postern by HTTP comes in here.
//!
//! A request meets, in this order: an identifier and security headers ([`envelope`]), a bound on
//! its size and on how many are at work, its credentials, the limits of key and tenant, the weighing
//! of its query, the budget of complexity; only then does anything run. It runs in a task of its own,
//! which a client that disconnects cannot cancel: what was begun is finished and committed or not, and
//! never left half-way.
//!
//! Refusals look like GraphQL errors everywhere, so that an integrator has one thing to read.

mod admission;
mod auth;
mod body;
mod callbacks;
mod console;
mod credentials;
mod envelope;
mod gateway;
mod graphql_route;
mod health;
mod keys;
mod media;
mod metrics;
mod origin;
mod pages;
mod refusal;
mod request_id;
mod server;
mod shedding;
mod stripe;
mod subscriptions;
mod traffic;
mod upload;

pub use admission::Admitted;
pub use auth::auth_router;
pub use callbacks::callbacks_router;
pub use credentials::{Authenticator, Credential, Presented};
pub use envelope::{ClientAddress, Peer, RequestId};
pub use gateway::{Gateway, GatewayOptions, GatewayParts, router};
pub use metrics::metrics_router;
pub use origin::is_own_origin;
pub use pages::explorer::Explorer;
pub use pages::link::{LinkDescription, LinkOpener, OpenedLink};
pub use pages::logo::logo_router;
pub use pages::{Nonce, see_other};
pub use refusal::Refused;
pub use server::{ListenError, Server, bind};
pub use stripe::stripe_router;
pub use subscriptions::SubscriptionOptions;
