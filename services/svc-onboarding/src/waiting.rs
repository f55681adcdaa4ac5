//! How much waits, for whoever watches.

use core_kernel::Fault;
use io_postgres::NoTenant;
use svc_platform::Platform;

use crate::store;

/// Imports are counted up to here.
const MOST: i32 = 1_000;

/// How many imports are due, and in nobody's hands; up to a thousand.
///
/// # Errors
/// When the database fails.
pub async fn imports_waiting(platform: &Platform) -> Result<usize, Fault> {
    let mut connection = NoTenant::acquire(&platform.database).await?;
    Ok(store::list_due(&mut connection, MOST).await?.len())
}
