//! Endpoints.

use core_kernel::{Timestamp, WebhookEndpointId};
use io_postgres::{DbError, TenantTx};
use svc_audit::EventKind;
use uuid::Uuid;

use crate::model::EndpointRecord;
use crate::secrets::SealedSecrets;

#[derive(sqlx::FromRow)]
struct EndpointRow {
    endpoint_id: Uuid,
    url: String,
    events: Vec<String>,
    created_at: Timestamp,
    last_delivery_at: Option<Timestamp>,
    failing_since: Option<Timestamp>,
    disabled_at: Option<Timestamp>,
}

impl From<EndpointRow> for EndpointRecord {
    fn from(row: EndpointRow) -> Self {
        Self {
            endpoint_id: WebhookEndpointId(row.endpoint_id),
            url: row.url,
            events: row.events.iter().filter_map(|name| EventKind::parse(name)).collect(),
            created_at: row.created_at,
            last_delivery_at: row.last_delivery_at,
            failing_since: row.failing_since,
            disabled_at: row.disabled_at,
        }
    }
}

macro_rules! select_endpoints {
    ($rest:literal) => {
        concat!(
            "select e.endpoint_id, e.url, e.events, e.created_at, e.last_delivery_at, e.failing_since, e.disabled_at
               from webhook_endpoint e where e.tenant_id = $1 ",
            $rest
        )
    };
}

/// Whoever makes or deletes an endpoint has the tenant to itself.
pub(crate) async fn lock_tenant(tx: &mut TenantTx) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("select from tenant where tenant_id = $1 for no key update")
        .bind(tenant)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// All endpoints, the oldest first.
pub(crate) async fn list_endpoints(tx: &mut TenantTx) -> Result<Vec<EndpointRecord>, DbError> {
    const SQL: &str = select_endpoints!("order by e.endpoint_id");
    let tenant = tx.tenant().0;
    let rows: Vec<EndpointRow> = sqlx::query_as(SQL).bind(tenant).fetch_all(tx.connection()).await?;
    Ok(rows.into_iter().map(EndpointRecord::from).collect())
}

/// One endpoint.
pub(crate) async fn find_endpoint(tx: &mut TenantTx, id: WebhookEndpointId) -> Result<Option<EndpointRecord>, DbError> {
    const SQL: &str = select_endpoints!("and e.endpoint_id = $2");
    let tenant = tx.tenant().0;
    let row: Option<EndpointRow> = sqlx::query_as(SQL).bind(tenant).bind(id.0).fetch_optional(tx.connection()).await?;
    Ok(row.map(EndpointRecord::from))
}

pub(crate) async fn count_endpoints(tx: &mut TenantTx) -> Result<i64, DbError> {
    let tenant = tx.tenant().0;
    let count = sqlx::query_scalar("select count(*) from webhook_endpoint where tenant_id = $1");
    Ok(count.bind(tenant).fetch_one(tx.connection()).await?)
}

/// The endpoint, made at this moment by the database's clock, as events are: it is told of what comes after.
pub(crate) async fn insert_endpoint(
    tx: &mut TenantTx,
    id: WebhookEndpointId,
    url: &str,
    events: &[EventKind],
    secrets: &SealedSecrets,
) -> Result<EndpointRecord, DbError> {
    let tenant = tx.tenant().0;
    let row: EndpointRow = sqlx::query_as(
        "insert into webhook_endpoint as e (tenant_id, endpoint_id, url, events, secret_sealed, created_at)
         values ($1, $2, $3, $4, $5, clock_timestamp())
         returning e.endpoint_id, e.url, e.events, e.created_at, e.last_delivery_at, e.failing_since, e.disabled_at",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(url)
    .bind(events.iter().map(|kind| kind.as_str()).collect::<Vec<_>>())
    .bind(&secrets.secret_sealed)
    .fetch_one(tx.connection())
    .await?;
    Ok(row.into())
}

/// The secrets of an endpoint, which stays as it is until the transaction ends.
pub(crate) async fn lock_endpoint(tx: &mut TenantTx, id: WebhookEndpointId) -> Result<Option<SealedSecrets>, DbError> {
    let tenant = tx.tenant().0;
    let secrets = sqlx::query_as(
        "select secret_sealed, previous_secret_sealed, previous_secret_until
           from webhook_endpoint where tenant_id = $1 and endpoint_id = $2 for no key update",
    );
    Ok(secrets.bind(tenant).bind(id.0).fetch_optional(tx.connection()).await?)
}

pub(crate) async fn update_secrets(
    tx: &mut TenantTx,
    id: WebhookEndpointId,
    secrets: &SealedSecrets,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update webhook_endpoint
            set secret_sealed = $3, previous_secret_sealed = $4, previous_secret_until = $5
          where tenant_id = $1 and endpoint_id = $2",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(&secrets.secret_sealed)
    .bind(&secrets.previous_secret_sealed)
    .bind(secrets.previous_secret_until)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Deletes an endpoint and all its deliveries; false where there is none.
pub(crate) async fn delete_endpoint(tx: &mut TenantTx, id: WebhookEndpointId) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let deleted = sqlx::query("delete from webhook_endpoint where tenant_id = $1 and endpoint_id = $2")
        .bind(tenant)
        .bind(id.0)
        .execute(tx.connection())
        .await?;
    Ok(deleted.rows_affected() > 0)
}

/// Whether some endpoint wants to hear of logins, for the path of logins to read; under
/// [`lock_tenant`].
pub(crate) async fn note_login_interest(tx: &mut TenantTx) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update tenant t set webhook_logins = w.wanted
           from (select exists (select from webhook_endpoint e
                                 where e.tenant_id = $1
                                   and (e.events = '{}' or e.events && array['LOGIN_COMPLETED', 'LOGIN_DENIED'])) as wanted) w
          where t.tenant_id = $1 and t.webhook_logins <> w.wanted",
    )
    .bind(tenant)
    .execute(tx.connection())
    .await?;
    Ok(())
}
