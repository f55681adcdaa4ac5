//! By whom a message goes: routes as configuration writes them, less the providers that are down, the
//! ones whose texts hardly arrive last.
//!
//! What is known of providers lies in the memory of each worker and is rebuilt within seconds; it
//! chooses between providers that are all allowed, so that a wrong guess costs time and nothing else.

mod breaker;
mod by_country;
mod conversion;
mod sampler;
mod switch;
mod table;

pub use breaker::BreakerOptions;
pub(crate) use breaker::Health;
pub(crate) use by_country::ByCountry;
pub(crate) use sampler::Sampler;
pub(crate) use switch::{Switch, WayKey};
pub(crate) use table::Routes;
pub use table::{RouteConfigError, RouteOptions};
