//! The work of a worker that seals.

use std::time::Duration;

use core_kernel::Fault;
use io_postgres::NoTenant;
use svc_platform::Platform;
use tokio_util::sync::CancellationToken;

use super::seal::{SIGNED_EVERY, seal_tenant};
use super::store;

/// How long after a pass the next begins: an entry is sealed about so long after it was written.
const PAUSE: Duration = Duration::from_secs(1);
/// The most tenants that one look finds.
const TENANTS: i32 = 200;

/// Seals the logs of all tenants. It has no memory and no leader: what is to be sealed is what is there.
#[derive(Clone)]
pub struct Sealer {
    platform: Platform,
}

impl Sealer {
    /// A sealer; it does nothing by itself.
    #[must_use]
    pub fn new(platform: Platform) -> Self {
        Self { platform }
    }

    /// Seals until told to stop, and finishes the tenant in hand.
    pub async fn run(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            match self.seal_once(&stop).await {
                Ok(tenants) if tenants == TENANTS.unsigned_abs() as usize => continue,
                Ok(_) => {}
                Err(error) => tracing::warn!(error = %error, "could not seal the audit log"),
            }
            let _ = tokio::time::timeout(PAUSE, stop.cancelled()).await;
        }
    }

    /// One look at who has something to seal, and the work; of how many tenants entries were sealed.
    ///
    /// # Errors
    /// When it cannot be asked who has. A tenant that cannot be sealed keeps no other waiting.
    pub async fn seal_once(&self, stop: &CancellationToken) -> Result<usize, Fault> {
        let due = {
            let mut connection = NoTenant::acquire(&self.platform.database).await?;
            store::tenants_to_seal(&mut connection, self.platform.now() - SIGNED_EVERY, TENANTS).await?
        };
        let mut sealed = 0;
        for tenant in due {
            if stop.is_cancelled() {
                break;
            }
            match seal_tenant(&self.platform, tenant, true).await {
                Ok(entries) => sealed += usize::from(entries > 0),
                Err(error) => tracing::error!(tenant_id = %tenant, error = %error, "a log is not sealed"),
            }
        }
        Ok(sealed)
    }
}
