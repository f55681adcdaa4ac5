//! Sending once more what was sent, or given up.

use core_access::Permit;
use core_kernel::{Stop, TypedId, WebhookDeliveryId};
use io_postgres::TenantTx;
use serde_json::json;

use crate::model::DeliveryRecord;
use crate::refusals::{no_such_delivery, on_its_way};
use crate::{Webhooks, store};

impl Webhooks {
    /// Queues a delivery again: the same bytes, under the same identifier, also where it had arrived.
    ///
    /// # Errors
    /// NOT_FOUND or CONFLICT at `deliveryId`.
    pub async fn redeliver(&self, permit: &Permit, id: &str) -> Result<DeliveryRecord, Stop> {
        let id = WebhookDeliveryId::from_text(id).ok_or_else(no_such_delivery)?;
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let delivery = store::lock_delivery(&mut tx, id).await?.ok_or_else(no_such_delivery)?;
        if !delivery.status.is_over() {
            return Err(on_its_way().into());
        }
        store::ask_again(&mut tx, id).await?;
        let queued = store::find_delivery(&mut tx, id).await?.ok_or_else(no_such_delivery)?;
        let detail = json!({ "delivery_id": id.to_text() });
        let endpoint = delivery.endpoint_id.to_text();
        svc_audit::record(&mut tx, permit.caller(), "webhook.redelivered", &endpoint, detail).await?;
        tx.commit().await?;
        Ok(queued)
    }
}
