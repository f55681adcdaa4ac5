//! Trying an endpoint.

use core_access::Permit;
use core_kernel::{EventId, Stop, TypedId, WebhookDeliveryId, WebhookEndpointId};
use io_postgres::TenantTx;
use serde_json::json;

use crate::model::DeliveryRecord;
use crate::payload::render_test;
use crate::refusals::{no_such_delivery, no_such_endpoint, test_on_its_way};
use crate::{Webhooks, store};

impl Webhooks {
    /// Queues a test, whatever the endpoint wants to hear of. One that arrives enables an endpoint
    /// that was disabled.
    ///
    /// # Errors
    /// NOT_FOUND at `id`; CONFLICT while another test is on its way.
    pub async fn test(&self, permit: &Permit, id: &str) -> Result<DeliveryRecord, Stop> {
        let endpoint = WebhookEndpointId::from_text(id).ok_or_else(no_such_endpoint)?;
        let (entropy, now) = (&*self.platform.entropy, self.platform.now());
        let (delivery, event) = (WebhookDeliveryId::new(entropy, now), EventId::new(entropy, now));
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        store::lock_endpoint(&mut tx, endpoint).await?.ok_or_else(no_such_endpoint)?;
        if !store::insert_test(&mut tx, delivery, event, endpoint, &render_test(endpoint, now)).await? {
            return Err(test_on_its_way().into());
        }
        let queued = store::find_delivery(&mut tx, delivery).await?.ok_or_else(no_such_delivery)?;
        let detail = json!({ "delivery_id": delivery.to_text() });
        svc_audit::record(&mut tx, permit.caller(), "webhook.tested", &endpoint.to_text(), detail).await?;
        tx.commit().await?;
        Ok(queued)
    }
}
