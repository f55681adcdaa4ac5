//! What a worker does now and then for all tenants.

use core_kernel::Fault;
use io_postgres::NoTenant;
use svc_platform::Platform;

use crate::store::ensure_partitions;

/// This month and the two after it.
const MONTHS: i32 = 3;

/// Creates the partitions of this month and the two that follow; how many were new. To be called at
/// a worker's start and daily: a missing partition is an outage at the first of a month.
///
/// # Errors
/// When the database fails.
pub async fn maintain(platform: &Platform) -> Result<i32, Fault> {
    let mut connection = NoTenant::acquire(&platform.database).await?;
    let made = ensure_partitions(&mut connection, platform.now().date_naive(), MONTHS).await?;
    connection.commit().await?;
    if made > 0 {
        tracing::info!(made, "made partitions ahead");
    }
    Ok(made)
}
