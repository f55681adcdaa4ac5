//! Simulations as they are asked for, shown and ended.

use core_kernel::{Fault, PolicySimulationId, Timestamp};
use core_policy::Policy;
use io_postgres::{DbError, TenantTx};
use sqlx::types::Json;
use svc_billing::Currency;
use uuid::Uuid;

use crate::model::{Simulation, SimulationStatus};
use crate::report::Report;

/// What a simulation starts from.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Head {
    pub(crate) now: Timestamp,
    pub(crate) sandbox: bool,
}

pub(crate) async fn load_head(tx: &mut TenantTx) -> Result<Head, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select tenant_now($1) as now, t.environment = 'SANDBOX' as sandbox from tenant t where t.tenant_id = $1",
    )
    .bind(tenant)
    .fetch_one(tx.connection())
    .await?)
}

pub(crate) struct NewSimulation {
    pub(crate) id: PolicySimulationId,
    pub(crate) policy: Policy,
    pub(crate) days: i32,
    pub(crate) since: Timestamp,
    pub(crate) until: Timestamp,
    pub(crate) prices: (i32, Currency),
    pub(crate) created_by: String,
}

/// False while another of the tenant is under way.
pub(crate) async fn insert(tx: &mut TenantTx, new: &NewSimulation) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let inserted = sqlx::query(
        "insert into policy_simulation (tenant_id, simulation_id, policy, days, since, until, price_version, currency,
                                        created_by, created_at, status, due_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp(), 'QUEUED', clock_timestamp())
             on conflict (tenant_id) where status in ('QUEUED', 'RUNNING') do nothing",
    )
    .bind(tenant)
    .bind(new.id.0)
    .bind(Json(&new.policy))
    .bind(i16::try_from(new.days).unwrap_or(i16::MAX))
    .bind(new.since)
    .bind(new.until)
    .bind(new.prices.0)
    .bind(new.prices.1.code())
    .bind(&new.created_by)
    .execute(tx.connection())
    .await?;
    Ok(inserted.rows_affected() > 0)
}

pub(crate) async fn find_unfinished(tx: &mut TenantTx) -> Result<Option<PolicySimulationId>, DbError> {
    let tenant = tx.tenant().0;
    let found: Option<Uuid> = sqlx::query_scalar(
        "select s.simulation_id from policy_simulation s
          where s.tenant_id = $1 and s.status in ('QUEUED', 'RUNNING')",
    )
    .bind(tenant)
    .fetch_optional(tx.connection())
    .await?;
    Ok(found.map(PolicySimulationId))
}

#[derive(Debug, sqlx::FromRow)]
pub(crate) struct SimulationRow {
    simulation_id: Uuid,
    status: String,
    days: i16,
    currency: String,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
    failure: Option<String>,
    logins_replayed: i32,
    logins_skipped: i32,
    users_locked_out: i32,
    report: Option<Json<Report>>,
}

impl SimulationRow {
    pub(crate) fn into_view(self) -> Result<Simulation, Fault> {
        let unknown = |word: &str| Fault::internal(format!("a simulation has the unknown word {word}"));
        let currency = Currency::parse(&self.currency).ok_or_else(|| unknown(&self.currency))?;
        let Json(report) = self.report.unwrap_or_default();
        let (before, after) = (report.before(currency)?, report.after(currency)?);
        Ok(Simulation {
            id: PolicySimulationId(self.simulation_id),
            status: SimulationStatus::parse(&self.status).ok_or_else(|| unknown(&self.status))?,
            days: self.days.into(),
            created_at: self.created_at,
            finished_at: self.finished_at,
            failure: self.failure,
            logins_replayed: self.logins_replayed,
            logins_skipped: self.logins_skipped,
            transitions: report.transitions,
            users_locked_out: self.users_locked_out,
            messages_before: before.messages,
            messages_after: after.messages,
            cost_before: before.cost,
            cost_after: after.cost,
            examples: report.examples,
        })
    }
}

pub(crate) async fn lookup(tx: &mut TenantTx, id: PolicySimulationId) -> Result<Option<SimulationRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select s.simulation_id, s.status, s.days, s.currency, s.created_at, s.finished_at, s.failure,
                s.logins_replayed, s.logins_skipped, s.users_locked_out, s.report
           from policy_simulation s where s.tenant_id = $1 and s.simulation_id = $2",
    )
    .bind(tenant)
    .bind(id.0)
    .fetch_optional(tx.connection())
    .await?)
}

/// Whether there was anything to end. Kept for a day.
pub(crate) async fn cancel(tx: &mut TenantTx, id: PolicySimulationId) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let ended = sqlx::query(
        "update policy_simulation s
            set status = 'CANCELED', finished_at = clock_timestamp(), due_at = clock_timestamp() + interval '1 day'
          where s.tenant_id = $1 and s.simulation_id = $2 and s.status in ('QUEUED', 'RUNNING')",
    )
    .bind(tenant)
    .bind(id.0)
    .execute(tx.connection())
    .await?;
    Ok(ended.rows_affected() > 0)
}
