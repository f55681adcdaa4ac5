//! The chain as it is at the end of an export.

use core_kernel::{Fault, TenantId};
use io_postgres::TenantTx;
use svc_platform::Platform;

use super::seal::{bring_up_to_date, head_of, seal_tenant, signed};

/// What an export writes: the entries after a checkpoint, if any, up to a signed end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedChain {
    /// Entries up to here are not kept any more; 0: all are.
    pub after: i64,
    /// The signed head that vouches for those.
    pub checkpoint: Option<String>,
    /// The last entry.
    pub last: i64,
    /// The signed head at it. It stands in this export alone, so that an export which was cut shows.
    pub end: String,
}

/// Seals all that was committed, and signs where the chain ends.
///
/// # Errors
/// When the database fails, or nothing can be signed.
pub async fn close_chain(platform: &Platform, tenant: TenantId) -> Result<ClosedChain, Fault> {
    seal_tenant(platform, tenant, false).await?;
    let mut tx = TenantTx::begin(&platform.database, tenant).await?;
    let brought = bring_up_to_date(platform, &mut tx, false).await?;
    tx.commit().await?;
    let head = head_of(platform, tenant, brought.sequence, &brought.hash).at_the_end();
    Ok(ClosedChain {
        after: brought.chain.checkpoint_sequence,
        checkpoint: brought.chain.checkpoint.map(String::from_utf8).transpose().map_err(Fault::internal)?,
        last: brought.sequence,
        end: signed(platform, &head)?,
    })
}
