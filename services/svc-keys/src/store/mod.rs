//! All of this crate's SQL.

mod ages;
mod data_keys;
mod installation;
mod values;

use core_kernel::TenantId;
use io_postgres::{Database, DbError};
use svc_platform::tenants_after;

pub use ages::{KeyAge, key_ages};
pub(crate) use data_keys::*;
pub(crate) use installation::*;
pub(crate) use values::*;

/// All tenants whose data is not erased; asked as the unprivileged role.
///
/// # Errors
/// When the database fails.
pub async fn all_tenants(database: &Database) -> Result<Vec<TenantId>, DbError> {
    let mut all: Vec<TenantId> = Vec::new();
    loop {
        let page = tenants_after(database, all.last().copied()).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}
