//! Versions of a tenant's policy: publishing, scheduling, and the snapshot that decides.
//!
//! A version is written once and never changed, but for its cancelling: every decision names the
//! version it was made under, and must be explainable for as long as it is kept. Which version is in
//! force is not stored either. It follows from the dates and the tenant's clock, so that a scheduled
//! version takes effect at its instant on every replica, with no job that might be late.
//!
//! A stored policy that cannot be read is a fault, never a default: it lets nobody in.
//!
//! A partner's tenants follow its template ([`TemplateVersion`]): they start from it, and what it locks
//! they cannot change.

mod commands;
mod model;
mod policies;
mod queries;
mod store;
mod template;

pub use commands::publish::PublishPolicyInput;
pub use model::{PolicySnapshot, PolicyStatus, PolicyVersion, PolicyView};
pub use policies::Policies;
pub use template::{
    Alignment, PublishTemplateInput, PublishedTemplate, TemplateVersion, TenantAlignment, TenantDrift, Wave,
};
