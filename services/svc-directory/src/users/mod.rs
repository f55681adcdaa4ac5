//! Users. Whatever concerns one of them begins with [`resolve_user`], so that a malformed, a foreign
//! and an absent reference, and one that the caller may not see, are answered alike.

mod changes;
mod delete;
mod end_access;
mod erase;
mod many;
mod provisioning;
mod queries;
mod record;
mod resolve;
mod store;
mod upsert;
mod view;

pub use end_access::{end_pending, expire_logins};
pub use many::{KnownUser, UserWrite, insert_users, list_advisors, list_email_holders, list_known_users, update_users};
pub use provisioning::{
    ContactEntry, DirectoryUser, PersonName, Profile, Provisioned, ProvisionedPage, TextField, TextTest, UserOrder,
    UserPredicate, UserQuery, UserTest,
};
pub use queries::UserFilter;
pub use record::{EMAIL_COLUMN, USER_TABLE, UserRecord, email_place};
pub(crate) use resolve::no_such_user;
pub use resolve::{UserRef, lock_user, resolve_user};
pub use upsert::{UpsertUserInput, UpsertedUser};
pub use view::{EnrollmentProgress, EnrollmentState, UserStatus, UserView};
