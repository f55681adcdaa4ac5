//! The SQL of endings; as the tables' owner, which alone may write them.

use core_kernel::Timestamp;
use io_postgres::{DbError, TenantTx};

use crate::tenants::TenantStatus;
use crate::tenants::ending::Ending;

macro_rules! select_ending {
    ($lock:literal) => {
        concat!(
            "select e.deleted_at, e.erase_after, e.keys_destroyed_at, e.erased_at, e.status_before
               from tenant_ending e where e.tenant_id = $1",
            $lock
        )
    };
}

pub(super) async fn find(tx: &mut TenantTx) -> Result<Option<Ending>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(select_ending!("")).bind(tenant).fetch_optional(tx.connection()).await?)
}

/// The ending, held until the transaction is over: whoever restores waits for whoever erases.
pub(in crate::tenants) async fn lock(tx: &mut TenantTx) -> Result<Option<Ending>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(select_ending!(" for update")).bind(tenant).fetch_optional(tx.connection()).await?)
}

pub(super) async fn insert(
    tx: &mut TenantTx,
    by: &str,
    now: Timestamp,
    erase_after: Timestamp,
    before: TenantStatus,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into tenant_ending (tenant_id, deleted_at, deleted_by, erase_after, status_before)
         values ($1, $2, $3, $4, $5)",
    )
    .bind(tenant)
    .bind(now)
    .bind(by)
    .bind(erase_after)
    .bind(before.as_str())
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut TenantTx) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("delete from tenant_ending where tenant_id = $1").bind(tenant).execute(tx.connection()).await?;
    Ok(())
}

/// What was to be sent is not: a code of today is of no use to anybody in three weeks.
pub(super) async fn cancel_messages(tx: &mut TenantTx) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update message m
            set status = 'CANCELED', failure = 'The tenant was deleted.',
                timeline = m.timeline || message_event(clock_timestamp(), 'CANCELED', 'The tenant was deleted.')
          where m.tenant_id = $1 and m.status = 'QUEUED'",
    )
    .bind(tenant)
    .execute(tx.connection())
    .await?;
    Ok(())
}
