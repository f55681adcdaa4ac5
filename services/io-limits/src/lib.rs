//! How much anyone may ask of us, and who "anyone" is.
//!
//! * [`limit`] is the table: every limit, its default and its sentence of documentation stand there
//!   and nowhere else. Configuration ([`LimitsConfig`]), the printed reference ([`reference()`]) and the
//!   tests are made from it.
//! * [`Limits`] holds them: the generic cell rate algorithm, in this process ([`LocalLimits`]: that of
//!   `governor`, on our clock and over a store that cannot outgrow its bound), and across all replicas
//!   where there is a Redis.
//! * [`client_address()`] finds the client behind trusted proxies, without believing what the client
//!   wrote.
//!
//! These limits protect the service. What protects users (tries of codes, locks, sends to a destination) is
//! counted in the database and never here.

mod charge;
mod client_address;
mod clock;
mod config;
mod keys;
mod limits;
mod local;
mod refusals;
mod shared;
mod store;
mod table;

pub use charge::Charge;
pub use client_address::client_address;
pub use config::{LimitsConfig, LimitsConfigError, Rate, Setting, reference};
pub use keys::{ClientNetwork, LimitKey};
pub use limits::{Limits, SharedLimitsError};
pub use local::{LimitUse, LocalLimits};
pub use shared::{RedisError, RedisOptions, SharedUse};
pub use table::{LIMITS, Limit, LimitSpec, Per, limit};
