//! Events that wait to be passed on, and who wants them.

use core_kernel::{EventId, Timestamp, WebhookEndpointId};
use io_postgres::{DbError, TenantTx};
use serde_json::Value;
use uuid::Uuid;

/// An event that no endpoint has been given yet.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct WaitingEvent {
    pub(crate) month: chrono::NaiveDate,
    pub(crate) event_id: Uuid,
    pub(crate) kind: String,
    pub(crate) payload: Value,
    pub(crate) created_at: Timestamp,
}

/// An endpoint that may want it.
#[derive(Debug, Clone)]
pub(crate) struct WantingEndpoint {
    pub(crate) endpoint_id: WebhookEndpointId,
    events: Vec<String>,
    created_at: Timestamp,
}

impl WantingEndpoint {
    /// What happened before there was an endpoint is not told to it.
    pub(crate) fn wants(&self, event: &WaitingEvent) -> bool {
        let kind = self.events.is_empty() || self.events.contains(&event.kind);
        kind && event.created_at >= self.created_at
    }
}

/// The oldest events that nobody else is passing on; theirs is whoever holds the transaction.
pub(crate) async fn lock_waiting_events(tx: &mut TenantTx, limit: i64) -> Result<Vec<WaitingEvent>, DbError> {
    let tenant = tx.tenant().0;
    let events = sqlx::query_as(
        "select month, event_id, kind, payload, created_at
           from outbox_event where tenant_id = $1 and not passed_on
          order by event_id limit $2 for no key update skip locked",
    );
    Ok(events.bind(tenant).bind(limit).fetch_all(tx.connection()).await?)
}

/// The endpoints that are not disabled; none of them is deleted before the transaction ends.
pub(crate) async fn list_wanting(tx: &mut TenantTx) -> Result<Vec<WantingEndpoint>, DbError> {
    let tenant = tx.tenant().0;
    let rows: Vec<(Uuid, Vec<String>, Timestamp)> = sqlx::query_as(
        "select endpoint_id, events, created_at
           from webhook_endpoint where tenant_id = $1 and disabled_at is null
          order by endpoint_id for key share",
    )
    .bind(tenant)
    .fetch_all(tx.connection())
    .await?;
    let of = |(id, events, created_at)| WantingEndpoint { endpoint_id: WebhookEndpointId(id), events, created_at };
    Ok(rows.into_iter().map(of).collect())
}

pub(crate) async fn mark_passed_on(tx: &mut TenantTx, events: &[WaitingEvent]) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    let (months, ids): (Vec<_>, Vec<_>) = events.iter().map(|event| (event.month, EventId(event.event_id).0)).unzip();
    sqlx::query(
        "update outbox_event e set passed_on = true
           from unnest($2::date[], $3::uuid[]) g (month, event_id)
          where e.tenant_id = $1 and e.month = g.month and e.event_id = g.event_id",
    )
    .bind(tenant)
    .bind(months)
    .bind(ids)
    .execute(tx.connection())
    .await?;
    Ok(())
}
