//! A partner's template: versions, drift, waves, and what its locks refuse.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

#[path = "../common/mod.rs"]
mod common;
mod locks;
mod scene;
mod versions;
mod waves;
