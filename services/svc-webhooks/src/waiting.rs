//! How much waits, for whoever watches.

use core_kernel::Fault;
use io_postgres::NoTenant;
use svc_platform::Platform;

use crate::store;

/// Tenants are counted up to here.
const MOST: i32 = 1_000;

/// How many tenants have events to pass on, or deliveries on their way; up to a thousand.
///
/// # Errors
/// When the database fails.
pub async fn tenants_waiting(platform: &Platform) -> Result<usize, Fault> {
    let mut connection = NoTenant::acquire(&platform.database).await?;
    let mut tenants: Vec<_> =
        store::tenants_with_work(&mut connection, None, MOST).await?.iter().map(|work| work.tenant).collect();
    tenants.sort_unstable();
    tenants.dedup();
    Ok(tenants.len())
}
