//! All of this crate's SQL.

mod ages;
mod data_keys;
mod installation;
mod values;

use core_kernel::TenantId;
use io_postgres::{Database, DbError, NoTenant};
use uuid::Uuid;

pub use ages::{KeyAge, key_ages};
pub(crate) use data_keys::*;
pub(crate) use installation::*;
pub(crate) use values::*;

/// The most tenants of one look-up.
const TENANTS: i32 = 500;

/// All tenants whose data is not erased; asked as the unprivileged role.
///
/// # Errors
/// When the database fails.
pub async fn all_tenants(database: &Database) -> Result<Vec<TenantId>, DbError> {
    let mut connection = NoTenant::acquire(database).await?;
    let mut all: Vec<TenantId> = Vec::new();
    loop {
        let after = all.last().map(|tenant| tenant.0);
        let page: Vec<Uuid> = sqlx::query_scalar("select postern_cross.list_tenants($1, $2)")
            .bind(after)
            .bind(TENANTS)
            .fetch_all(connection.connection())
            .await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page.into_iter().map(TenantId));
    }
}
