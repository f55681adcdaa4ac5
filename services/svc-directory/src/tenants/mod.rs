//! Tenants: making them, their settings, and the sandbox's clock.

mod create;
mod model;
mod sandbox_clock;
mod settings;
pub(crate) mod store;
mod update;

pub use create::{CreateTenantInput, CreatedTenant, NewTenant};
pub use model::{Branding, Environment, TenantSettings, TenantStatus, WebauthnSettings};
pub use update::UpdateTenantInput;

pub(crate) use model::words;
pub(crate) use settings::like_anywhere;
