//! The SQL of partners.

use core_contact::EmailAddress;
use core_kernel::{AdminId, Timestamp};
use io_postgres::{DbError, PartnerTx};

use crate::partners::{NewPartnerAdmin, PartnerAdmin, PartnerRecord};

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

/// Names a person, unless there is one of this address who has an account; `None` then.
pub(super) async fn insert_admin(
    tx: &mut PartnerTx,
    id: AdminId,
    new: &NewPartnerAdmin,
    now: Timestamp,
) -> Result<Option<PartnerAdmin>, DbError> {
    let partner = tx.partner().0;
    Ok(sqlx::query_as(
        "insert into partner_admin as a (partner_id, admin_id, email, email_folded, role, created_at, account_id)
         values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (partner_id, email_folded) where removed_at is null
             do update set role = excluded.role, account_id = excluded.account_id where a.account_id is null
         returning admin_id, email, display_name, role, created_at, last_signed_in_at",
    )
    .bind(partner)
    .bind(id.0)
    .bind(new.email.address())
    .bind(new.email.normalized())
    .bind(new.role.as_str())
    .bind(now)
    .bind(new.account.0)
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

macro_rules! select_admins {
    ($where:literal) => {
        concat!(
            "select admin_id, email, display_name, role, created_at, last_signed_in_at from partner_admin
              where partner_id = $1 and removed_at is null and ",
            $where
        )
    };
}

pub(super) async fn list_admins(tx: &mut PartnerTx) -> Result<Vec<PartnerAdmin>, DbError> {
    const SQL: &str = select_admins!("true order by admin_id");
    let partner = tx.partner().0;
    Ok(sqlx::query_as(SQL).bind(partner).fetch_all(tx.connection()).await?)
}

pub(super) async fn find_admin(tx: &mut PartnerTx, admin: AdminId) -> Result<Option<PartnerAdmin>, DbError> {
    const SQL: &str = select_admins!("admin_id = $2");
    let partner = tx.partner().0;
    Ok(sqlx::query_as(SQL).bind(partner).bind(admin.0).fetch_optional(tx.connection()).await?)
}

pub(super) async fn update_admin_signed_in(
    tx: &mut PartnerTx,
    admin: AdminId,
    display_name: Option<&str>,
    now: Timestamp,
) -> Result<(), DbError> {
    let partner = tx.partner().0;
    sqlx::query(
        "update partner_admin set last_signed_in_at = $4, display_name = $3
          where partner_id = $1 and admin_id = $2 and removed_at is null",
    )
    .bind(partner)
    .bind(admin.0)
    .bind(display_name)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}
