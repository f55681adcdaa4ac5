//! Usage by time.

use core_access::Permit;
use core_kernel::Fault;
use io_postgres::TenantTx;

use crate::{Billing, UsagePoint, UsageRange, store};

impl Billing {
    /// What was charged, in order of time, channel and country; nothing where nothing was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn usage(&self, permit: &Permit, range: &UsageRange) -> Result<Vec<UsagePoint>, Fault> {
        let load = async {
            let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
            store::list_usage(&mut tx, range).await?.map_err(Fault::internal)
        };
        self.platform.database.in_time(load).await
    }
}
