//! What the help desk writes of a user and the user's factors.

use core_kernel::{FactorId, Timestamp, UserId};
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

/// Locks until somebody unlocks, and voids the proofs of the last minutes.
pub(crate) async fn lock(tx: &mut TenantTx, user: UserId, now: Timestamp) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update tenant_user u set locked_until = 'infinity', proofs_void_before = $3
          where u.tenant_id = $1 and u.user_id = $2",
    )
    .bind(tenant)
    .bind(user.0)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Ends a lock and whatever led to it.
pub(crate) async fn unlock(tx: &mut TenantTx, user: UserId) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update tenant_user u set locked_until = null, lock_step = 0, wrong_code_times = '{}'
          where u.tenant_id = $1 and u.user_id = $2",
    )
    .bind(tenant)
    .bind(user.0)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Nothing is enrolled before the code is proved, and no earlier proof counts.
pub(crate) async fn mark_reset(tx: &mut TenantTx, user: UserId, now: Timestamp) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update tenant_user u set reset_pending = true, proofs_void_before = $3
          where u.tenant_id = $1 and u.user_id = $2",
    )
    .bind(tenant)
    .bind(user.0)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Removes every factor. Seeds and hashes go at once; a destination stays with its removed row, for
/// the notice that is still on its way to it.
pub(crate) async fn remove_factors(
    tx: &mut TenantTx,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<(FactorId, String)>, DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "delete from backup_code b using factor f
          where b.tenant_id = $1 and f.tenant_id = $1 and f.factor_id = b.factor_id and f.user_id = $2",
    )
    .bind(tenant)
    .bind(user.0)
    .execute(tx.connection())
    .await?;
    let removed: Vec<(Uuid, String)> = sqlx::query_as(
        "update factor f
            set status = 'REMOVED', removed_at = $3,
                secret_sealed = case when f.kind in ('PHONE_PRIMARY', 'PHONE_RECOVERY', 'EMAIL') then f.secret_sealed end
          where f.tenant_id = $1 and f.user_id = $2 and f.status in ('ACTIVE', 'DISABLED')
         returning f.factor_id, f.kind",
    )
    .bind(tenant)
    .bind(user.0)
    .bind(now)
    .fetch_all(tx.connection())
    .await?;
    Ok(removed.into_iter().map(|(id, kind)| (FactorId(id), kind)).collect())
}
