//! SCIM over HTTP, on the whole wiring and a private database: a user's life, what is refused and how it
//! looks, and what somebody tries who wants in.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod attacks;
mod discovery;
mod house;
mod life;
mod lists;
#[path = "../server/mod.rs"]
mod server;
mod versions;
