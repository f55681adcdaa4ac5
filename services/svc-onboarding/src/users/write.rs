//! A batch and the database: what its rows meet, and what is written. Each is some statements for the
//! whole batch.

use std::collections::HashMap;

use core_kernel::{Fault, UserId};
use io_postgres::{DbError, TenantTx};
use svc_directory::users::{insert_users, list_advisors, list_email_holders, list_known_users, update_users};
use svc_factors::supplied::{
    Standing, activate_suggestions, begin_first_factors, end_suggestions, insert_supplied, list_standing,
};

use super::{Batch, Met, UserRow, Writes};
use crate::store::Claim;

/// Why a batch was not written.
pub(crate) enum BatchError {
    /// Somebody else wrote what this batch decided by: it is decided again.
    Again,
    /// It is broken, or the database is.
    Fault(Fault),
}

impl From<DbError> for BatchError {
    fn from(error: DbError) -> Self {
        let code = error.0.as_database_error().and_then(|error| error.code());
        let in_the_way = code.is_some_and(|code| matches!(&*code, "40001" | "40P01"));
        if in_the_way || error.constraint().is_some() { Self::Again } else { Self::Fault(error.into()) }
    }
}

impl From<Fault> for BatchError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Asks what the rows meet.
pub(crate) async fn meet(tx: &mut TenantTx, batch: &Batch) -> Result<Met, DbError> {
    let mut met = Met::default();
    // Addresses before users: whoever is made in between, with the address of a row, is known as its user.
    let indexes: Vec<Vec<u8>> =
        batch.rows.iter().filter_map(|row| row.email.as_ref()).flat_map(|email| email.indexes.clone()).collect();
    if !indexes.is_empty() {
        met.holders = list_email_holders(tx, &indexes).await?;
    }
    let folded: Vec<String> = batch.rows.iter().map(|row| row.folded.clone()).collect();
    let known = list_known_users(tx, &folded).await?;
    let users: Vec<UserId> = known.iter().map(|user| user.user_id).collect();
    met.known = known.into_iter().map(|user| (user.folded.clone(), user)).collect();
    if !users.is_empty() && batch.rows.iter().any(has_phone) {
        met.standing = by_user(list_standing(tx, &users).await?);
    }
    let mut advisors: Vec<String> = batch.rows.iter().filter_map(|row| row.advisor_email.clone()).collect();
    advisors.sort_unstable();
    advisors.dedup();
    if !advisors.is_empty() {
        met.advisors = list_advisors(tx, &advisors).await?;
    }
    Ok(met)
}

fn has_phone(row: &UserRow) -> bool {
    row.phone.is_some() || row.recovery_phone.is_some()
}

fn by_user(standing: Vec<Standing>) -> HashMap<UserId, Vec<Standing>> {
    let mut by_user: HashMap<UserId, Vec<Standing>> = HashMap::new();
    for factor in standing {
        by_user.entry(factor.user).or_default().push(factor);
    }
    by_user
}

/// Writes what was decided. Users come before their factors: the order in which everybody locks.
pub(crate) async fn write(tx: &mut TenantTx, claim: &Claim, writes: &Writes) -> Result<(), BatchError> {
    if !writes.inserts.is_empty() && insert_users(tx, &writes.inserts).await? < writes.inserts.len() {
        return Err(BatchError::Again);
    }
    if !writes.updates.is_empty() {
        update_users(tx, &writes.updates).await?;
    }
    if !writes.enrolled.is_empty() {
        begin_first_factors(tx, &writes.enrolled).await?;
    }
    if !writes.ended.is_empty() {
        end_suggestions(tx, &writes.ended).await?;
    }
    if !writes.confirmed.is_empty() {
        activate_suggestions(tx, &writes.confirmed).await?;
    }
    if !writes.phones.is_empty() {
        insert_supplied(tx, &writes.phones).await?;
    }
    if !writes.audited.is_empty() {
        let (actor, ip) = (&claim.created_by, claim.created_from);
        svc_audit::record_many(tx, actor, "user.updated", &writes.audited, ip).await?;
    }
    Ok(())
}
