//! Runs of reminders. What a batch does is one function (`queue_reminders` in `84_rollout.sql`).

use core_kernel::{ReminderRunId, TenantId, Timestamp};
use core_policy::UserKind;
use io_postgres::{DbError, NoTenant, TenantTx};
use serde_json::Value;
use svc_delivery::ReminderText;
use uuid::Uuid;

use crate::model::ReminderRun;

macro_rules! columns {
    () => {
        "r.run_id, r.created_at, r.created_by, r.recipients, r.queued, r.not_sent, r.ended_at, r.ending"
    };
}

/// How many of each audience would be reminded now.
pub(crate) async fn count_recipients(
    tx: &mut TenantTx,
    language: Option<&str>,
) -> Result<Vec<(UserKind, i64)>, DbError> {
    let tenant = tx.tenant().0;
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select r.kind, count(*) from reminder_recipients($1, null, $2, tenant_day($1)) r group by r.kind",
    )
    .bind(tenant)
    .bind(language)
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().filter_map(|(kind, count)| Some((UserKind::parse(&kind)?, count))).collect())
}

pub(crate) struct InsertRun<'a> {
    pub(crate) run_id: ReminderRunId,
    pub(crate) created_at: Timestamp,
    pub(crate) created_by: &'a str,
    pub(crate) text: &'a ReminderText,
    pub(crate) language: Option<&'static str>,
    pub(crate) recipients: i64,
}

pub(crate) async fn insert_run(tx: &mut TenantTx, run: &InsertRun<'_>) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into enrollment_reminder_run (tenant_id, run_id, created_at, created_by, subject, body, language, recipients)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(tenant)
    .bind(run.run_id.0)
    .bind(run.created_at)
    .bind(run.created_by)
    .bind(&run.text.subject)
    .bind(&run.text.body)
    .bind(run.language)
    .bind(i32::try_from(run.recipients).unwrap_or(i32::MAX))
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Queues the run's next reminders; false where it has ended or is in other hands.
pub(crate) async fn queue_batch(
    tx: &mut TenantTx,
    run: ReminderRunId,
    limit: i32,
    deadlines: &Value,
) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar("select queue_reminders($1, $2, $3, $4)")
        .bind(tenant)
        .bind(run.0)
        .bind(limit)
        .bind(deadlines)
        .fetch_one(tx.connection())
        .await?)
}

pub(crate) async fn find_run(tx: &mut TenantTx, run: ReminderRunId) -> Result<Option<ReminderRun>, DbError> {
    const SQL: &str =
        concat!("select ", columns!(), " from enrollment_reminder_run r where r.tenant_id = $1 and r.run_id = $2");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(run.0).fetch_optional(tx.connection()).await?)
}

/// Newest first.
pub(crate) async fn list_runs(
    tx: &mut TenantTx,
    before: Option<ReminderRunId>,
    limit: i64,
) -> Result<Vec<ReminderRun>, DbError> {
    const SQL: &str = concat!(
        "select ",
        columns!(),
        " from enrollment_reminder_run r
          where r.tenant_id = $1 and ($2::uuid is null or r.run_id < $2) order by r.run_id desc limit $3"
    );
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(before.map(|run| run.0)).bind(limit).fetch_all(tx.connection()).await?)
}

/// The oldest first.
pub(crate) async fn list_open_runs(tx: &mut TenantTx) -> Result<Vec<ReminderRunId>, DbError> {
    let tenant = tx.tenant().0;
    let runs: Vec<Uuid> = sqlx::query_scalar(
        "select r.run_id from enrollment_reminder_run r
          where r.tenant_id = $1 and r.ended_at is null order by r.run_id",
    )
    .bind(tenant)
    .fetch_all(tx.connection())
    .await?;
    Ok(runs.into_iter().map(ReminderRunId).collect())
}

pub(crate) async fn tenants_with_reminders(
    connection: &mut NoTenant,
    after: Option<TenantId>,
    limit: i32,
) -> Result<Vec<TenantId>, DbError> {
    let ids: Vec<Uuid> = sqlx::query_scalar("select postern_cross.tenants_with_reminders($1, $2)")
        .bind(after.map(|tenant| tenant.0))
        .bind(limit)
        .fetch_all(connection.connection())
        .await?;
    Ok(ids.into_iter().map(TenantId).collect())
}
