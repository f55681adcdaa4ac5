//! Administrators: their roles in the tenant, and how those change.

mod inputs;
mod mutations;
mod types;

pub use mutations::AdminMutation;
pub use types::Admin;
pub(crate) use types::{find_admin, find_advisor, load_admin, own_partner_admin, tenant_admins};
