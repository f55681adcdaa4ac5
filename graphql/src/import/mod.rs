//! Files of users and tenants, and what becomes of them.

mod inputs;
mod mutations;
mod queries;
mod types;
mod upload;

pub use mutations::ImportMutation;
pub(crate) use queries::{load_import, partner_imports, tenant_imports};
pub(crate) use types::{ImportJob, ImportJobConnection};
pub use upload::{UPLOAD_VARIABLE, UploadSlot};
