//! Usage, the account, its plan and its spending cap, its invoices and the way to pay them.

mod mutations;
mod types;
mod upcoming;
mod usage;

pub use mutations::BillingMutation;
pub(crate) use types::{BillingAccount, tenant_billing};
pub(crate) use usage::{UsagePoint, tenant_usage};
