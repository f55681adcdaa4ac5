//! The SQL of invitations; in the platform tenant.

use core_kernel::{AccountId, TenantId, Timestamp};
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

super::links::links!("account_invitation");

pub(crate) async fn insert(
    tx: &mut TenantTx,
    digest: &[u8; 32],
    account: AccountId,
    invited_to: Uuid,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into account_invitation (tenant_id, digest, account_id, invited_to, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(tenant)
    .bind(&digest[..])
    .bind(account.0)
    .bind(invited_to)
    .bind(now)
    .bind(expires_at)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// When this tenant or partner invited this person last.
pub(crate) async fn last_invited_at(
    tx: &mut TenantTx,
    account: AccountId,
    invited_to: Uuid,
) -> Result<Option<Timestamp>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar(
        "select max(created_at) from account_invitation where tenant_id = $1 and account_id = $2 and invited_to = $3",
    )
    .bind(tenant)
    .bind(account.0)
    .bind(invited_to)
    .fetch_one(tx.connection())
    .await?)
}

/// Ends a person's invitations: those of one tenant, or all of them.
pub(crate) async fn delete_of_account(
    tx: &mut TenantTx,
    account: AccountId,
    invited_to: Option<TenantId>,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "delete from account_invitation
          where tenant_id = $1 and account_id = $2 and ($3::uuid is null or invited_to = $3)",
    )
    .bind(tenant)
    .bind(account.0)
    .bind(invited_to.map(|id| id.0))
    .execute(tx.connection())
    .await?;
    Ok(())
}
