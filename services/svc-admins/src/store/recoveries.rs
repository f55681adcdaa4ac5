//! The SQL of links for a new password; in the platform tenant.

use core_kernel::{AccountId, Timestamp};
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

super::links::links!("account_recovery");

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

pub(crate) async fn delete_of_account(tx: &mut TenantTx, account: AccountId) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("delete from account_recovery where tenant_id = $1 and account_id = $2")
        .bind(tenant)
        .bind(account.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}
