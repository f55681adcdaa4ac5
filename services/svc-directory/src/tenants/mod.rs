//! Tenants: making them, their settings, whether they are served, how they end, and the sandbox's clock.

mod create;
mod ending;
mod model;
mod relying_party;
mod sandbox_clock;
mod settings;
mod sign_in_domain;
mod status;
pub(crate) mod store;
mod update;

pub use create::{CreateTenantInput, CreatedTenant, NewTenant};
pub use ending::{Ending, delete_tenant, lookup_ending, restore_tenant};
pub use model::{Branding, Environment, LOGO_PATH, Logo, TenantSettings, TenantStatus, WebauthnSettings};
pub use relying_party::{is_on_our_pages, relying_party};
pub use sign_in_domain::{give_sign_in_domain, take_sign_in_domain};
pub use status::{find_tenant, set_tenant_status, tenant_slug};
pub use update::UpdateTenantInput;

pub(crate) use model::words;
pub(crate) use settings::like_anywhere;
