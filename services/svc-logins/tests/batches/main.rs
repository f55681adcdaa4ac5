//! Many logins in one statement: each is noted for its own user under its own tenant, once, whoever
//! else is in the batch, and whatever else happens to the user meanwhile.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

mod meanwhile;
mod noted;
#[path = "../support/mod.rs"]
mod support;
mod together;
