//! Tenants that were deleted, and whose time to be restored is over: first their data keys are
//! destroyed, by which all that is sealed is lost at once; then
//! their rows go, batch by batch. The ledger stays, and the audit log, without persons.

use core_kernel::{Fault, TenantId};
use io_postgres::{Change, NoTenant, TenantTx, Topic, publish};
use svc_audit::chain::seal_tenant;

use crate::Caretaker;
use crate::store::tenants::{erase_rows, tenants_to_erase};

impl Caretaker {
    /// Erases the tenants whose time is over, a hundred at a call; which they are. What is interrupted goes
    /// on at the next call, here or elsewhere, and one that cannot be erased keeps no other waiting.
    ///
    /// # Errors
    /// When it cannot be asked which they are.
    pub async fn erase_tenants(&self) -> Result<Vec<TenantId>, Fault> {
        let due = tenants_to_erase(&mut NoTenant::acquire(&self.platform.database).await?).await?;
        let mut erased = Vec::new();
        for tenant in due {
            match self.erase_tenant(tenant).await {
                Ok(()) => erased.push(tenant),
                Err(fault) => {
                    tracing::error!(tenant_id = %tenant, error = %fault, "a deleted tenant is not erased yet")
                }
            }
        }
        Ok(erased)
    }

    async fn erase_tenant(&self, tenant: TenantId) -> Result<(), Fault> {
        // Nobody else seals the log of a tenant that was deleted. What is erased from it was sealed before, so
        // that the chain vouches for what stays.
        seal_tenant(&self.platform, tenant, false).await?;
        while self.erase_batch(tenant).await? > 0 {}
        seal_tenant(&self.platform, tenant, false).await?;
        tracing::info!(tenant_id = %tenant, "a deleted tenant is erased");
        Ok(())
    }

    /// Erases one batch of a tenant whose time is over; how many rows, and 0 when all is done.
    ///
    /// # Errors
    /// When the database fails, or the tenant is not to be erased.
    pub async fn erase_batch(&self, tenant: TenantId) -> Result<i32, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let erased = erase_rows(&mut tx).await?;
        tx.commit().await?;
        // The first batch is the data keys: nobody goes on with one from memory.
        if erased == 1 {
            self.platform.keys.forget_data_key(tenant);
            publish(&self.platform.database, Change::of_tenant(Topic::Keys, tenant)).await?;
        }
        Ok(erased)
    }
}
