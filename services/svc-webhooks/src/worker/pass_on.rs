//! Events become deliveries.

use core_kernel::{EventId, Fault, TenantId, Timestamp, WebhookDeliveryId};
use io_postgres::TenantTx;
use svc_audit::EventKind;

use super::WebhookWorker;
use crate::payload::render;
use crate::store::{self, NewDelivery, WaitingEvent, WantingEndpoint};

impl WebhookWorker {
    /// Passes the oldest events of the tenant on; whether there were any. Deliveries and marks are one
    /// transaction.
    pub(super) async fn pass_on(&self, tenant: TenantId) -> Result<bool, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let events = store::lock_waiting_events(&mut tx, self.options.events).await?;
        if events.is_empty() {
            return Ok(false);
        }
        let endpoints = store::list_wanting(&mut tx).await?;
        let deliveries: Vec<_> = events.iter().flat_map(|event| self.deliveries(event, &endpoints)).collect();
        if !deliveries.is_empty() {
            store::insert_deliveries(&mut tx, &deliveries).await?;
        }
        store::mark_passed_on(&mut tx, &events).await?;
        tx.commit().await?;
        Ok(true)
    }

    fn deliveries(&self, event: &WaitingEvent, endpoints: &[WantingEndpoint]) -> Vec<NewDelivery> {
        let Some(kind) = EventKind::parse(&event.kind) else {
            tracing::error!(kind = event.kind, "an event of a kind that nobody can be told of");
            return Vec::new();
        };
        let wanting = endpoints.iter().filter(|endpoint| endpoint.wants(event));
        let delivery = |endpoint: &WantingEndpoint| NewDelivery {
            id: self.delivery_id(event),
            endpoint: endpoint.endpoint_id,
            event: EventId(event.event_id),
            kind,
            body: render(kind, event.created_at, &event.payload),
            created_at: event.created_at,
        };
        wanting.map(delivery).collect()
    }

    /// Of the event's own time, and thereby of its month.
    fn delivery_id(&self, event: &WaitingEvent) -> WebhookDeliveryId {
        let made = event.event_id.get_timestamp().and_then(|stamp| {
            let (seconds, nanos) = stamp.to_unix();
            Timestamp::from_timestamp(i64::try_from(seconds).ok()?, nanos)
        });
        WebhookDeliveryId::new(&*self.platform.entropy, made.unwrap_or(event.created_at))
    }
}
