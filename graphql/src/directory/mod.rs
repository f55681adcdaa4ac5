//! Partners, tenants, API keys and users.

mod api_key;
mod inputs;
mod mutations;
mod partner;
mod queries;
mod tenant;
mod user;
mod user_inputs;

pub(crate) use api_key::{ApiKey, load_api_key, own_api_key};
pub use mutations::DirectoryMutation;
pub(crate) use partner::{Partner, load_partner};
pub use queries::DirectoryQuery;
pub(crate) use tenant::{Tenant, load_tenant};
pub(crate) use user::{User, UserConnection, load_user, user_of, user_or_errors};
pub(crate) use user_inputs::UserRef;
