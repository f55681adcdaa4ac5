//! The two kinds of keys under which secrets lie at rest: a [`DataKey`] per tenant, and the
//! [`MasterKey`] outside the database that seals those and what belongs to the installation.
//!
//! Destroying a tenant's one stored data key makes all its secrets unreadable, in backups too. While a key
//! is being replaced the one that came before it opens what it sealed, and seals nothing any more.

mod data;
mod master;

use core_kernel::Entropy;
use zeroize::Zeroizing;

pub use data::{DataKey, OpenAlarm};
pub use master::{KeyFileError, MasterKey};

fn random_secret(entropy: &dyn Entropy) -> Zeroizing<[u8; 32]> {
    let mut secret = Zeroizing::new([0; 32]);
    entropy.fill(&mut *secret);
    secret
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
