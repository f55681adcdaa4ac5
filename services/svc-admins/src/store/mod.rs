//! All SQL of this service. Accounts, invitations, recoveries, resets, sessions and tries are the platform tenant's rows;
//! [`admins`] are each tenant's own.

pub(crate) mod accounts;
pub(crate) mod admins;
pub(crate) mod invitations;
mod links;
pub(crate) mod platform_tenant;
pub(crate) mod recoveries;
pub(crate) mod resets;
pub(crate) mod sessions;
pub(crate) mod tries;
