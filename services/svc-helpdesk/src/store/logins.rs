//! The login that a request is about.

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
