//! What this crate changes of a user.

use core_kernel::{Timestamp, UserId};
use core_policy::SecurityLevel;
use io_postgres::{DbError, TenantTx};

pub(crate) async fn set_chosen_level(tx: &mut TenantTx, user: UserId, level: SecurityLevel) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update tenant_user set chosen_level = $3 where tenant_id = $1 and user_id = $2")
        .bind(tenant)
        .bind(user.0)
        .bind(level.as_str())
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(crate) async fn set_advisor_level(tx: &mut TenantTx, user: UserId, level: SecurityLevel) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update tenant_user set advisor_level = $3 where tenant_id = $1 and user_id = $2")
        .bind(tenant)
        .bind(user.0)
        .bind(level.as_str())
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(crate) async fn set_opted_out(tx: &mut TenantTx, user: UserId, at: Option<Timestamp>) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update tenant_user set opted_out_at = $3 where tenant_id = $1 and user_id = $2")
        .bind(tenant)
        .bind(user.0)
        .bind(at)
        .execute(tx.connection())
        .await?;
    Ok(())
}
