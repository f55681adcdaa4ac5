//! The SQL behind [`crate::counts`].

use chrono::{NaiveDate, TimeDelta};
use core_kernel::{AdminId, Timestamp};
use io_postgres::{DbError, TenantTx};

use crate::span::Position;

/// Which logins are counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CountSpan {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// By how much the tenant's clock is ahead.
    pub(crate) ahead: TimeDelta,
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct CountRow {
    pub(crate) day: NaiveDate,
    pub(crate) outcome: String,
    pub(crate) completed_with: Option<String>,
    pub(crate) logins: i64,
    pub(crate) completed: i64,
}

/// The logins themselves. Not kept as a prepared statement: its plan depends on how long the span is.
pub(crate) async fn count_logins(
    tx: &mut TenantTx,
    span: &CountSpan,
    time_zone: &str,
    advisor: Option<AdminId>,
) -> Result<Vec<CountRow>, DbError> {
    let tenant = tx.tenant().0;
    let (first, end) = (Position::not_before(span.from, span.ahead), Position::before(span.to));
    Ok(sqlx::query_as(
        "select (l.created_at at time zone $8)::date as day, l.outcome, l.completed_with,
                count(*) as logins, count(l.completed_at) as completed
           from login l
          where l.tenant_id = $1
            and (l.month, l.login_id) >= ($2, $3) and (l.month, l.login_id) < ($4, $5)
            and l.created_at >= $6 and l.created_at < $7
            and ($9::uuid is null or exists (
                select from tenant_user u
                 where u.tenant_id = l.tenant_id and u.user_id = l.user_id and u.advisor_id = $9))
          group by 1, 2, 3",
    )
    .persistent(false)
    .bind(tenant)
    .bind(first.month)
    .bind(first.id)
    .bind(end.month)
    .bind(end.id)
    .bind(span.from)
    .bind(span.to)
    .bind(time_zone)
    .bind(advisor.map(|advisor| advisor.0))
    .fetch_all(tx.connection())
    .await?)
}

/// What was counted before, of whole quarters.
pub(crate) async fn sum_quarters(
    tx: &mut TenantTx,
    from: Timestamp,
    to: Timestamp,
    time_zone: &str,
) -> Result<Vec<CountRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select (c.quarter at time zone $4)::date as day, c.outcome, nullif(c.completed_with, '') as completed_with,
                sum(c.logins)::bigint as logins, sum(c.completed)::bigint as completed
           from login_count c
          where c.tenant_id = $1 and c.quarter >= $2 and c.quarter < $3
          group by 1, 2, 3",
    )
    .bind(tenant)
    .bind(from)
    .bind(to)
    .bind(time_zone)
    .fetch_all(tx.connection())
    .await?)
}

/// The tenant's clock, and how far its logins are counted; none where none ever were.
pub(crate) async fn counted_until(tx: &mut TenantTx) -> Result<(Timestamp, Option<Timestamp>), DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as("select tenant_now($1), (select c.until from login_counted c where c.tenant_id = $1)")
        .bind(tenant)
        .fetch_one(tx.connection())
        .await?)
}

/// When the first login began; none where there is none.
pub(crate) async fn first_login(tx: &mut TenantTx) -> Result<Option<Timestamp>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar(
        "select l.created_at from login l where l.tenant_id = $1 order by l.month, l.login_id limit 1",
    )
    .bind(tenant)
    .fetch_optional(tx.connection())
    .await?)
}

/// Begins to count, from this quarter on; without effect where somebody did.
pub(crate) async fn begin_counting(tx: &mut TenantTx, from: Timestamp) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("insert into login_counted (tenant_id, until) values ($1, $2) on conflict (tenant_id) do nothing")
        .bind(tenant)
        .bind(from)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Moves on how far it is counted, if it is still `from`: whoever does so counts the quarters between.
pub(crate) async fn claim_quarters(tx: &mut TenantTx, from: Timestamp, to: Timestamp) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let claimed = sqlx::query("update login_counted set until = $3 where tenant_id = $1 and until = $2")
        .bind(tenant)
        .bind(from)
        .bind(to)
        .execute(tx.connection())
        .await?;
    Ok(claimed.rows_affected() == 1)
}

/// Counts quarters whose logins can change no more.
pub(crate) async fn count_quarters(tx: &mut TenantTx, span: &CountSpan, quarter: TimeDelta) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    let (first, end) = (Position::not_before(span.from, span.ahead), Position::before(span.to));
    sqlx::query(
        "insert into login_count (tenant_id, quarter, outcome, completed_with, logins, completed)
         select $1, date_bin($8, l.created_at, 'epoch'), l.outcome, coalesce(l.completed_with, ''),
                count(*), count(l.completed_at)
           from login l
          where l.tenant_id = $1
            and (l.month, l.login_id) >= ($2, $3) and (l.month, l.login_id) < ($4, $5)
            and l.created_at >= $6 and l.created_at < $7
          group by 2, 3, 4",
    )
    .persistent(false)
    .bind(tenant)
    .bind(first.month)
    .bind(first.id)
    .bind(end.month)
    .bind(end.id)
    .bind(span.from)
    .bind(span.to)
    .bind(quarter)
    .execute(tx.connection())
    .await?;
    Ok(())
}
