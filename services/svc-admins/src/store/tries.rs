//! The SQL that counts passwords tried; in the platform tenant.
//!
//! A try is taken from the budget, and committed, before the password is compared: any number of
//! parallel calls compare no more than the budget holds.

use core_kernel::Timestamp;
use io_postgres::{DbError, TenantTx};

/// What is counted, and when it begins anew.
pub(crate) struct Budget<'a> {
    pub(crate) email_index: &'a [u8],
    pub(crate) now: Timestamp,
    pub(crate) counts_from: Timestamp,
    pub(crate) tries: i16,
}

/// Takes a try; false where there is none left.
pub(crate) async fn take(tx: &mut TenantTx, budget: &Budget<'_>) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let taken = sqlx::query(
        "insert into password_try as t (tenant_id, email_index, tries, since) values ($1, $2, 1, $3)
             on conflict (tenant_id, email_index) do update
            set tries = case when t.since <= $4 then 1 else t.tries + 1 end,
                since = case when t.since <= $4 then $3 else t.since end
          where t.tries < $5 or t.since <= $4",
    )
    .bind(tenant)
    .bind(budget.email_index)
    .bind(budget.now)
    .bind(budget.counts_from)
    .bind(budget.tries)
    .execute(tx.connection())
    .await?;
    Ok(taken.rows_affected() > 0)
}

/// The right password begins the count anew.
pub(crate) async fn clear(tx: &mut TenantTx, email_index: &[u8]) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("delete from password_try where tenant_id = $1 and email_index = $2")
        .bind(tenant)
        .bind(email_index)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Writes without changing anything: as much work as writing down whose sign-in failed.
pub(crate) async fn touch(tx: &mut TenantTx, email_index: &[u8]) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update password_try set tries = tries where tenant_id = $1 and email_index = $2")
        .bind(tenant)
        .bind(email_index)
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(crate) async fn delete_over(tx: &mut TenantTx, before: Timestamp) -> Result<u64, DbError> {
    let tenant = tx.tenant().0;
    let deleted = sqlx::query("delete from password_try where tenant_id = $1 and since < $2")
        .bind(tenant)
        .bind(before)
        .execute(tx.connection())
        .await?;
    Ok(deleted.rows_affected())
}
