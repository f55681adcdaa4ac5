//! The worker against a real database: once each, in order, in turn, and what a crash leaves behind.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod around;
mod attempts;
#[path = "../common/mod.rs"]
mod common;
mod kept;
mod outbox;
mod turns;
