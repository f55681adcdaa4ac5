//! Backup codes.

use core_kernel::{FactorId, Timestamp, UserId};
use io_postgres::{DbError, TenantTx};

/// Puts a new set in the place of the old one. `hashes` are PHC strings, by slot.
pub(crate) async fn replace_set(
    tx: &mut TenantTx,
    user: UserId,
    factor: FactorId,
    hashes: &[String],
    now: Timestamp,
) -> Result<(), DbError> {
    retire_set(tx, user, now).await?;
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into factor (tenant_id, factor_id, user_id, kind, status, created_at, confirmed_at)
         values ($1, $2, $3, 'BACKUP_CODES', 'ACTIVE', $4, $4)",
    )
    .bind(tenant)
    .bind(factor.0)
    .bind(user.0)
    .bind(now)
    .execute(tx.connection())
    .await?;
    sqlx::query(
        "insert into backup_code (tenant_id, factor_id, slot, hash)
         select $1, $2, (h.at - 1)::smallint, h.hash from unnest($3::text[]) with ordinality as h (hash, at)",
    )
    .bind(tenant)
    .bind(factor.0)
    .bind(hashes)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Ends a user's backup codes; their hashes go.
pub(crate) async fn retire_set(tx: &mut TenantTx, user: UserId, now: Timestamp) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "delete from backup_code b using factor f
          where b.tenant_id = $1 and f.tenant_id = $1 and f.factor_id = b.factor_id and f.user_id = $2",
    )
    .bind(tenant)
    .bind(user.0)
    .execute(tx.connection())
    .await?;
    sqlx::query(
        "update factor set status = 'REMOVED', removed_at = $3
          where tenant_id = $1 and user_id = $2 and kind = 'BACKUP_CODES' and status <> 'REMOVED'",
    )
    .bind(tenant)
    .bind(user.0)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}
