//! The outbox's far end: statements that span tenants. Each sets the tenant item by item within one
//! SQL function (`migrations/hot_path/70_delivery.sql`) and clears it at the end.

use core_kernel::{TenantId, Timestamp};
use io_postgres::DbError;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::chrono::NaiveDate;
use uuid::Uuid;

/// A claimed message with all that its text needs.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct ClaimedRow {
    pub(crate) tenant_id: Uuid,
    pub(crate) month: NaiveDate,
    pub(crate) message_id: Uuid,
    pub(crate) attempt: i16,
    pub(crate) doubts: i16,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) channel: String,
    pub(crate) template: String,
    pub(crate) language: Option<String>,
    pub(crate) params: Value,
    pub(crate) secret_sealed: Option<Vec<u8>>,
    pub(crate) destination_sealed: Option<Vec<u8>>,
    pub(crate) factor_id: Option<Uuid>,
    pub(crate) factor_sealed: Option<Vec<u8>>,
    pub(crate) user_id: Option<Uuid>,
    pub(crate) user_name: Option<String>,
    pub(crate) user_email_sealed: Option<Vec<u8>>,
    pub(crate) environment: String,
    pub(crate) tenant_name: String,
    pub(crate) tenant_language: String,
    pub(crate) time_zone: String,
    pub(crate) branding: Value,
    pub(crate) challenge_id: Option<Uuid>,
    pub(crate) code_key_id: Option<i16>,
    pub(crate) digits: Option<i16>,
    pub(crate) code_purpose: Option<String>,
}

/// What a worker wants of a turn; the limits are per tenant.
pub(crate) struct ClaimRequest<'a> {
    pub(crate) tenants: &'a [TenantId],
    /// `MAIL`, `REST` or `ALL`.
    pub(crate) lane: &'static str,
    pub(crate) codes: i32,
    pub(crate) others: i32,
    pub(crate) lease_seconds: i32,
}

/// What became of one attempt.
#[derive(Debug, Clone)]
pub(crate) struct Settlement {
    pub(crate) tenant: Uuid,
    pub(crate) month: NaiveDate,
    pub(crate) message: Uuid,
    pub(crate) attempt: i16,
    pub(crate) status: &'static str,
    pub(crate) doubt: bool,
    pub(crate) retry_seconds: i32,
    pub(crate) provider: &'static str,
    pub(crate) reference: Option<String>,
    pub(crate) detail: Option<String>,
    pub(crate) body: Option<String>,
}

pub(crate) async fn tenants_with_messages(
    connection: &mut PgConnection,
    after: Option<TenantId>,
    limit: i32,
) -> Result<Vec<TenantId>, DbError> {
    let ids: Vec<Uuid> = sqlx::query_scalar("select postern_cross.tenants_with_messages($1, $2)")
        .bind(after.map(|tenant| tenant.0))
        .bind(limit)
        .fetch_all(connection)
        .await?;
    Ok(ids.into_iter().map(TenantId).collect())
}

pub(crate) async fn claim_batch(
    connection: &mut PgConnection,
    request: &ClaimRequest<'_>,
) -> Result<Vec<ClaimedRow>, DbError> {
    let tenants: Vec<Uuid> = request.tenants.iter().map(|tenant| tenant.0).collect();
    Ok(sqlx::query_as("select * from claim_messages_batch($1, $2, $3, $4, $5)")
        .bind(tenants)
        .bind(request.lane)
        .bind(request.codes)
        .bind(request.others)
        .bind(request.lease_seconds)
        .fetch_all(connection)
        .await?)
}

/// Which of the attempts were settled; the others had lost their lease to another worker.
pub(crate) async fn settle_batch(connection: &mut PgConnection, items: &[Settlement]) -> Result<Vec<bool>, DbError> {
    fn column<T>(items: &[Settlement], of: impl Fn(&Settlement) -> T) -> Vec<T> {
        items.iter().map(of).collect()
    }
    let rows: Vec<(i32, bool)> = sqlx::query_as(
        "select item, settled from settle_messages_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) order by item",
    )
    .bind(column(items, |item| item.tenant))
    .bind(column(items, |item| item.month))
    .bind(column(items, |item| item.message))
    .bind(column(items, |item| item.attempt))
    .bind(column(items, |item| item.status))
    .bind(column(items, |item| item.doubt))
    .bind(column(items, |item| item.retry_seconds))
    .bind(column(items, |item| item.provider))
    .bind(column(items, |item| item.reference.clone()))
    .bind(column(items, |item| item.detail.clone()))
    .bind(column(items, |item| item.body.clone()))
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(_, settled)| settled).collect())
}
