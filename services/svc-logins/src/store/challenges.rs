//! The SQL of reading challenges.

use chrono::Months;
use core_kernel::{AdminId, ChallengeId, LoginId, Timestamp};
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct ChallengeRow {
    pub(crate) challenge_id: Uuid,
    pub(crate) channel: String,
    pub(crate) factor_id: Option<Uuid>,
    pub(crate) secret_sealed: Option<Vec<u8>>,
    pub(crate) status: String,
    pub(crate) attempts_remaining: i32,
    pub(crate) expires_at: Timestamp,
    pub(crate) state_sealed: Option<Vec<u8>>,
    pub(crate) login_id: Option<Uuid>,
}

/// A challenge with its status, which is never stored but follows from what is.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select c.challenge_id, c.channel, c.factor_id, c.expires_at, c.state_sealed, c.login_id,
                    case when c.kind = 'CODE' then f.secret_sealed end as secret_sealed,
                    case
                        when c.verified_at is not null or l.completed_by = c.challenge_id then 'VERIFIED'
                        when l.completed_at is not null then 'SUPERSEDED'
                        when coalesce(l.attempts >= l.max_attempts, false) then 'FAILED'
                        when c.expires_at <= tenant_now($1) or l.expires_at <= tenant_now($1) then 'EXPIRED'
                        else 'PENDING'
                    end as status,
                    greatest(coalesce(l.max_attempts - l.attempts, 0), 0)::integer as attempts_remaining
               from challenge c
               join tenant_user u on u.tenant_id = c.tenant_id and u.user_id = c.user_id
               left join login l on l.tenant_id = c.tenant_id and l.month = c.login_month and l.login_id = c.login_id
               left join factor f on f.tenant_id = c.tenant_id and f.factor_id = c.factor_id
              where c.tenant_id = $1 and ($2::uuid is null or u.advisor_id = $2) ",
            $rest
        )
    };
}

pub(crate) async fn lookup_challenge(
    tx: &mut TenantTx,
    advisor: Option<AdminId>,
    id: ChallengeId,
) -> Result<Option<ChallengeRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(select!("and c.month = $3 and c.challenge_id = $4"))
        .bind(tenant)
        .bind(advisor.map(|advisor| advisor.0))
        .bind(id.month())
        .bind(id.0)
        .fetch_optional(tx.connection())
        .await?)
}

/// Of these logins, the oldest first.
pub(crate) async fn list_challenges(
    tx: &mut TenantTx,
    advisor: Option<AdminId>,
    logins: &[LoginId],
) -> Result<Vec<ChallengeRow>, DbError> {
    let tenant = tx.tenant().0;
    let ids: Vec<Uuid> = logins.iter().map(|login| login.0).collect();
    // A challenge is never older than its login, and a login is open for an hour at most.
    let since = logins.iter().map(|login| login.month()).min();
    let until = logins.iter().map(|login| login.month() + Months::new(1)).max();
    Ok(sqlx::query_as(select!(
        "and c.login_id = any ($3) and c.month between $4 and $5 order by c.month, c.challenge_id"
    ))
    .bind(tenant)
    .bind(advisor.map(|advisor| advisor.0))
    .bind(ids)
    .bind(since)
    .bind(until)
    .fetch_all(tx.connection())
    .await?)
}
