//! Who is there: partners, their tenants, the keys that integrators present, and the users whose
//! logins are protected.

pub mod users;

pub use users::{UserRecord, UserRef};
