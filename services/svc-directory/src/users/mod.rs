//! Users. Whatever concerns one of them begins with [`resolve_user`], so that a malformed, a foreign
//! and an absent reference, and one that the caller may not see, are answered alike.

mod record;
mod resolve;

pub use record::{EMAIL_COLUMN, USER_TABLE, UserRecord, email_place};
pub use resolve::{UserRef, lock_user, resolve_user};
