//! Who is there: partners, their tenants, the keys that integrators present, and the users whose
//! logins are protected.
//!
//! Two things here are asked on every request and answered from memory: whose key this is
//! ([`Directory::authenticate`]) and how the tenant is set up ([`Directory::settings`]). Both are
//! forgotten at once where they are changed, within a second elsewhere, and after 5 s at worst.

pub mod api_keys;
mod checks;
mod directory;
pub mod partners;
pub mod tenants;
pub mod users;

pub use api_keys::{
    ApiKeyRecord, Authenticated, CreateApiKeyInput, CreatedApiKey, PartnerKey, PartnerKeyInput, TenantKey,
};
pub use checks::{read_language, read_name, return_address, return_url_allowed};
pub use directory::Directory;
pub use partners::{FoundedPartner, NewPartnerAdmin, PartnerAdmin, PartnerRecord};
pub use tenants::{
    Branding, CreateTenantInput, CreatedTenant, Ending, Environment, LOGO_PATH, Logo, NewTenant, TenantSettings,
    TenantStatus, UpdateTenantInput, WebauthnSettings, delete_tenant, find_tenant, give_sign_in_domain,
    is_on_our_pages, lookup_ending, relying_party, restore_tenant, set_tenant_status, take_sign_in_domain, tenant_slug,
};
pub use users::{
    EnrollmentProgress, EnrollmentState, UpsertUserInput, UpsertedUser, UserFilter, UserRecord, UserRef, UserStatus,
    UserView,
};
