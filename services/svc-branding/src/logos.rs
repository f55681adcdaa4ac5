//! Serving logos.

use core_kernel::{Fault, TenantId};
use io_postgres::TenantTx;
use svc_platform::Platform;

use crate::store;

/// Logos as they are served; cheap to clone.
#[derive(Clone)]
pub struct Logos {
    platform: Platform,
}

impl Logos {
    /// Makes the handle.
    #[must_use]
    pub fn new(platform: Platform) -> Self {
        Self { platform }
    }

    /// The tenant's logo, a PNG, where it is the one of this digest.
    ///
    /// # Errors
    /// UNAVAILABLE without the database.
    pub async fn find(&self, tenant: TenantId, digest: [u8; 32]) -> Result<Option<Vec<u8>>, Fault> {
        self.platform
            .database
            .in_time(async {
                let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
                Ok(store::find_picture(&mut tx, digest).await?)
            })
            .await
    }
}
