//! Users whom a draft would lock out.

use core_kernel::{PolicySimulationId, UserId};
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

/// What an attempt that broke off left behind.
pub(crate) async fn delete_locked_out(tx: &mut TenantTx, id: PolicySimulationId) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("delete from policy_simulation_user u where u.tenant_id = $1 and u.simulation_id = $2")
        .bind(tenant)
        .bind(id.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(crate) async fn insert_locked_out(
    tx: &mut TenantTx,
    id: PolicySimulationId,
    users: &[Uuid],
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into policy_simulation_user (tenant_id, simulation_id, user_id)
         select $1, $2, u from unnest($3::uuid[]) u on conflict do nothing",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(users)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Newest users first; none before the simulation is completed.
pub(crate) async fn list_locked_out(
    tx: &mut TenantTx,
    id: PolicySimulationId,
    after: Option<UserId>,
    limit: i64,
) -> Result<Vec<UserId>, DbError> {
    let tenant = tx.tenant().0;
    let users: Vec<Uuid> = sqlx::query_scalar(
        "select u.user_id from policy_simulation_user u
           join policy_simulation s on s.tenant_id = u.tenant_id and s.simulation_id = u.simulation_id
          where u.tenant_id = $1 and u.simulation_id = $2 and s.status = 'COMPLETED'
            and ($3::uuid is null or u.user_id < $3)
          order by u.user_id desc limit $4",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(after.map(|user| user.0))
    .bind(limit)
    .fetch_all(tx.connection())
    .await?;
    Ok(users.into_iter().map(UserId).collect())
}
