//! What the login path costs, measured on a private PostgreSQL that is as durable as one in
//! production.
//!
//! Absolute figures say more about the machine than about Postern, so every limit is taken in the
//! same run: the same SQL by pgbench, an empty GraphQL field on the same server, the same binary
//! without combining. What does not depend on the machine's mood at all are PostgreSQL's own
//! counters of flushes, log bytes and transactions ([`counters`]); those are a test as well
//! (`tests/counters.rs`).

pub mod bench;
pub mod capacity;
pub mod compare;
pub mod counters;
pub mod cpu;
pub mod database;
pub mod direct;
pub mod drive;
pub mod figures;
pub mod http;
pub mod imports;
pub mod lists;
pub mod machine;
pub mod messages;
pub mod micro;
pub mod pgbench;
pub mod phases;
pub mod provider;
pub mod scenarios;
pub mod scim;
pub mod seed;
pub mod server;
pub mod simulate;
pub mod stats;
pub mod storm;
pub mod targets;
pub mod usual;

mod copy;
mod steady;

pub use database::BenchServer;
