//! Challenges that confirm a pending factor.

use chrono::NaiveDate;
use core_kernel::{ChallengeId, FactorId, LoginId, MessageId, Timestamp, UserId};
use core_policy::Channel;
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

/// What `send_code` is given.
pub(crate) struct SendCode {
    pub(crate) now: Timestamp,
    pub(crate) user: UserId,
    pub(crate) login: Option<LoginId>,
    pub(crate) factor: FactorId,
    pub(crate) channel: Channel,
    pub(crate) challenge: ChallengeId,
    pub(crate) message: MessageId,
    pub(crate) code_key: i16,
    pub(crate) digits: i16,
    pub(crate) ttl_seconds: i32,
    pub(crate) resend_after_seconds: i32,
}

/// What it answers.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct CodeSent {
    /// OK, `TOO_SOON`, `SPENDING_CAP_REACHED` or `DESTINATION_BLOCKED`.
    pub(crate) outcome: String,
    /// With `TOO_SOON` none where the destination itself must rest.
    pub(crate) challenge_id: Option<Uuid>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) resend_at: Option<Timestamp>,
}

/// Begins or repeats the challenge and puts the message into the outbox.
pub(crate) async fn send_code(tx: &mut TenantTx, send: &SendCode) -> Result<CodeSent, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select outcome, challenge_id, expires_at, resend_at
           from send_code($1, $2, $3, $4, $5, $6, $7, 'ENROLL', $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(tenant)
    .bind(send.now)
    .bind(send.user.0)
    .bind(send.login.map(|login| login.0))
    .bind(send.login.map(LoginId::month))
    .bind(send.factor.0)
    .bind(send.channel.as_str())
    .bind(send.challenge.0)
    .bind(send.challenge.month())
    .bind(send.message.0)
    .bind(send.message.month())
    .bind(send.code_key)
    .bind(send.digits)
    .bind(send.ttl_seconds)
    .bind(send.resend_after_seconds)
    .fetch_one(tx.connection())
    .await?)
}

/// Keeps on record a code for which the spending cap leaves no room. The factor is not named: it may
/// have been given up with the transaction that began it.
pub(crate) async fn cancel_over_cap(tx: &mut TenantTx, send: &SendCode, country: Option<&str>) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("select cancel_over_cap($1, $2, null, $3, $4, 'CODE', 'code', $5, $6)")
        .bind(tenant)
        .bind(send.user.0)
        .bind(send.channel.as_str())
        .bind(country)
        .bind(send.message.0)
        .bind(send.message.month())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// The challenge of a pending factor.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct ChallengeRow {
    pub(crate) challenge_id: Uuid,
    pub(crate) month: NaiveDate,
    pub(crate) channel: String,
    pub(crate) expires_at: Timestamp,
    pub(crate) verified_at: Option<Timestamp>,
    pub(crate) resend_at: Option<Timestamp>,
    pub(crate) message_id: Option<Uuid>,
}

/// The latest challenge that confirms `factor`: the one within `login`, else the one outside any.
pub(crate) async fn find_enrolling(
    tx: &mut TenantTx,
    factor: FactorId,
    login: Option<LoginId>,
    resend_after_seconds: i32,
) -> Result<Option<ChallengeRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select c.challenge_id, c.month, c.channel, c.expires_at, c.verified_at,
                case c.channel
                    when 'SMS' then c.sms_sent_at + resend_wait($5, c.sms_sends)
                    when 'VOICE' then c.voice_sent_at + resend_wait($5, c.voice_sends)
                    else c.email_sent_at + resend_wait($5, c.email_sends) end as resend_at,
                (select m.message_id from message m where m.tenant_id = $1 and m.challenge_id = c.challenge_id
                  order by m.message_id desc limit 1) as message_id
           from (select * from challenge x
                  where x.tenant_id = $1 and x.factor_id = $2 and x.login_id = $3 and x.month >= $4 and x.purpose = 'ENROLL'
                 union all
                 select * from challenge x
                  where x.tenant_id = $1 and x.factor_id = $2 and x.login_id is null and x.purpose = 'ENROLL') c
          order by c.login_id is null, c.challenge_id desc limit 1",
    )
    .bind(tenant)
    .bind(factor.0)
    .bind(login.map(|login| login.0))
    .bind(login.map(LoginId::month))
    .bind(resend_after_seconds)
    .fetch_optional(tx.connection())
    .await?)
}
