//! Simulations as workers take, keep and end them. A claim is numbered: whatever a worker writes
//! counts only as long as its attempt is the last one and nobody has ended the simulation.

use core_kernel::{PolicySimulationId, TenantId, Timestamp};
use core_policy::Policy;
use io_postgres::{DbError, NoTenant, TenantTx};
use sqlx::types::Json;
use uuid::Uuid;

use crate::report::Report;

/// The tenants that have a simulation to be run or deleted, the longest waiting first.
pub(crate) async fn tenants_with_simulations(connection: &mut NoTenant, limit: i32) -> Result<Vec<TenantId>, DbError> {
    let ids: Vec<Uuid> = sqlx::query_scalar("select postern_cross.tenants_with_simulations($1)")
        .bind(limit)
        .fetch_all(connection.connection())
        .await?;
    Ok(ids.into_iter().map(TenantId).collect())
}

/// A simulation in a worker's hands.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) tenant: TenantId,
    pub(crate) id: PolicySimulationId,
    pub(crate) attempt: i16,
    pub(crate) policy: Policy,
    /// Logins after this, by the tenant's clock …
    pub(crate) since: Timestamp,
    /// … and up to this.
    pub(crate) until: Timestamp,
    /// By the wall clock.
    pub(crate) created_at: Timestamp,
    pub(crate) days: i16,
    pub(crate) price_version: i32,
}

#[derive(sqlx::FromRow)]
struct ClaimRow {
    simulation_id: Uuid,
    attempts: i16,
    policy: Json<Policy>,
    since: Timestamp,
    until: Timestamp,
    created_at: Timestamp,
    days: i16,
    price_version: i32,
}

/// Takes the tenant's simulation, if it is due: QUEUED, or of a worker that has fallen silent.
pub(crate) async fn claim(tx: &mut TenantTx, lease_seconds: f64) -> Result<Option<Claim>, DbError> {
    let tenant = tx.tenant();
    let row: Option<ClaimRow> = sqlx::query_as(
        "update policy_simulation s
            set status = 'RUNNING', attempts = s.attempts + 1, logins_replayed = 0, logins_skipped = 0,
                due_at = clock_timestamp() + make_interval(secs => $2)
           from (select x.simulation_id from policy_simulation x
                  where x.tenant_id = $1 and x.status in ('QUEUED', 'RUNNING') and x.due_at <= clock_timestamp()
                    for no key update skip locked) due
          where s.tenant_id = $1 and s.simulation_id = due.simulation_id
         returning s.simulation_id, s.attempts, s.policy, s.since, s.until, s.created_at, s.days, s.price_version",
    )
    .bind(tenant.0)
    .bind(lease_seconds)
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| Claim {
        tenant,
        id: PolicySimulationId(row.simulation_id),
        attempt: row.attempts,
        policy: row.policy.0,
        since: row.since,
        until: row.until,
        created_at: row.created_at,
        days: row.days,
        price_version: row.price_version,
    }))
}

macro_rules! held {
    ($set:literal) => {
        concat!(
            "update policy_simulation s set ",
            $set,
            " where s.tenant_id = $1 and s.simulation_id = $2 and s.status = 'RUNNING' and s.attempts = $3"
        )
    };
}

/// Says that the worker is alive, and how far it has come; false where the simulation is not its own
/// any more. The row stays locked until the transaction ends.
pub(crate) async fn keep(
    tx: &mut TenantTx,
    claim: &Claim,
    (replayed, skipped): (i32, i32),
    lease_seconds: f64,
) -> Result<bool, DbError> {
    const SQL: &str =
        held!("due_at = clock_timestamp() + make_interval(secs => $4), logins_replayed = $5, logins_skipped = $6");
    let statement = sqlx::query(SQL).bind(claim.tenant.0).bind(claim.id.0).bind(claim.attempt);
    let kept = statement.bind(lease_seconds).bind(replayed).bind(skipped).execute(tx.connection()).await?;
    Ok(kept.rows_affected() > 0)
}

/// For another worker, or this one, after a while.
pub(crate) async fn give_back(tx: &mut TenantTx, claim: &Claim, after_seconds: f64) -> Result<(), DbError> {
    const SQL: &str = held!("status = 'QUEUED', due_at = clock_timestamp() + make_interval(secs => $4)");
    let statement = sqlx::query(SQL).bind(claim.tenant.0).bind(claim.id.0).bind(claim.attempt);
    statement.bind(after_seconds).execute(tx.connection()).await?;
    Ok(())
}

/// Ends it with its findings; false where it is not this worker's any more. Kept for a day.
pub(crate) async fn complete(
    tx: &mut TenantTx,
    claim: &Claim,
    report: &Report,
    users_locked_out: i32,
) -> Result<bool, DbError> {
    const SQL: &str = held!(
        "status = 'COMPLETED', finished_at = clock_timestamp(), due_at = clock_timestamp() + interval '1 day',
         report = $4, users_locked_out = $5"
    );
    let statement = sqlx::query(SQL).bind(claim.tenant.0).bind(claim.id.0).bind(claim.attempt);
    let done = statement.bind(Json(report)).bind(users_locked_out).execute(tx.connection()).await?;
    Ok(done.rows_affected() > 0)
}

/// Ends it without. Kept for a day.
pub(crate) async fn fail(tx: &mut TenantTx, claim: &Claim, failure: &str) -> Result<(), DbError> {
    const SQL: &str = held!(
        "status = 'FAILED', finished_at = clock_timestamp(), due_at = clock_timestamp() + interval '1 day', failure = $4"
    );
    let statement = sqlx::query(SQL).bind(claim.tenant.0).bind(claim.id.0).bind(claim.attempt);
    statement.bind(failure).execute(tx.connection()).await?;
    Ok(())
}

/// Deletes what has been kept long enough.
pub(crate) async fn delete_over(tx: &mut TenantTx) -> Result<u64, DbError> {
    let tenant = tx.tenant().0;
    let deleted = sqlx::query(
        "delete from policy_simulation s
          where s.tenant_id = $1 and s.status in ('COMPLETED', 'FAILED', 'CANCELED') and s.due_at <= clock_timestamp()",
    )
    .bind(tenant)
    .execute(tx.connection())
    .await?;
    Ok(deleted.rows_affected())
}
