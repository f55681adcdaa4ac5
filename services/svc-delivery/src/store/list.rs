//! Messages as they are shown.

use core_kernel::{AdminId, ChallengeId, MessageId, TenantId, Timestamp};
use io_postgres::{DbError, TenantTx};
use sqlx::types::Json;
use uuid::Uuid;

use crate::model::MessageEvent;

#[derive(sqlx::FromRow)]
pub(crate) struct MessageRow {
    pub(crate) message_id: Uuid,
    pub(crate) user_id: Option<Uuid>,
    pub(crate) challenge_id: Option<Uuid>,
    pub(crate) channel: String,
    pub(crate) purpose: String,
    pub(crate) country: Option<String>,
    pub(crate) factor_id: Option<Uuid>,
    pub(crate) factor_sealed: Option<Vec<u8>>,
    pub(crate) destination_sealed: Option<Vec<u8>>,
    pub(crate) user_email_sealed: Option<Vec<u8>>,
    pub(crate) admin_email: Option<String>,
    pub(crate) status: String,
    pub(crate) provider: Option<String>,
    pub(crate) failure: Option<String>,
    pub(crate) sandbox_body: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) delivered_at: Option<Timestamp>,
    pub(crate) timeline: Json<Vec<MessageEvent>>,
}

/// As `message.waiting` has it.
const WAITING: [&str; 2] = ["QUEUED", "SENDING"];

/// Which rows of the list are wanted.
pub(crate) struct ListMessages {
    pub(crate) after: Option<MessageId>,
    pub(crate) channels: Option<Vec<String>>,
    pub(crate) statuses: Option<Vec<String>>,
    pub(crate) user: Option<Uuid>,
    pub(crate) advisor: Option<AdminId>,
    pub(crate) limit: i64,
}

// A body is shown of SANDBOX tenants alone, whatever the row holds.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select m.message_id, m.user_id, m.challenge_id, m.channel, m.purpose, m.country, m.factor_id,
                    f.secret_sealed as factor_sealed, m.destination_sealed, u.email_sealed as user_email_sealed,
                    a.email as admin_email, m.status, m.provider, m.failure,
                    case when t.environment = 'SANDBOX' then m.sandbox_body end as sandbox_body,
                    m.created_at, m.delivered_at, m.timeline
               from message m
               join tenant t on t.tenant_id = m.tenant_id
               left join tenant_user u on u.tenant_id = m.tenant_id and u.user_id = m.user_id
               left join factor f on f.tenant_id = m.tenant_id and f.factor_id = m.factor_id
               left join tenant_admin a on a.tenant_id = m.tenant_id and a.admin_id = m.admin_id
              where m.tenant_id = $1 and ($2::uuid is null or u.advisor_id = $2) ",
            $rest
        )
    };
}

/// Newest first. Not kept as a prepared statement: how it is best read depends on what it is narrowed to.
pub(crate) async fn list_messages(tx: &mut TenantTx, wanted: &ListMessages) -> Result<Vec<MessageRow>, DbError> {
    let TenantId(tenant) = tx.tenant();
    // What waits is found by the queue's own index, however many messages there ever were.
    let only_waiting =
        wanted.statuses.as_ref().is_some_and(|all| all.iter().all(|one| WAITING.contains(&one.as_str())));
    Ok(sqlx::query_as(select!(
        "and ($3::uuid is null or (m.message_id < $3 and m.month <= $4))
         and ($5::text[] is null or m.channel = any ($5))
         and ($6::text[] is null or m.status = any ($6))
         and ($7::uuid is null or m.user_id = $7)
         and (not $9 or (m.waiting and case when m.waiting then m.tenant_id end = $1))
         order by m.month desc, m.message_id desc
         limit $8"
    ))
    .persistent(false)
    .bind(tenant)
    .bind(wanted.advisor.map(|advisor| advisor.0))
    .bind(wanted.after.map(|after| after.0))
    .bind(wanted.after.map(MessageId::month))
    .bind(&wanted.channels)
    .bind(&wanted.statuses)
    .bind(wanted.user)
    .bind(wanted.limit)
    .bind(only_waiting)
    .fetch_all(tx.connection())
    .await?)
}

pub(crate) async fn lookup_message(
    tx: &mut TenantTx,
    advisor: Option<AdminId>,
    id: MessageId,
) -> Result<Option<MessageRow>, DbError> {
    let TenantId(tenant) = tx.tenant();
    Ok(sqlx::query_as(select!("and m.month = $3 and m.message_id = $4"))
        .bind(tenant)
        .bind(advisor.map(|advisor| advisor.0))
        .bind(id.month())
        .bind(id.0)
        .fetch_optional(tx.connection())
        .await?)
}

/// Of these challenges, oldest first.
pub(crate) async fn list_of_challenges(
    tx: &mut TenantTx,
    advisor: Option<AdminId>,
    challenges: &[ChallengeId],
) -> Result<Vec<MessageRow>, DbError> {
    let TenantId(tenant) = tx.tenant();
    let ids: Vec<Uuid> = challenges.iter().map(|challenge| challenge.0).collect();
    // A message is never older than its challenge.
    let since = challenges.iter().map(|challenge| challenge.month()).min();
    Ok(sqlx::query_as(select!("and m.challenge_id = any ($3) and m.month >= $4 order by m.month, m.message_id"))
        .bind(tenant)
        .bind(advisor.map(|advisor| advisor.0))
        .bind(ids)
        .bind(since)
        .fetch_all(tx.connection())
        .await?)
}
