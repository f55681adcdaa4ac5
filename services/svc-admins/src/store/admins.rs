//! The SQL of a tenant's administrators.

use core_access::AdminRole;
use core_contact::EmailAddress;
use core_kernel::{AccountId, AdminId, Timestamp};
use io_postgres::{DbError, TenantTx};
use sqlx::FromRow;
use uuid::Uuid;

use crate::AdminView;
use crate::rules::Owner;

macro_rules! select_admins {
    ($where:literal) => {
        concat!(
            "select a.admin_id, a.account_id, a.email, a.display_name, a.role, a.created_at, a.last_signed_in_at, a.reset_at
               from tenant_admin a where a.tenant_id = $1 and a.removed_at is null and ",
            $where
        )
    };
}

pub(crate) async fn list(tx: &mut TenantTx) -> Result<Vec<AdminView>, DbError> {
    const SQL: &str = select_admins!("true order by a.admin_id");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).fetch_all(tx.connection()).await?)
}

pub(crate) async fn find(tx: &mut TenantTx, admin: AdminId) -> Result<Option<AdminView>, DbError> {
    const SQL: &str = select_admins!("a.admin_id = $2");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(admin.0).fetch_optional(tx.connection()).await?)
}

pub(crate) async fn find_many(tx: &mut TenantTx, ids: &[AdminId]) -> Result<Vec<AdminView>, DbError> {
    const SQL: &str = select_admins!("a.admin_id = any ($2)");
    let tenant = tx.tenant().0;
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    Ok(sqlx::query_as(SQL).bind(tenant).bind(ids).fetch_all(tx.connection()).await?)
}

pub(crate) async fn find_by_email(tx: &mut TenantTx, email: &EmailAddress) -> Result<Option<AdminView>, DbError> {
    const SQL: &str = select_admins!("a.email_folded = $2");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(email.normalized()).fetch_optional(tx.connection()).await?)
}

pub(crate) async fn find_by_account(tx: &mut TenantTx, account: AccountId) -> Result<Option<AdminView>, DbError> {
    const SQL: &str = select_admins!("a.account_id = $2");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(account.0).fetch_optional(tx.connection()).await?)
}

/// Inserts an administrator, unless there is one of this address; false then.
pub(crate) async fn insert(
    tx: &mut TenantTx,
    admin: AdminId,
    account: AccountId,
    email: &EmailAddress,
    role: AdminRole,
    now: Timestamp,
) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let inserted = sqlx::query(
        "insert into tenant_admin (tenant_id, admin_id, account_id, email, email_folded, role, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (tenant_id, email_folded) where removed_at is null do nothing",
    )
    .bind(tenant)
    .bind(admin.0)
    .bind(account.0)
    .bind(email.address())
    .bind(email.normalized())
    .bind(role.as_str())
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(inserted.rows_affected() > 0)
}

#[derive(FromRow)]
struct OwnerRow {
    admin_id: Uuid,
    has_signed_in: bool,
}

/// The tenant's owners, held until the transaction ends: of two who remove each other, one waits and
/// then finds itself the last.
pub(crate) async fn lock_owners(tx: &mut TenantTx) -> Result<Vec<Owner>, DbError> {
    let tenant = tx.tenant().0;
    // The row of the tenant stands for the set: a set cannot be locked, and rows of it would be met
    // in an order of their own.
    sqlx::query("select from tenant where tenant_id = $1 for no key update")
        .bind(tenant)
        .execute(tx.connection())
        .await?;
    let rows: Vec<OwnerRow> = sqlx::query_as(
        "select admin_id, last_signed_in_at is not null as has_signed_in from tenant_admin
          where tenant_id = $1 and role = 'OWNER' and removed_at is null",
    )
    .bind(tenant)
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|row| Owner { id: AdminId(row.admin_id), has_signed_in: row.has_signed_in }).collect())
}

pub(crate) async fn update_role(tx: &mut TenantTx, admin: AdminId, role: AdminRole) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update tenant_admin set role = $3 where tenant_id = $1 and admin_id = $2")
        .bind(tenant)
        .bind(admin.0)
        .bind(role.as_str())
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(crate) async fn remove(tx: &mut TenantTx, admin: AdminId, now: Timestamp) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update tenant_admin set removed_at = $3 where tenant_id = $1 and admin_id = $2")
        .bind(tenant)
        .bind(admin.0)
        .bind(now)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// For the team to see: when the second factor is to be set up anew.
pub(crate) async fn update_reset_at(
    tx: &mut TenantTx,
    admin: AdminId,
    reset_at: Option<Timestamp>,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update tenant_admin set reset_at = $3 where tenant_id = $1 and admin_id = $2")
        .bind(tenant)
        .bind(admin.0)
        .bind(reset_at)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Ends what sessions that began before `now` may do by this role.
pub(crate) async fn update_sessions_from(tx: &mut TenantTx, admin: AdminId, now: Timestamp) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update tenant_admin set sessions_from = $3 where tenant_id = $1 and admin_id = $2")
        .bind(tenant)
        .bind(admin.0)
        .bind(now)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Leaves the users whom this administrator looked after without an advisor.
pub(crate) async fn free_users(tx: &mut TenantTx, admin: AdminId) -> Result<u64, DbError> {
    let tenant = tx.tenant().0;
    let freed = sqlx::query("update tenant_user set advisor_id = null where tenant_id = $1 and advisor_id = $2")
        .bind(tenant)
        .bind(admin.0)
        .execute(tx.connection())
        .await?;
    Ok(freed.rows_affected())
}

pub(crate) async fn update_signed_in(
    tx: &mut TenantTx,
    admin: AdminId,
    display_name: Option<&str>,
    has_lost_nothing: bool,
    now: Timestamp,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update tenant_admin
            set last_signed_in_at = $4, display_name = $3, reset_at = case when $5 then null else reset_at end
          where tenant_id = $1 and admin_id = $2 and removed_at is null",
    )
    .bind(tenant)
    .bind(admin.0)
    .bind(display_name)
    .bind(now)
    .bind(has_lost_nothing)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Whether the person accepted the tenant's identity provider.
pub(crate) async fn has_accepted_provider(tx: &mut TenantTx, admin: AdminId) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let accepted: Option<bool> = sqlx::query_scalar(
        "select provider_accepted_at is not null from tenant_admin where tenant_id = $1 and admin_id = $2",
    )
    .bind(tenant)
    .bind(admin.0)
    .fetch_optional(tx.connection())
    .await?;
    Ok(accepted.unwrap_or(false))
}

/// Accepts it; with nothing, no longer.
pub(crate) async fn update_provider_accepted(
    tx: &mut TenantTx,
    admin: AdminId,
    accepted_at: Option<Timestamp>,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update tenant_admin set provider_accepted_at = $3 where tenant_id = $1 and admin_id = $2")
        .bind(tenant)
        .bind(admin.0)
        .bind(accepted_at)
        .execute(tx.connection())
        .await?;
    Ok(())
}
