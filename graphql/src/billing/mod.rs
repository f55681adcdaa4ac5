//! Usage, the account, its plan and its spending cap.

mod mutations;
mod types;
mod usage;

pub use mutations::BillingMutation;
pub(crate) use types::{BillingAccount, tenant_billing};
pub(crate) use usage::{UsagePoint, tenant_usage};
