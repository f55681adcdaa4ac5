//! Users as a directory that provisions them sees them (SCIM): whole, with what it told of them.
//!
//! A directory names its user by `userName`, which is our external identifier, and may rename it; a
//! second key of its own ([`DirectoryUser::directory_id`]) is kept and given back, and opens nothing.
//! Names, addresses and numbers are kept as they were given, sealed, so that the directory reads what
//! it wrote; what of them can be used becomes the address on record and suggested contacts
//! ([`contacts`]), which prove nothing.
//!
//! A change is *decided* by a pure function of the user as it is under its lock, so that two changes,
//! and the condition under which one may happen, never overlap.

mod change;
mod check;
mod contacts;
mod create;
mod model;
mod predicate;
mod profile;
mod queries;
mod store;

pub(super) use change::lock_provisioned;
pub use model::{DirectoryUser, Provisioned};
pub use predicate::{TextField, TextTest, UserPredicate, UserTest};
pub use profile::{ContactEntry, PersonName, Profile};
pub use queries::{ProvisionedPage, UserOrder, UserQuery};
