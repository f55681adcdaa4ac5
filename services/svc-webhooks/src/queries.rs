//! What is read of webhooks.

use core_access::Permit;
use core_kernel::{Fault, Page, PageRequest, TypedId, WebhookDeliveryId, WebhookEndpointId};
use io_postgres::TenantTx;
use uuid::Uuid;

use crate::model::{DeliveryRecord, EndpointRecord};
use crate::{Webhooks, store};

impl Webhooks {
    /// All endpoints of the tenant, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, permit: &Permit) -> Result<Vec<EndpointRecord>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        Ok(store::list_endpoints(&mut tx).await?)
    }

    /// One endpoint of the tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lookup(&self, permit: &Permit, id: WebhookEndpointId) -> Result<Option<EndpointRecord>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        Ok(store::find_endpoint(&mut tx, id).await?)
    }

    /// An endpoint's deliveries, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deliveries(
        &self,
        permit: &Permit,
        endpoint: WebhookEndpointId,
        page: &PageRequest,
    ) -> Result<Page<DeliveryRecord>, Fault> {
        // After a cursor of another list comes nothing.
        let after = page.after.as_deref().map(|text| WebhookDeliveryId::from_text(text).map_or(Uuid::nil(), |id| id.0));
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let rows = store::list_deliveries(&mut tx, endpoint, after.map(WebhookDeliveryId), page.limit()).await?;
        Ok(Page::cut(page, rows, |row| row.delivery_id.to_text()))
    }

    /// One delivery of the tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lookup_delivery(
        &self,
        permit: &Permit,
        id: WebhookDeliveryId,
    ) -> Result<Option<DeliveryRecord>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        Ok(store::find_delivery(&mut tx, id).await?)
    }
}
