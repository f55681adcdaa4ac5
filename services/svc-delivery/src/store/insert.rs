//! Messages into the outbox.

use core_kernel::{MessageId, Timestamp, UserId};
use io_postgres::{DbError, TenantTx};
use serde_json::Value;

use super::Reserved;
use crate::model::MessagePurpose;

pub(crate) struct InsertMessage {
    pub(crate) id: MessageId,
    pub(crate) user: Option<UserId>,
    pub(crate) purpose: MessagePurpose,
    pub(crate) template: &'static str,
    pub(crate) priority: i16,
    pub(crate) language: Option<String>,
    pub(crate) destination_sealed: Option<Vec<u8>>,
    pub(crate) secret_sealed: Option<Vec<u8>>,
    pub(crate) params: Value,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) reserved: Reserved,
}

/// Without a destination of its own a mail goes to the user's address on record.
pub(crate) async fn insert_mail(tx: &mut TenantTx, row: &InsertMessage) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into message (tenant_id, month, message_id, user_id, channel, purpose, priority, destination_sealed,
                              template, language, params, secret_sealed, created_at, expires_at, claimable_at, status,
                              reserved, reserved_period)
         select $1, $2, $3, $4, 'EMAIL', $5, $6, $7, $8,
                coalesce($9, case when $7::bytea is null then
                    (select u.language from tenant_user u where u.tenant_id = $1 and u.user_id = $4) end, t.language),
                $10, $11, tenant_now($1), $12, clock_timestamp(), 'QUEUED', $13, $14
           from tenant t where t.tenant_id = $1",
    )
    .bind(tenant)
    .bind(row.id.month())
    .bind(row.id.0)
    .bind(row.user.map(|user| user.0))
    .bind(row.purpose.as_str())
    .bind(row.priority)
    .bind(&row.destination_sealed)
    .bind(row.template)
    .bind(&row.language)
    .bind(&row.params)
    .bind(&row.secret_sealed)
    .bind(row.expires_at)
    .bind(row.reserved.millionths)
    .bind(row.reserved.period)
    .execute(tx.connection())
    .await?;
    Ok(())
}
