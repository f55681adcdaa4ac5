//! `releasePrefix`: lets codes to a prefix go again that the fraud guard stopped. What was sent before
//! counts no more; if it goes on like that, the prefix is blocked anew.

use core_access::Permit;
use core_kernel::{Refusal, RefusalCode, Stop};
use io_postgres::TenantTx;
use serde_json::json;

use crate::model::BlockedPrefix;
use crate::queries::Messages;
use crate::store;

impl Messages {
    /// Releases a prefix, and gives those that are still blocked.
    ///
    /// # Errors
    /// `NOT_FOUND` where it is not blocked; a fault when the database fails.
    pub async fn release_prefix(&self, permit: &Permit, prefix: &str) -> Result<Vec<BlockedPrefix>, Stop> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        if !store::release_prefix(&mut tx, prefix, self.platform.now()).await? {
            return Err(Refusal::new(RefusalCode::NotFound, "This prefix is not blocked.").at("input.prefix").into());
        }
        svc_audit::record(&mut tx, permit.caller(), "prefix.released", prefix, json!({})).await?;
        let left = store::list_blocked(&mut tx).await?;
        tx.commit().await?;
        Ok(left)
    }
}
