//! Caches that do not answer for the wrong tenant and do not bring back what was invalidated.
//!
//! A hit does no I/O: credentials, policies and tenants of the hot path come from here. Three things
//! go wrong with such caches, and each is ruled out by construction:
//!
//! * *A key without its tenant.* A [`TenantCache`] cannot be asked without one. What is looked up
//!   before the tenant is known (the digest of an API key) has its own type, [`GlobalCache`], so that
//!   choosing it is visible.
//! * *A loader that began before a change and ends after its invalidation* puts the old value back.
//!   Here every entry's key carries the epoch in which its load began, and an invalidation begins a new
//!   epoch: the late value still goes to whoever waited for it, but nobody who asks later can find it,
//!   nor join its flight.
//! * *An invalidation that never arrives.* No value is used longer than [`MAX_TTL`] after its load
//!   began; and whoever loses the notification connection calls [`CacheSet::connection_lost`].
//!
//! A change is made known *after* its commit: `commit → invalidate`. A loader reads what is committed.

mod caches;
mod epochs;
mod set;
mod shared;
mod shelf;

pub use caches::{GlobalCache, TenantCache};
pub use set::{CacheSet, Invalidate};
pub use shared::unshare;
pub use shelf::{CacheStats, MAX_TTL};
