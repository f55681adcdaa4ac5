//! The binary `postern` and the only place where the parts are put together: everything below takes
//! its database, clock, randomness and handles as arguments, and this crate gives them.
//!
//! * [`config`]: one table of settings, from which reading, reference and documentation follow.
//! * [`wiring`]: services, credentials and gateway on a platform.
//! * `roles`: what a process can be. `dev`: all of it on one machine, with a demo.

mod authenticate;
mod carriers;
mod cli;
pub mod config;
mod dev;
mod import;
mod jobs;
mod links;
mod logging;
mod master_key;
mod roles;
mod seeing;
mod shutdown;
mod stripe;
pub mod wiring;

pub use cli::main;
