//! The login that a request is about.

use chrono::{Datelike, Duration, NaiveDate};
use core_kernel::{LoginId, Timestamp, UserId};
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

/// What the help desk reads of a login.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct LoginRow {
    user_id: Uuid,
    pub(crate) outcome: String,
    pub(crate) ip_address: String,
    pub(crate) attempts: i16,
    pub(crate) max_attempts: i16,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) completed_at: Option<Timestamp>,
}

impl LoginRow {
    pub(crate) fn user(&self) -> UserId {
        UserId(self.user_id)
    }
}

/// Reads a login and holds its row: the first lock of all.
pub(crate) async fn lock(tx: &mut TenantTx, login: LoginId) -> Result<Option<LoginRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select l.user_id, l.outcome, host(l.ip_address) as ip_address, l.attempts, l.max_attempts, l.created_at,
                l.expires_at, l.completed_at
           from login l where l.tenant_id = $1 and l.month = $2 and l.login_id = $3 for no key update",
    )
    .bind(tenant)
    .bind(login.month())
    .bind(login.0)
    .fetch_optional(tx.connection())
    .await?)
}

/// Lets a login live at least until then.
pub(crate) async fn extend(tx: &mut TenantTx, login: LoginId, until: Timestamp) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update login l set expires_at = $4
          where l.tenant_id = $1 and l.month = $2 and l.login_id = $3 and l.expires_at < $4",
    )
    .bind(tenant)
    .bind(login.month())
    .bind(login.0)
    .bind(until)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Ends a user's open logins. None is open for longer than a day, by a clock that never runs slower
/// than the wall's, so the last partitions are all.
pub(crate) async fn expire_open(
    tx: &mut TenantTx,
    user: UserId,
    wall: Timestamp,
    now: Timestamp,
) -> Result<u64, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query(
        "update login l set expires_at = $4
          where l.tenant_id = $1 and l.user_id = $2 and l.month >= $3 and l.completed_at is null and l.expires_at > $4",
    )
    .bind(tenant)
    .bind(user.0)
    .bind(first_month(wall))
    .bind(now)
    .execute(tx.connection())
    .await?
    .rows_affected())
}

fn first_month(wall: Timestamp) -> NaiveDate {
    let day = (wall - Duration::days(2)).date_naive();
    day.with_day(1).unwrap_or(day)
}
