//! How far sealing is behind, for whoever watches.

use core_kernel::{Fault, TenantId, Timestamp};
use io_postgres::{DbError, NoTenant, TenantTx};
use svc_platform::Platform;

use super::seal::SIGNED_EVERY;
use super::store;

/// Tenants are counted up to here.
const MOST: i32 = 1_000;
/// So many are asked for their oldest entry: a sealer that stands still leaves no tenant out.
const ASKED: usize = 20;

/// What sealing has still to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealLag {
    /// Tenants with entries to seal or a chain to sign, up to a thousand.
    pub tenants: usize,
    /// When the oldest unsealed entry was written, of the first twenty of them.
    pub oldest: Option<Timestamp>,
}

/// As it is now.
///
/// # Errors
/// When the database fails.
pub async fn seal_lag(platform: &Platform) -> Result<SealLag, Fault> {
    let mut connection = NoTenant::acquire(&platform.database).await?;
    let due = store::tenants_to_seal(&mut connection, platform.now() - SIGNED_EVERY, MOST).await?;
    drop(connection);
    let mut oldest = None;
    for tenant in due.iter().take(ASKED) {
        let found = oldest_unsealed(platform, *tenant).await?;
        oldest = [oldest, found].into_iter().flatten().min();
    }
    Ok(SealLag { tenants: due.len(), oldest })
}

async fn oldest_unsealed(platform: &Platform, tenant: TenantId) -> Result<Option<Timestamp>, DbError> {
    let mut tx = TenantTx::begin(&platform.database, tenant).await?;
    let oldest = store::find_oldest_unsealed(&mut tx).await?;
    tx.rollback().await?;
    Ok(oldest)
}
