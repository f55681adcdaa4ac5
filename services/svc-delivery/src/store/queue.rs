//! The outbox's far end: statements that span tenants. Each sets the tenant row by row within one
//! SQL function (`migrations/hot_path/70_delivery.sql`) and clears it at the end.

use core_kernel::{TenantId, Timestamp};
use io_postgres::{DbError, NoTenant};
use io_traces::Parent;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::chrono::NaiveDate;
use uuid::Uuid;

use crate::guard::{GuardMode, GuardOptions};

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
    /// Not a code.
    pub(crate) is_other: bool,
    /// The last tenant of this turn; none where every tenant had its turn.
    pub(crate) turn: Option<Uuid>,
    /// The span that it was queued in; looked up by [`list_traces`].
    #[sqlx(skip)]
    pub(crate) origin: Option<Parent>,
}

/// Which messages a lane sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Queue {
    /// For the log.
    pub(crate) name: &'static str,
    /// As `message.lane` says it.
    pub(crate) lane: i16,
}

/// Texts and calls of LIVE tenants.
pub(crate) const PHONES: Queue = Queue { name: "phones", lane: 0 };
/// Their mail.
pub(crate) const MAIL: Queue = Queue { name: "mail", lane: 1 };
/// What never leaves the platform.
pub(crate) const SANDBOX: Queue = Queue { name: "sandbox", lane: 2 };
/// All of them.
pub(crate) const ALL_LANES: [Queue; 3] = [PHONES, MAIL, SANDBOX];

/// What a worker wants of a turn.
pub(crate) struct ClaimRequest {
    /// The tenants whose turn was the last, of codes and of others.
    pub(crate) codes_after: Option<TenantId>,
    pub(crate) others_after: Option<TenantId>,
    pub(crate) queue: Queue,
    /// The most of each.
    pub(crate) codes: i32,
    pub(crate) others: i32,
    pub(crate) lease_seconds: i32,
    pub(crate) guard: GuardOptions,
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

/// What is due in a lane and in nobody's hands: codes, or what is not a code.
pub(crate) async fn list_due(
    connection: &mut NoTenant,
    queue: Queue,
    others: bool,
    limit: i32,
) -> Result<Vec<Uuid>, DbError> {
    Ok(sqlx::query_scalar("select message_id from postern_cross.due_messages(null, $1, $2, $3)")
        .bind(queue.lane)
        .bind(others)
        .bind(limit)
        .fetch_all(connection.connection())
        .await?)
}

/// In the order in which they are to be sent.
pub(crate) async fn claim_batch(
    connection: &mut PgConnection,
    request: &ClaimRequest,
) -> Result<Vec<ClaimedRow>, DbError> {
    Ok(sqlx::query_as("select * from claim_messages_batch($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(request.codes_after.map(|tenant| tenant.0))
        .bind(request.others_after.map(|tenant| tenant.0))
        .bind(request.queue.lane)
        .bind(request.codes)
        .bind(request.others)
        .bind(request.lease_seconds)
        .bind(request.guard.most())
        .bind(i32::from(request.guard.verified_percent))
        .bind(request.guard.mode == GuardMode::Block)
        .fetch_all(connection)
        .await?)
}

/// In which spans these were queued, where that is known: places in the list, with what is stored of the span.
pub(crate) async fn list_traces(
    connection: &mut PgConnection,
    rows: &[ClaimedRow],
) -> Result<Vec<(usize, Vec<u8>)>, DbError> {
    let traces: Vec<(i32, Vec<u8>)> = sqlx::query_as("select item, trace from message_traces_batch($1, $2, $3)")
        .bind(column(rows, |row| row.tenant_id))
        .bind(column(rows, |row| row.month))
        .bind(column(rows, |row| row.message_id))
        .fetch_all(connection)
        .await?;
    // SQL counts from one.
    Ok(traces.into_iter().filter_map(|(item, trace)| Some((usize::try_from(item - 1).ok()?, trace))).collect())
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

#[cfg(test)]
impl ClaimedRow {
    pub(crate) fn example() -> Self {
        let now = Timestamp::from_timestamp(1_790_000_000, 0).expect("a time");
        Self {
            tenant_id: Uuid::from_u128(7),
            month: now.date_naive(),
            message_id: Uuid::from_u128(9),
            attempt: 1,
            in_doubt: false,
            doubts: 0,
            doubted_provider: None,
            doubted_since: None,
            now,
            expires_at: None,
            channel: "SMS".to_owned(),
            country: Some("US".to_owned()),
            template: "code".to_owned(),
            language: None,
            params: Value::Null,
            secret_sealed: None,
            destination_sealed: None,
            factor_id: None,
            factor_sealed: None,
            user_id: None,
            user_name: None,
            user_email_sealed: None,
            environment: "LIVE".to_owned(),
            tenant_name: "Acme".to_owned(),
            tenant_language: "en".to_owned(),
            time_zone: "UTC".to_owned(),
            branding: Value::Null,
            challenge_id: None,
            code_key_id: None,
            digits: None,
            code_purpose: None,
            is_other: false,
            turn: None,
            origin: None,
        }
    }
}

#[cfg(test)]
impl Settlement {
    pub(crate) fn example() -> Self {
        let ClaimedRow { tenant_id, month, message_id, .. } = ClaimedRow::example();
        Self {
            tenant: tenant_id,
            month,
            message: message_id,
            attempt: 1,
            reported: false,
            status: "ACCEPTED",
            doubt: false,
            retry_seconds: 0,
            provider: Some("twilio"),
            reference: None,
            notes: Vec::new(),
            detail: None,
            opted_out: false,
            body: None,
            units: None,
        }
    }
}
