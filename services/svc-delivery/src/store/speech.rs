//! What a call needs that is being made: the same columns as a claim gives, and nothing changes.

use core_kernel::{MessageId, TenantId};
use io_postgres::{DbError, TenantTx};

use super::ClaimedRow;

/// The message, unless nothing may be said of it any more.
pub(crate) async fn lookup_spoken(tx: &mut TenantTx, id: MessageId) -> Result<Option<ClaimedRow>, DbError> {
    let TenantId(tenant) = tx.tenant();
    Ok(sqlx::query_as(
        "select m.tenant_id, m.month, m.message_id, m.attempts as attempt, false as in_doubt, m.doubts,
                m.provider as doubted_provider, m.attempted_at as doubted_since, tenant_now(m.tenant_id) as now,
                m.expires_at, m.channel, m.country, m.template, m.language, m.params, m.secret_sealed, m.destination_sealed,
                m.factor_id, f.secret_sealed as factor_sealed, m.user_id, u.display_name as user_name,
                u.email_sealed as user_email_sealed, t.environment, t.name as tenant_name, t.language as tenant_language,
                t.time_zone, t.branding, m.challenge_id, h.code_key_id, h.digits, h.purpose as code_purpose,
                false as is_other, null::uuid as turn
           from message m
           join tenant t on t.tenant_id = m.tenant_id
           left join tenant_user u on u.tenant_id = m.tenant_id and u.user_id = m.user_id
           left join factor f on f.tenant_id = m.tenant_id and f.factor_id = m.factor_id
           left join challenge h on h.tenant_id = m.tenant_id and h.month = month_of(m.challenge_id)
                                and h.challenge_id = m.challenge_id
          where m.tenant_id = $1 and m.month = $2 and m.message_id = $3 and m.channel = 'VOICE'
            and m.status in ('SENDING', 'ACCEPTED', 'DELIVERED', 'FAILED')",
    )
    .bind(tenant)
    .bind(id.month())
    .bind(id.0)
    .fetch_optional(tx.connection())
    .await?)
}
