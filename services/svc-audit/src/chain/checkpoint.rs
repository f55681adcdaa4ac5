//! Letting go of the chain's beginning.

use chrono::NaiveDate;
use core_kernel::{Fault, TenantId};
use io_postgres::TenantTx;
use svc_platform::Platform;

use super::seal::{head_of, seal_tenant, signed};
use super::store;

/// Signs the chain where the months that were over by `before` end, so that they can be dropped: what comes
/// after is proved from there.
///
/// An entry that committed so late that it was sealed among the next month's is before the checkpoint with
/// whatever was sealed before it.
///
/// # Errors
/// When the database fails, or nothing can be signed; nothing may be dropped then.
pub async fn set_checkpoint(platform: &Platform, tenant: TenantId, before: NaiveDate) -> Result<(), Fault> {
    seal_tenant(platform, tenant, false).await?;
    let mut tx = TenantTx::begin(&platform.database, tenant).await?;
    let chain = store::lock_chain(&mut tx, platform.now()).await?;
    if let Some((sequence, hash)) = store::find_last_before(&mut tx, before).await?
        && sequence > chain.checkpoint_sequence
    {
        let token = signed(platform, &head_of(platform, tenant, sequence, &store::fixed(&hash)?))?;
        store::update_checkpoint(&mut tx, sequence, &token).await?;
    }
    Ok(tx.commit().await?)
}
