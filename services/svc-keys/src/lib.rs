//! Replacing keys while everything goes on.
//!
//! What is done by hand here is done by the operator, as the tables' owner, from the command line; gateways
//! and workers only read keys, and do so anew within seconds. So each rotation has the same shape: the new key
//! is written down and known everywhere before it makes anything; then it makes whatever is made, and what
//! the old one made is sealed again, batch by batch; then the old one is destroyed. What is left to do
//! follows from what is there: a rotation that was killed is begun again, and goes on.
//!
//! * [`DataRotation`]: a tenant's data key, under which its secrets lie ([`SEALED`] lists them all).
//! * [`rewrap`]: everything that lies under the master key.
//! * [`rotate_pepper`], [`retire_peppers`]: the pepper of API keys' digests.
//! * Signing keys are svc-platform's: nothing lies under them.
//! * [`key_ages`]: since when each key makes what it makes.

mod columns;
mod data;
mod master;
mod pepper;
mod store;

pub use columns::{SEALED, SealedColumn, SealedRow};
pub use data::{DataRotation, Pace, Resealed};
pub use master::{Rewrapped, rewrap};
pub use pepper::{ApiKeysUnder, retire_peppers, rotate_pepper};
pub use store::{KeyAge, all_tenants, key_ages};
