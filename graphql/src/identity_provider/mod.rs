//! A tenant's own identity provider, by which its administrators sign in to the console.

mod inputs;
mod mutations;
mod types;

pub use mutations::IdentityProviderMutation;
pub use types::IdentityProvider;
pub(crate) use types::{tenant_identity_provider, tenant_redirect_uri};
