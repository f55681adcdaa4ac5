//! What was done by whom, and what others are told of.
//!
//! Both are written in the transaction that does the thing. An ordinary login, challenge or message
//! is its own record and makes no audit row; configuration, help desk, keys, sign-ins and locks do.
//! A second later the log's entries are sealed into a chain that shows what was changed ([`chain`]).

pub mod chain;
mod events;
mod log;

pub use events::{EventKind, emit};
pub use log::{AuditEntry, AuditFilter, list, lookup, record, record_as, record_many};
