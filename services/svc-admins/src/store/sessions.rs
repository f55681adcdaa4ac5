//! The SQL of sessions, and of sign-ins with one step behind them; in the platform tenant.

use std::net::IpAddr;

use core_kernel::{AccountId, ConsoleSessionId, LoginId, TenantId, Timestamp};
use io_postgres::{DbError, TenantTx};
use sqlx::FromRow;
use uuid::Uuid;

use crate::SessionView;
use crate::model::Client;

/// The longest name of a browser that is kept.
const MAX_USER_AGENT: usize = 300;

/// What is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stage<'a> {
    /// The second factor is to come; with it, this password becomes the account's.
    HalfWay { pending_phc: Option<&'a str> },
    /// The session.
    Full { client: &'a Client },
}

/// A session or half of one, to be written.
pub(crate) struct NewSession<'a> {
    pub(crate) digest: &'a [u8; 32],
    pub(crate) id: ConsoleSessionId,
    pub(crate) account: AccountId,
    /// None where the tenant trusts its provider with the second factor.
    pub(crate) login: Option<LoginId>,
    /// The tenant whose provider opens it.
    pub(crate) only: Option<TenantId>,
    pub(crate) stage: Stage<'a>,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Timestamp,
}

pub(crate) async fn insert(tx: &mut TenantTx, new: &NewSession<'_>) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    let (stage, pending_phc, client) = match new.stage {
        Stage::HalfWay { pending_phc } => ("PASSWORD", pending_phc, None),
        Stage::Full { client } => ("FULL", None, Some(client)),
    };
    let user_agent = client.and_then(|client| client.user_agent.as_deref());
    sqlx::query(
        "insert into console_session (tenant_id, digest, session_id, account_id, stage, login_id, created_at, last_seen_at,
                                      expires_at, pending_phc, ip_address, user_agent, only_tenant)
         values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10::inet, $11, $12)",
    )
    .bind(tenant)
    .bind(&new.digest[..])
    .bind(new.id.0)
    .bind(new.account.0)
    .bind(stage)
    .bind(new.login.map(|login| login.0))
    .bind(new.now)
    .bind(new.expires_at)
    .bind(pending_phc)
    .bind(client.and_then(|client| client.ip).map(|ip| ip.to_string()))
    .bind(user_agent.map(|name| name.chars().take(MAX_USER_AGENT).collect::<String>()))
    .bind(new.only.map(|only| only.0))
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// A session as it is stored.
#[derive(Debug, FromRow)]
pub(crate) struct SessionRow {
    pub(crate) session_id: Uuid,
    pub(crate) account_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) login_id: Option<Uuid>,
    pub(crate) email: String,
    pub(crate) display_name: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) last_seen_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) only_tenant: Option<Uuid>,
}

pub(crate) async fn find(tx: &mut TenantTx, digest: &[u8; 32]) -> Result<Option<SessionRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select s.session_id, s.account_id, a.user_id, s.login_id, a.email, a.display_name, s.created_at, s.last_seen_at,
                s.expires_at, s.only_tenant
           from console_session s join account a on a.tenant_id = s.tenant_id and a.account_id = s.account_id
          where s.tenant_id = $1 and s.digest = $2 and s.stage = 'FULL'",
    )
    .bind(tenant)
    .bind(&digest[..])
    .fetch_optional(tx.connection())
    .await?)
}

/// One of a person's sessions.
#[derive(Debug, FromRow)]
pub(crate) struct ListedRow {
    pub(crate) session_id: Uuid,
    created_at: Timestamp,
    last_seen_at: Timestamp,
    expires_at: Timestamp,
    ip_address: Option<String>,
    user_agent: Option<String>,
}

impl ListedRow {
    pub(crate) fn ip_address(&self) -> Option<IpAddr> {
        self.ip_address.as_deref()?.parse().ok()
    }

    pub(crate) fn into_view(self) -> SessionView {
        SessionView {
            id: ConsoleSessionId(self.session_id),
            created_at: self.created_at,
            last_seen_at: self.last_seen_at,
            expires_at: self.expires_at,
            ip: self.ip_address(),
            place: None,
            user_agent: self.user_agent,
            is_current: false,
        }
    }
}

pub(crate) async fn list(
    tx: &mut TenantTx,
    account: AccountId,
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<Vec<ListedRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select session_id, created_at, last_seen_at, expires_at, host(ip_address) as ip_address, user_agent
           from console_session
          where tenant_id = $1 and account_id = $2 and stage = 'FULL' and expires_at > $3 and last_seen_at > $4
          order by last_seen_at desc, session_id limit 100",
    )
    .bind(tenant)
    .bind(account.0)
    .bind(now)
    .bind(idle_since)
    .fetch_all(tx.connection())
    .await?)
}

/// A sign-in with one step behind it.
#[derive(Debug, FromRow)]
pub(crate) struct HalfWayRow {
    pub(crate) account_id: Uuid,
    pub(crate) login_id: Uuid,
    pub(crate) pending_phc: Option<String>,
    pub(crate) only_tenant: Option<Uuid>,
}

pub(crate) async fn find_half_way(
    tx: &mut TenantTx,
    digest: &[u8; 32],
    now: Timestamp,
) -> Result<Option<HalfWayRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select account_id, login_id, pending_phc, only_tenant from console_session
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

/// Ends one of a person's sessions; false where it is none of theirs.
pub(crate) async fn delete_of_account(
    tx: &mut TenantTx,
    account: AccountId,
    session: ConsoleSessionId,
) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let deleted = sqlx::query(
        "delete from console_session where tenant_id = $1 and account_id = $2 and session_id = $3 and stage = 'FULL'",
    )
    .bind(tenant)
    .bind(account.0)
    .bind(session.0)
    .execute(tx.connection())
    .await?;
    Ok(deleted.rows_affected() > 0)
}

/// Ends all of a person's sessions but this one; how many.
pub(crate) async fn delete_others(
    tx: &mut TenantTx,
    account: AccountId,
    but: ConsoleSessionId,
) -> Result<u64, DbError> {
    let tenant = tx.tenant().0;
    let deleted = sqlx::query(
        "delete from console_session where tenant_id = $1 and account_id = $2 and session_id <> $3 and stage = 'FULL'",
    )
    .bind(tenant)
    .bind(account.0)
    .bind(but.0)
    .execute(tx.connection())
    .await?;
    Ok(deleted.rows_affected())
}

/// Ends what a tenant's identity provider opened; how many.
pub(crate) async fn delete_of_provider(tx: &mut TenantTx, only: TenantId) -> Result<u64, DbError> {
    let tenant = tx.tenant().0;
    let deleted = sqlx::query("delete from console_session where tenant_id = $1 and only_tenant = $2")
        .bind(tenant)
        .bind(only.0)
        .execute(tx.connection())
        .await?;
    Ok(deleted.rows_affected())
}

/// Ends all of a person's sessions, and sign-ins that are not finished.
pub(crate) async fn delete_all(tx: &mut TenantTx, account: AccountId) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("delete from console_session where tenant_id = $1 and account_id = $2")
        .bind(tenant)
        .bind(account.0)
        .execute(tx.connection())
        .await?;
    Ok(())
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
