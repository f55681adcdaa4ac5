//! API keys: making, presenting, revoking. The secret is shown once; what is stored is an HMAC under
//! the installation's pepper, of no use to whoever reads the table.

mod authenticate;
mod create;
mod manage;
mod model;
mod store;
mod uses;

pub use authenticate::{Authenticated, PartnerKey, TenantKey};
pub use create::{CreateApiKeyInput, PartnerKeyInput};
pub use model::{ApiKeyRecord, CreatedApiKey};

pub(crate) use authenticate::KnownKey;
pub(crate) use uses::KeyUses;
