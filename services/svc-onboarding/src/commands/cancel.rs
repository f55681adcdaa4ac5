//! Ending an import before its time. What is in by then stays.

use core_access::{PartnerPermit, Permit};
use core_kernel::{ImportId, PLATFORM_TENANT, PartnerId, Stop, TenantId, TypedId};
use io_postgres::TenantTx;
use serde_json::json;

use crate::model::ImportJob;
use crate::refusals::{ended_already, no_such_import};
use crate::{Imports, events, store};

impl Imports {
    /// Ends an import of users; its worker stops at its next batch.
    ///
    /// # Errors
    /// NOT_FOUND at `id`; CONFLICT at `id` where it has come to its end.
    pub async fn cancel(&self, permit: &Permit, id: &str) -> Result<ImportJob, Stop> {
        let id = ImportId::from_text(id).ok_or_else(no_such_import)?;
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let job = end(&mut tx, id, None).await?;
        svc_audit::record(&mut tx, permit.caller(), "import.canceled", &id.to_text(), json!({})).await?;
        events::finished(&mut tx, &job).await?;
        self.ended(tx, permit.tenant(), id).await?;
        Ok(job)
    }

    /// Ends an import of the partner's tenants.
    ///
    /// # Errors
    /// As [`Self::cancel`].
    pub async fn cancel_of_partner(&self, permit: &PartnerPermit, id: &str) -> Result<ImportJob, Stop> {
        let id = ImportId::from_text(id).ok_or_else(no_such_import)?;
        let caller = permit.caller();
        let mut tx = TenantTx::begin(&self.platform.database, PLATFORM_TENANT).await?;
        let job = end(&mut tx, id, Some(caller.partner)).await?;
        let name = caller.audit_name();
        svc_audit::record_as(&mut tx, &name, "import.canceled", Some(&id.to_text()), json!({}), caller.ip).await?;
        self.ended(tx, PLATFORM_TENANT, id).await?;
        Ok(job)
    }

    async fn ended(&self, tx: TenantTx, tenant: TenantId, id: ImportId) -> Result<(), Stop> {
        tx.commit().await?;
        self.touch(tenant, id);
        Ok(())
    }
}

async fn end(tx: &mut TenantTx, id: ImportId, partner: Option<PartnerId>) -> Result<ImportJob, Stop> {
    let ended = store::cancel(tx, id, partner).await?;
    let found = store::lookup(tx, id).await?.ok_or_else(no_such_import)?.into_view()?;
    if found.partner != partner {
        return Err(no_such_import().into());
    }
    if !ended {
        return Err(ended_already().into());
    }
    store::delete_blocks(tx, id).await?;
    Ok(found)
}
