//! The end of an endpoint.

use core_access::Permit;
use core_kernel::{Stop, TypedId, WebhookEndpointId};
use io_postgres::TenantTx;
use serde_json::json;

use crate::refusals::no_such_endpoint;
use crate::{Webhooks, store};

impl Webhooks {
    /// Deletes an endpoint, its secrets and its deliveries; what is on its way at this moment arrives.
    ///
    /// # Errors
    /// NOT_FOUND at `id`.
    pub async fn delete(&self, permit: &Permit, id: &str) -> Result<WebhookEndpointId, Stop> {
        let id = WebhookEndpointId::from_text(id).ok_or_else(no_such_endpoint)?;
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        store::lock_tenant(&mut tx).await?;
        if !store::delete_endpoint(&mut tx, id).await? {
            return Err(no_such_endpoint().into());
        }
        store::note_login_interest(&mut tx).await?;
        svc_audit::record(&mut tx, permit.caller(), "webhook.deleted", &id.to_text(), json!({})).await?;
        tx.commit().await?;
        Ok(id)
    }
}
