//! Trusted devices: where a token is given, what it is good for, and what ends it.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

mod ended;
mod good_for;
mod remembering;
#[path = "../support/mod.rs"]
mod support;
