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
    /// Nobody knows what became of the attempt before: its worker died.
    pub(crate) in_doubt: bool,
    pub(crate) doubts: i16,
    /// Who answered last, and when the attempt before began.
    pub(crate) doubted_provider: Option<String>,
    pub(crate) doubted_since: Option<Timestamp>,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) channel: String,
    pub(crate) country: Option<String>,
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

/// Which messages a lane sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Queue {
    /// For the log.
    pub(crate) name: &'static str,
    /// All of SANDBOX tenants.
    pub(crate) sandbox: bool,
    /// These of LIVE ones.
    pub(crate) channels: &'static [&'static str],
}

/// What a worker wants of a turn; the limits are per tenant.
pub(crate) struct ClaimRequest<'a> {
    pub(crate) tenants: &'a [TenantId],
    pub(crate) queue: Queue,
    pub(crate) codes: i32,
    pub(crate) others: i32,
    pub(crate) lease_seconds: i32,
}

/// An attempt whose lease is held.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    pub(crate) tenant: Uuid,
    pub(crate) month: NaiveDate,
    pub(crate) message: Uuid,
    pub(crate) attempt: i16,
}

/// What became of one attempt.
#[derive(Debug, Clone)]
pub(crate) struct Settlement {
    pub(crate) tenant: Uuid,
    pub(crate) month: NaiveDate,
    pub(crate) message: Uuid,
    pub(crate) attempt: i16,
    /// By the provider, and not by whoever made the attempt.
    pub(crate) reported: bool,
    pub(crate) status: &'static str,
    pub(crate) doubt: bool,
    pub(crate) retry_seconds: i32,
    pub(crate) provider: Option<&'static str>,
    pub(crate) reference: Option<String>,
    /// What providers said that refused it before.
    pub(crate) notes: Vec<String>,
    pub(crate) detail: Option<String>,
    pub(crate) opted_out: bool,
    pub(crate) body: Option<String>,
    /// As how many messages it is billed; unknown to who did not render it.
    pub(crate) units: Option<i16>,
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
    Ok(sqlx::query_as("select * from claim_messages_batch($1, $2, $3, $4, $5, $6)")
        .bind(tenants)
        .bind(request.queue.sandbox)
        .bind(request.queue.channels)
        .bind(request.codes)
        .bind(request.others)
        .bind(request.lease_seconds)
        .fetch_all(connection)
        .await?)
}

/// Lengthens leases.
pub(crate) async fn renew_batch(
    connection: &mut PgConnection,
    items: &[Held],
    lease_seconds: i32,
) -> Result<(), DbError> {
    sqlx::query("select renew_messages_batch($1, $2, $3, $4, $5)")
        .bind(column(items, |item| item.tenant))
        .bind(column(items, |item| item.month))
        .bind(column(items, |item| item.message))
        .bind(column(items, |item| item.attempt))
        .bind(lease_seconds)
        .execute(connection)
        .await?;
    Ok(())
}

/// Which of them told anything new: the others had lost their lease to another worker, or were
/// reported before.
pub(crate) async fn settle_batch(connection: &mut PgConnection, items: &[Settlement]) -> Result<Vec<bool>, DbError> {
    let notes = |item: &Settlement| (!item.notes.is_empty()).then(|| Value::from(item.notes.clone()).to_string());
    let rows: Vec<(i32, bool)> = sqlx::query_as(
        "select item, settled from settle_messages_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
                                                   $15) order by item",
    )
    .bind(column(items, |item| item.tenant))
    .bind(column(items, |item| item.month))
    .bind(column(items, |item| item.message))
    .bind(column(items, |item| item.attempt))
    .bind(column(items, |item| item.reported))
    .bind(column(items, |item| item.status))
    .bind(column(items, |item| item.doubt))
    .bind(column(items, |item| item.retry_seconds))
    .bind(column(items, |item| item.provider))
    .bind(column(items, |item| item.reference.clone()))
    .bind(column(items, notes))
    .bind(column(items, |item| item.detail.clone()))
    .bind(column(items, |item| item.opted_out))
    .bind(column(items, |item| item.body.clone()))
    .bind(column(items, |item| item.units))
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(_, settled)| settled).collect())
}

/// Of which of these challenges, each with its tenant, the right code was given; in the same order.
pub(crate) async fn challenges_verified(
    connection: &mut PgConnection,
    challenges: &[(Uuid, Uuid)],
) -> Result<Vec<bool>, DbError> {
    let rows: Vec<(i32, bool)> =
        sqlx::query_as("select item, verified from challenges_verified_batch($1, $2) order by item")
            .bind(column(challenges, |(tenant, _)| *tenant))
            .bind(column(challenges, |(_, challenge)| *challenge))
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().map(|(_, verified)| verified).collect())
}

fn column<I, T>(items: &[I], of: impl Fn(&I) -> T) -> Vec<T> {
    items.iter().map(of).collect()
}
