//! The SQL of sessions, and of sign-ins with one step behind them; in the platform tenant.

use core_kernel::{AccountId, LoginId, Timestamp};
use io_postgres::{DbError, TenantTx};
use sqlx::FromRow;
use uuid::Uuid;

/// A session or half of one, to be written.
pub(crate) struct NewSession<'a> {
    pub(crate) digest: &'a [u8; 32],
    pub(crate) account: AccountId,
    /// Some while the second step is to come.
    pub(crate) login: Option<LoginId>,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Timestamp,
}

pub(crate) async fn insert(tx: &mut TenantTx, new: &NewSession<'_>) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into console_session (tenant_id, digest, account_id, stage, login_id, created_at, last_seen_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $6, $7)",
    )
    .bind(tenant)
    .bind(&new.digest[..])
    .bind(new.account.0)
    .bind(if new.login.is_some() { "PASSWORD" } else { "FULL" })
    .bind(new.login.map(|login| login.0))
    .bind(new.now)
    .bind(new.expires_at)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// A session as it is stored.
#[derive(Debug, FromRow)]
pub(crate) struct SessionRow {
    pub(crate) account_id: Uuid,
    pub(crate) email: String,
    pub(crate) display_name: Option<String>,
    pub(crate) last_seen_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

pub(crate) async fn find(tx: &mut TenantTx, digest: &[u8; 32]) -> Result<Option<SessionRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select s.account_id, a.email, a.display_name, s.last_seen_at, s.expires_at
           from console_session s join account a on a.tenant_id = s.tenant_id and a.account_id = s.account_id
          where s.tenant_id = $1 and s.digest = $2 and s.stage = 'FULL'",
    )
    .bind(tenant)
    .bind(&digest[..])
    .fetch_optional(tx.connection())
    .await?)
}

/// A sign-in with one step behind it.
#[derive(Debug, FromRow)]
pub(crate) struct HalfWayRow {
    pub(crate) account_id: Uuid,
    pub(crate) login_id: Uuid,
}

pub(crate) async fn find_half_way(
    tx: &mut TenantTx,
    digest: &[u8; 32],
    now: Timestamp,
) -> Result<Option<HalfWayRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select account_id, login_id from console_session
          where tenant_id = $1 and digest = $2 and stage = 'PASSWORD' and login_id is not null and expires_at > $3",
    )
    .bind(tenant)
    .bind(&digest[..])
    .bind(now)
    .fetch_optional(tx.connection())
    .await?)
}

pub(crate) async fn touch(tx: &mut TenantTx, digest: &[u8; 32], now: Timestamp) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update console_session set last_seen_at = $3 where tenant_id = $1 and digest = $2 and last_seen_at < $3",
    )
    .bind(tenant)
    .bind(&digest[..])
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Ends a session or half of one; whose it was, if it was there.
pub(crate) async fn delete(tx: &mut TenantTx, digest: &[u8; 32]) -> Result<Option<AccountId>, DbError> {
    let tenant = tx.tenant().0;
    let deleted: Option<Uuid> =
        sqlx::query_scalar("delete from console_session where tenant_id = $1 and digest = $2 returning account_id")
            .bind(tenant)
            .bind(&digest[..])
            .fetch_optional(tx.connection())
            .await?;
    Ok(deleted.map(AccountId))
}

/// Ends a person's sign-ins that have one step behind them.
pub(crate) async fn delete_half_way(tx: &mut TenantTx, account: AccountId) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("delete from console_session where tenant_id = $1 and account_id = $2 and stage = 'PASSWORD'")
        .bind(tenant)
        .bind(account.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(crate) async fn delete_over(tx: &mut TenantTx, now: Timestamp, idle_since: Timestamp) -> Result<u64, DbError> {
    let tenant = tx.tenant().0;
    let deleted = sqlx::query(
        "delete from console_session
          where tenant_id = $1 and (expires_at <= $2 or stage = 'FULL' and last_seen_at <= $3)",
    )
    .bind(tenant)
    .bind(now)
    .bind(idle_since)
    .execute(tx.connection())
    .await?;
    Ok(deleted.rows_affected())
}
