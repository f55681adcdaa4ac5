//! The SQL of links for a new password; in the platform tenant.

use core_kernel::{AccountId, Timestamp};
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

pub(crate) async fn insert(
    tx: &mut TenantTx,
    digest: &[u8; 32],
    account: AccountId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into account_recovery (tenant_id, digest, account_id, created_at, expires_at)
         values ($1, $2, $3, $4, $5)",
    )
    .bind(tenant)
    .bind(&digest[..])
    .bind(account.0)
    .bind(now)
    .bind(expires_at)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Whose link it is, while it holds.
pub(crate) async fn find(tx: &mut TenantTx, digest: &[u8; 32], now: Timestamp) -> Result<Option<AccountId>, DbError> {
    let tenant = tx.tenant().0;
    let found: Option<Uuid> = sqlx::query_scalar(
        "select account_id from account_recovery where tenant_id = $1 and digest = $2 and expires_at > $3",
    )
    .bind(tenant)
    .bind(&digest[..])
    .bind(now)
    .fetch_optional(tx.connection())
    .await?;
    Ok(found.map(AccountId))
}

/// Uses a link up; false where somebody else just did.
pub(crate) async fn delete(tx: &mut TenantTx, digest: &[u8; 32]) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let deleted = sqlx::query("delete from account_recovery where tenant_id = $1 and digest = $2")
        .bind(tenant)
        .bind(&digest[..])
        .execute(tx.connection())
        .await?;
    Ok(deleted.rows_affected() > 0)
}

pub(crate) async fn delete_of_account(tx: &mut TenantTx, account: AccountId) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("delete from account_recovery where tenant_id = $1 and account_id = $2")
        .bind(tenant)
        .bind(account.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(crate) async fn delete_over(tx: &mut TenantTx, now: Timestamp) -> Result<u64, DbError> {
    let tenant = tx.tenant().0;
    let deleted = sqlx::query("delete from account_recovery where tenant_id = $1 and expires_at <= $2")
        .bind(tenant)
        .bind(now)
        .execute(tx.connection())
        .await?;
    Ok(deleted.rows_affected())
}
