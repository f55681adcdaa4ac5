//! The SQL of partners.

use core_access::AdminRole;
use core_contact::EmailAddress;
use core_kernel::{AdminId, Timestamp};
use io_postgres::{DbError, PartnerTx};

use crate::partners::{PartnerAdmin, PartnerRecord};

pub(super) async fn insert(tx: &mut PartnerTx, name: &str, now: Timestamp) -> Result<(), DbError> {
    let partner = tx.partner().0;
    sqlx::query("insert into partner (partner_id, name, created_at) values ($1, $2, $3)")
        .bind(partner)
        .bind(name)
        .bind(now)
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(super) async fn find(tx: &mut PartnerTx) -> Result<Option<PartnerRecord>, DbError> {
    let partner = tx.partner().0;
    Ok(sqlx::query_as("select partner_id, name, created_at from partner where partner_id = $1")
        .bind(partner)
        .fetch_optional(tx.connection())
        .await?)
}

/// Names a person, unless there is one of this address; `None` then.
pub(super) async fn insert_admin(
    tx: &mut PartnerTx,
    id: AdminId,
    email: &EmailAddress,
    role: AdminRole,
    now: Timestamp,
) -> Result<Option<PartnerAdmin>, DbError> {
    let partner = tx.partner().0;
    Ok(sqlx::query_as(
        "insert into partner_admin (partner_id, admin_id, email, email_folded, role, created_at)
         values ($1, $2, $3, $4, $5, $6)
             on conflict (partner_id, email_folded) where removed_at is null do nothing
         returning admin_id, email, role, created_at",
    )
    .bind(partner)
    .bind(id.0)
    .bind(email.address())
    .bind(email.normalized())
    .bind(role.as_str())
    .bind(now)
    .fetch_optional(tx.connection())
    .await?)
}

pub(super) async fn remove_admin(tx: &mut PartnerTx, email: &EmailAddress, now: Timestamp) -> Result<bool, DbError> {
    let partner = tx.partner().0;
    let removed = sqlx::query(
        "update partner_admin set removed_at = $3
          where partner_id = $1 and email_folded = $2 and removed_at is null",
    )
    .bind(partner)
    .bind(email.normalized())
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(removed.rows_affected() > 0)
}

pub(super) async fn list_admins(tx: &mut PartnerTx) -> Result<Vec<PartnerAdmin>, DbError> {
    let partner = tx.partner().0;
    Ok(sqlx::query_as(
        "select admin_id, email, role, created_at from partner_admin
          where partner_id = $1 and removed_at is null order by admin_id",
    )
    .bind(partner)
    .fetch_all(tx.connection())
    .await?)
}
