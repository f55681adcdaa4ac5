//! Messages, oldest first: what was sent to whom, by which way, and what became of it.

use chrono::NaiveDate;
use core_kernel::{Fault, MessageId, Timestamp, TypedId, UserId};
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

use super::cell::Row;
use super::{PAGE, Pages};

const COLUMNS: [&str; 12] = [
    "id",
    "created_at",
    "user_id",
    "external_id",
    "channel",
    "purpose",
    "country",
    "status",
    "provider",
    "attempts",
    "failure",
    "delivered_at",
];

#[derive(Default)]
pub(super) struct Messages {
    after: Option<(NaiveDate, Uuid)>,
}

#[derive(sqlx::FromRow)]
struct MessageRow {
    month: NaiveDate,
    message_id: Uuid,
    created_at: Timestamp,
    user_id: Option<Uuid>,
    external_id: Option<String>,
    channel: String,
    purpose: String,
    country: Option<String>,
    status: String,
    provider: Option<String>,
    attempts: i16,
    failure: Option<String>,
    delivered_at: Option<Timestamp>,
}

impl Pages for Messages {
    fn columns(&self) -> &'static [&'static str] {
        &COLUMNS
    }

    async fn next(&mut self, tx: &mut TenantTx) -> Result<Vec<Row>, Fault> {
        let messages = list(tx, self.after).await?;
        self.after = messages.last().map(|message| (message.month, message.message_id)).or(self.after);
        Ok(messages.into_iter().map(row).collect())
    }
}

fn row(message: MessageRow) -> Row {
    vec![
        MessageId(message.message_id).to_text().into(),
        message.created_at.into(),
        message.user_id.map(|user| UserId(user).to_text()).into(),
        message.external_id.into(),
        message.channel.into(),
        message.purpose.into(),
        message.country.into(),
        message.status.into(),
        message.provider.into(),
        message.attempts.into(),
        message.failure.into(),
        message.delivered_at.into(),
    ]
}

async fn list(tx: &mut TenantTx, after: Option<(NaiveDate, Uuid)>) -> Result<Vec<MessageRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select m.month, m.message_id, m.created_at, m.user_id, u.external_id, m.channel, m.purpose, m.country, m.status,
                m.provider, m.attempts, m.failure, m.delivered_at
           from message m
           left join tenant_user u on u.tenant_id = m.tenant_id and u.user_id = m.user_id
          where m.tenant_id = $1 and ($2::date is null or (m.month, m.message_id) > ($2, $3)) and ($2 is null or m.month >= $2)
          order by m.month, m.message_id limit $4",
    )
    .bind(tenant)
    .bind(after.map(|(month, _)| month))
    .bind(after.map(|(_, id)| id))
    .bind(PAGE)
    .fetch_all(tx.connection())
    .await?)
}
