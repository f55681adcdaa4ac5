//! The SQL of logins, and of what is loaded about a user for one.

use core_kernel::{AdminId, LoginId, Timestamp, UserId};
use io_postgres::{DbError, TenantTx};
use serde_json::Value;
use uuid::Uuid;

use crate::span::Position;
use crate::steps::load::Loaded;

#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct LoginRow {
    pub(crate) login_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) external_id: String,
    pub(crate) user_kind: String,
    pub(crate) advisor_id: Option<Uuid>,
    pub(crate) purpose: String,
    pub(crate) outcome: String,
    pub(crate) reasons: Vec<String>,
    pub(crate) level: String,
    pub(crate) policy_version: i32,
    pub(crate) risk_score: i16,
    pub(crate) risk_signals: Value,
    pub(crate) first_factor: String,
    pub(crate) ip_address: String,
    pub(crate) country: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) latitude: Option<f32>,
    pub(crate) longitude: Option<f32>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) completed_at: Option<Timestamp>,
    pub(crate) completed_wall: Option<Timestamp>,
    pub(crate) completed_with: Option<String>,
    pub(crate) completed_proof: Option<String>,
    pub(crate) may_change_factors: bool,
}

macro_rules! select_logins {
    ($from:literal, $where:literal) => {
        concat!(
            "select l.login_id, l.user_id, u.external_id, u.kind as user_kind, u.advisor_id, l.purpose, l.outcome, l.reasons,
                    l.level, l.policy_version, l.risk_score, l.risk_signals, l.first_factor,
                    host(l.ip_address) as ip_address, l.country, l.city, l.latitude, l.longitude,
                    l.created_at, l.expires_at, l.completed_at, l.completed_wall, l.completed_with, l.completed_proof,
                    l.may_change_factors
               from ",
            $from,
            " join tenant_user u on u.tenant_id = l.tenant_id and u.user_id = l.user_id where l.tenant_id = $1 ",
            $where
        )
    };
}

pub(crate) async fn lookup_login(tx: &mut TenantTx, login: LoginId) -> Result<Option<LoginRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(select_logins!("login l", "and l.month = $2 and l.login_id = $3"))
        .bind(tenant)
        .bind(login.month())
        .bind(login.0)
        .fetch_optional(tx.connection())
        .await?)
}

/// Several at once.
pub(crate) async fn lookup_logins(tx: &mut TenantTx, logins: &[LoginId]) -> Result<Vec<LoginRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(select_logins!("login l", "and l.month = any ($2) and l.login_id = any ($3)"))
        .bind(tenant)
        .bind(logins.iter().map(|login| login.month()).collect::<Vec<_>>())
        .bind(logins.iter().map(|login| login.0).collect::<Vec<_>>())
        .fetch_all(tx.connection())
        .await?)
}

/// A page of each of these users, newest first. Identifiers begin with their time: the order is that of months, too.
pub(crate) async fn list_logins_of(
    tx: &mut TenantTx,
    users: &[UserId],
    advisor: Option<AdminId>,
    before: Option<Position>,
    limit: i64,
) -> Result<Vec<LoginRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(select_logins!(
        "unnest($2::uuid[]) as wanted (user_id) cross join lateral
         (select l.* from login l
           where l.tenant_id = $1 and l.user_id = wanted.user_id
             and ($3::uuid is null or (l.login_id < $3 and l.month <= $4))
           order by l.login_id desc limit $5) l",
        "and ($6::uuid is null or u.advisor_id = $6) order by l.login_id desc"
    ))
    .bind(tenant)
    .bind(users.iter().map(|user| user.0).collect::<Vec<_>>())
    .bind(before.map(|position| position.id))
    .bind(before.map(|position| position.month))
    .bind(limit)
    .bind(advisor.map(|advisor| advisor.0))
    .fetch_all(tx.connection())
    .await?)
}

/// What a list of logins is narrowed to.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListFilter {
    pub(crate) advisor: Option<AdminId>,
    pub(crate) outcomes: Option<Vec<String>>,
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
    /// The first that may be listed, and the one before which the page ends: what lies outside is not even looked at.
    pub(crate) not_before: Option<Position>,
    pub(crate) before: Option<Position>,
    pub(crate) limit: i64,
}

/// Not kept as a prepared statement: how it is best read depends on what it is narrowed to.
pub(crate) async fn list_logins(tx: &mut TenantTx, filter: &ListFilter) -> Result<Vec<LoginRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(select_logins!(
        "login l",
        "and ($2::uuid is null or u.advisor_id = $2)
            and ($3::text[] is null or l.outcome = any ($3))
            and ($4::timestamptz is null or l.created_at >= $4)
            and ($5::timestamptz is null or l.created_at < $5)
            and ($6::uuid is null or (l.month, l.login_id) >= ($7::date, $6))
            and ($8::uuid is null or (l.month, l.login_id) < ($9::date, $8))
          order by l.month desc, l.login_id desc limit $10"
    ))
    .persistent(false)
    .bind(tenant)
    .bind(filter.advisor.map(|advisor| advisor.0))
    .bind(&filter.outcomes)
    .bind(filter.from)
    .bind(filter.to)
    .bind(filter.not_before.map(|position| position.id))
    .bind(filter.not_before.map(|position| position.month))
    .bind(filter.before.map(|position| position.id))
    .bind(filter.before.map(|position| position.month))
    .bind(filter.limit)
    .fetch_all(tx.connection())
    .await?)
}

/// The user's facts as the decision sees them, with a temporary access code that serves this login.
pub(crate) async fn load_user(tx: &mut TenantTx, user: UserId, login: LoginId) -> Result<Loaded, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select * from hot_load_batch(array[$1], array[$2], array[null], array[null::uuid], array[null], array[$3],
                                      array[null::bytea])",
    )
    .bind(tenant)
    .bind(user.0)
    .bind(login.0)
    .fetch_one(tx.connection())
    .await?)
}

/// A login that is about to be skipped, locked against everything else that could complete it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct OpenLogin {
    pub(crate) user_id: Uuid,
    pub(crate) outcome: String,
    pub(crate) first_factor: String,
    pub(crate) completed: bool,
    pub(crate) expired: bool,
}

pub(crate) async fn lock_login(tx: &mut TenantTx, login: LoginId) -> Result<Option<OpenLogin>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select user_id, outcome, first_factor, completed_at is not null as completed,
                expires_at <= tenant_now($1) as expired
           from login where tenant_id = $1 and month = $2 and login_id = $3 for no key update",
    )
    .bind(tenant)
    .bind(login.month())
    .bind(login.0)
    .fetch_optional(tx.connection())
    .await?)
}

pub(crate) async fn update_login_skipped(tx: &mut TenantTx, login: LoginId, user: UserId) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update login set completed_at = tenant_now($1), completed_wall = clock_timestamp(), completed_with = 'SKIPPED'
          where tenant_id = $1 and month = $2 and login_id = $3",
    )
    .bind(tenant)
    .bind(login.month())
    .bind(login.0)
    .execute(tx.connection())
    .await?;
    sqlx::query("update tenant_user set skips_used = skips_used + 1 where tenant_id = $1 and user_id = $2")
        .bind(tenant)
        .bind(user.0)
        .execute(tx.connection())
        .await?;
    sqlx::query(
        "select tell_completed(l.tenant_id, l.user_id, l.login_id, l.purpose, l.completed_with)
           from login l join tenant t on t.tenant_id = l.tenant_id and t.webhook_logins
          where l.tenant_id = $1 and l.month = $2 and l.login_id = $3",
    )
    .bind(tenant)
    .bind(login.month())
    .bind(login.0)
    .execute(tx.connection())
    .await?;
    Ok(())
}
