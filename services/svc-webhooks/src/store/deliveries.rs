//! Deliveries, to be made, listed and asked for again.

use core_kernel::{EventId, Timestamp, WebhookDeliveryId, WebhookEndpointId};
use io_postgres::{DbError, TenantTx};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};
use svc_audit::EventKind;

use crate::model::{DeliveryRecord, DeliveryStatus};

/// The kind of a delivery that stands for no event.
const TEST: &str = "TEST";

/// A delivery to be queued.
pub(crate) struct NewDelivery {
    pub(crate) id: WebhookDeliveryId,
    pub(crate) endpoint: WebhookEndpointId,
    pub(crate) event: EventId,
    pub(crate) kind: EventKind,
    pub(crate) body: String,
    pub(crate) created_at: Timestamp,
}

/// Queues deliveries; a pair of event and endpoint that is there already is left as it is.
pub(crate) async fn insert_deliveries(tx: &mut TenantTx, deliveries: &[NewDelivery]) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into webhook_delivery (tenant_id, month, delivery_id, endpoint_id, event_id, kind, body, created_at,
                                       status, due_at)
         select $1, g.month, g.delivery_id, g.endpoint_id, g.event_id, g.kind, g.body, g.created_at,
                'QUEUED', clock_timestamp()
           from unnest($2::date[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::timestamptz[])
                g (month, delivery_id, endpoint_id, event_id, kind, body, created_at)
             on conflict (tenant_id, month, event_id, endpoint_id) do nothing",
    )
    .bind(tenant)
    .bind(deliveries.iter().map(|delivery| delivery.id.month()).collect::<Vec<_>>())
    .bind(deliveries.iter().map(|delivery| delivery.id.0).collect::<Vec<_>>())
    .bind(deliveries.iter().map(|delivery| delivery.endpoint.0).collect::<Vec<_>>())
    .bind(deliveries.iter().map(|delivery| delivery.event.0).collect::<Vec<_>>())
    .bind(deliveries.iter().map(|delivery| delivery.kind.as_str()).collect::<Vec<_>>())
    .bind(deliveries.iter().map(|delivery| delivery.body.as_str()).collect::<Vec<_>>())
    .bind(deliveries.iter().map(|delivery| delivery.created_at).collect::<Vec<_>>())
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Queues a test; false where one is on its way to this endpoint, which the caller has locked.
pub(crate) async fn insert_test(
    tx: &mut TenantTx,
    id: WebhookDeliveryId,
    event: EventId,
    endpoint: WebhookEndpointId,
    body: &str,
) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let inserted = sqlx::query(
        "insert into webhook_delivery (tenant_id, month, delivery_id, endpoint_id, event_id, kind, body, created_at,
                                       status, due_at, asked)
         select $1, $2, $3, $4, $5, $6, $7, clock_timestamp(), 'QUEUED', clock_timestamp(), true
          where not exists (select from webhook_delivery d
                             where d.tenant_id = $1 and d.endpoint_id = $4 and d.kind = $6
                               and d.status in ('QUEUED', 'SENDING'))",
    )
    .bind(tenant)
    .bind(id.month())
    .bind(id.0)
    .bind(endpoint.0)
    .bind(event.0)
    .bind(TEST)
    .bind(body)
    .execute(tx.connection())
    .await?;
    Ok(inserted.rows_affected() > 0)
}

macro_rules! select_deliveries {
    ($rest:literal) => {
        concat!(
            "select d.delivery_id, d.endpoint_id, d.event_id, d.kind, d.body, d.created_at, d.status, d.attempts,
                    d.last_attempt_at, d.due_at, d.delivered_at, d.response_status, d.failure
               from webhook_delivery d where d.tenant_id = $1 ",
            $rest
        )
    };
}

impl FromRow<'_, PgRow> for DeliveryRecord {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let unknown = |name: &str| sqlx::Error::Decode(format!("there is no status {name}").into());
        let status: String = row.try_get("status")?;
        let status = DeliveryStatus::parse(&status).ok_or_else(|| unknown(&status))?;
        let due_at = row.try_get("due_at")?;
        Ok(Self {
            delivery_id: WebhookDeliveryId(row.try_get("delivery_id")?),
            endpoint_id: WebhookEndpointId(row.try_get("endpoint_id")?),
            event_id: EventId(row.try_get("event_id")?),
            kind: EventKind::parse(row.try_get("kind")?),
            body: row.try_get("body")?,
            created_at: row.try_get("created_at")?,
            status,
            attempts: row.try_get("attempts")?,
            last_attempt_at: row.try_get("last_attempt_at")?,
            next_attempt_at: (status == DeliveryStatus::Queued).then_some(due_at),
            delivered_at: row.try_get("delivered_at")?,
            response_status: row.try_get("response_status")?,
            failure: row.try_get("failure")?,
        })
    }
}

/// An endpoint's deliveries, newest first, after the one named.
pub(crate) async fn list_deliveries(
    tx: &mut TenantTx,
    endpoint: WebhookEndpointId,
    after: Option<WebhookDeliveryId>,
    limit: i64,
) -> Result<Vec<DeliveryRecord>, DbError> {
    const SQL: &str = select_deliveries!(
        "and d.endpoint_id = $2 and ($3::uuid is null or d.delivery_id < $3) order by d.delivery_id desc limit $4"
    );
    let tenant = tx.tenant().0;
    let query = sqlx::query_as(SQL).bind(tenant).bind(endpoint.0).bind(after.map(|id| id.0)).bind(limit);
    Ok(query.fetch_all(tx.connection()).await?)
}

/// One delivery.
pub(crate) async fn find_delivery(tx: &mut TenantTx, id: WebhookDeliveryId) -> Result<Option<DeliveryRecord>, DbError> {
    const SQL: &str = select_deliveries!("and d.month = $2 and d.delivery_id = $3");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(id.month()).bind(id.0).fetch_optional(tx.connection()).await?)
}

/// The same, which stays as it is until the transaction ends.
pub(crate) async fn lock_delivery(tx: &mut TenantTx, id: WebhookDeliveryId) -> Result<Option<DeliveryRecord>, DbError> {
    const SQL: &str = select_deliveries!("and d.month = $2 and d.delivery_id = $3 for no key update");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(id.month()).bind(id.0).fetch_optional(tx.connection()).await?)
}

/// Queues one that is over again, as a person asked; it is tried as often as at first.
pub(crate) async fn ask_again(tx: &mut TenantTx, id: WebhookDeliveryId) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update webhook_delivery d
            set status = 'QUEUED', due_at = clock_timestamp(), retries_from = d.attempts, asked = true
          where d.tenant_id = $1 and d.month = $2 and d.delivery_id = $3",
    )
    .bind(tenant)
    .bind(id.month())
    .bind(id.0)
    .execute(tx.connection())
    .await?;
    Ok(())
}
