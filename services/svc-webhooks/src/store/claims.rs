//! What a worker finds to do, and takes.

use chrono::NaiveDate;
use core_kernel::{EventId, TenantId, WebhookDeliveryId, WebhookEndpointId};
use io_postgres::{DbError, NoTenant, TenantTx};
use sqlx::Row;
use uuid::Uuid;

use crate::secrets::SealedSecrets;

/// A tenant with work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work {
    pub(crate) tenant: TenantId,
    /// Events wait to be passed on.
    pub(crate) events: bool,
    /// Deliveries are due.
    pub(crate) deliveries: bool,
}

/// Tenants with work, after this one.
pub(crate) async fn tenants_with_work(
    connection: &mut NoTenant,
    after: Option<TenantId>,
    limit: i32,
) -> Result<Vec<Work>, DbError> {
    let rows: Vec<(Uuid, bool, bool)> =
        sqlx::query_as("select tenant_id, events, deliveries from postern_cross.tenants_with_webhooks($1, $2)")
            .bind(after.map(|tenant| tenant.0))
            .bind(limit)
            .fetch_all(connection.connection())
            .await?;
    let of = |(tenant, events, deliveries)| Work { tenant: TenantId(tenant), events, deliveries };
    Ok(rows.into_iter().map(of).collect())
}

/// A delivery in a worker's hands.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) tenant: TenantId,
    pub(crate) month: NaiveDate,
    pub(crate) delivery: WebhookDeliveryId,
    pub(crate) endpoint: WebhookEndpointId,
    pub(crate) event: EventId,
    pub(crate) attempt: i16,
    /// Since it was first queued, or last asked for.
    pub(crate) tries: i16,
    pub(crate) asked: bool,
    pub(crate) body: String,
    pub(crate) url: String,
    pub(crate) secrets: SealedSecrets,
}

/// How many deliveries are wanted.
pub(crate) struct ClaimRequest<'a> {
    /// At most.
    pub(crate) limit: i64,
    /// At most to one endpoint at a time; one where it is failing.
    pub(crate) per_endpoint: i64,
    /// What is on its way to endpoints already.
    pub(crate) on_the_way: &'a [(WebhookEndpointId, i64)],
    /// After how long a worker that says nothing is taken for dead.
    pub(crate) lease_seconds: f64,
}

/// Takes deliveries of the tenant that are due: QUEUED, or of a worker that has fallen silent. What
/// nobody asked for, to an endpoint that is disabled, is canceled instead.
pub(crate) async fn claim(tx: &mut TenantTx, request: &ClaimRequest<'_>) -> Result<Vec<Claim>, DbError> {
    let tenant = tx.tenant();
    let (busy, counts): (Vec<Uuid>, Vec<i64>) = request.on_the_way.iter().map(|(id, count)| (id.0, *count)).unzip();
    let rows = sqlx::query(
        "with due as (
             select w.month, w.delivery_id, e.endpoint_id, e.disabled_at is null or w.asked as becomes_sent
               from webhook_endpoint e
               left join unnest($2::uuid[], $3::bigint[]) b (endpoint_id, count) on b.endpoint_id = e.endpoint_id
              cross join lateral (
                    select d.month, d.delivery_id, d.asked
                      from webhook_delivery d
                     where d.tenant_id = $1 and d.endpoint_id = e.endpoint_id
                       and d.status in ('QUEUED', 'SENDING') and d.due_at <= clock_timestamp()
                     order by d.due_at
                     limit greatest(0, case when e.failing_since is null then $4 else 1 end - coalesce(b.count, 0))
                       for no key update skip locked) w
              where e.tenant_id = $1
              limit $5
         )
         update webhook_delivery d
            set status = case when due.becomes_sent then 'SENDING' else 'CANCELED' end,
                attempts = d.attempts + due.becomes_sent::integer,
                last_attempt_at = case when due.becomes_sent then clock_timestamp() else d.last_attempt_at end,
                due_at = clock_timestamp() + make_interval(secs => $6)
           from due join webhook_endpoint e on e.tenant_id = $1 and e.endpoint_id = due.endpoint_id
          where d.tenant_id = $1 and d.month = due.month and d.delivery_id = due.delivery_id
         returning d.month, d.delivery_id, d.endpoint_id, d.event_id, d.attempts, d.attempts - d.retries_from as tries,
                   d.asked, d.body, e.url, e.secret_sealed, e.previous_secret_sealed, e.previous_secret_until, d.status",
    )
    .bind(tenant.0)
    .bind(busy)
    .bind(counts)
    .bind(request.per_endpoint)
    .bind(request.limit)
    .bind(request.lease_seconds)
    .fetch_all(tx.connection())
    .await?;
    let sent = rows.iter().filter(|row| row.try_get("status").is_ok_and(|status: &str| status == "SENDING"));
    Ok(sent.map(|row| read(tenant, row)).collect::<Result<_, _>>()?)
}

fn read(tenant: TenantId, row: &sqlx::postgres::PgRow) -> Result<Claim, sqlx::Error> {
    Ok(Claim {
        tenant,
        month: row.try_get("month")?,
        delivery: WebhookDeliveryId(row.try_get("delivery_id")?),
        endpoint: WebhookEndpointId(row.try_get("endpoint_id")?),
        event: EventId(row.try_get("event_id")?),
        attempt: row.try_get("attempts")?,
        tries: row.try_get("tries")?,
        asked: row.try_get("asked")?,
        body: row.try_get("body")?,
        url: row.try_get("url")?,
        secrets: sqlx::FromRow::from_row(row)?,
    })
}
