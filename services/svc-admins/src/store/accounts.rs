//! The SQL of accounts; in the platform tenant.

use core_contact::EmailAddress;
use core_kernel::{AccountId, LoginId, TenantId, Timestamp, UserId};
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

use crate::model::{Account, PartnerRole, Role};

macro_rules! select_account {
    ($where:literal) => {
        concat!(
            "select a.account_id, a.user_id, a.email, a.display_name, a.password_phc,
                    exists (select from factor f where f.tenant_id = $1 and f.user_id = a.user_id
                               and f.status in ('ACTIVE', 'DISABLED') and f.kind <> 'BACKUP_CODES') as enrolled
               from account a where a.tenant_id = $1 and ",
            $where
        )
    };
}

pub(crate) async fn find_by_email(tx: &mut TenantTx, email: &EmailAddress) -> Result<Option<Account>, DbError> {
    const SQL: &str = select_account!("a.email_folded = $2");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(email.normalized()).fetch_optional(tx.connection()).await?)
}

pub(crate) async fn find(tx: &mut TenantTx, account: AccountId) -> Result<Option<Account>, DbError> {
    const SQL: &str = select_account!("a.account_id = $2");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(account.0).fetch_optional(tx.connection()).await?)
}

/// Inserts an account, unless one of this address exists, which is waited for.
pub(crate) async fn insert(
    tx: &mut TenantTx,
    account: AccountId,
    user: UserId,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into account (tenant_id, account_id, email, email_folded, user_id, created_at)
         values ($1, $2, $3, $4, $5, $6) on conflict (tenant_id, email_folded) do nothing",
    )
    .bind(tenant)
    .bind(account.0)
    .bind(email.address())
    .bind(email.normalized())
    .bind(user.0)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Makes those who prove a factor of this user, and those who set the password, wait for one another.
pub(crate) async fn lock_user(tx: &mut TenantTx, user: UserId) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("select from tenant_user where tenant_id = $1 and user_id = $2 for no key update")
        .bind(tenant)
        .bind(user.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(crate) async fn update_password(
    tx: &mut TenantTx,
    account: AccountId,
    phc: &str,
    display_name: Option<&str>,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update account set password_phc = $3, display_name = coalesce($4, display_name)
          where tenant_id = $1 and account_id = $2",
    )
    .bind(tenant)
    .bind(account.0)
    .bind(phc)
    .bind(display_name)
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(crate) async fn update_signed_in(tx: &mut TenantTx, account: AccountId, now: Timestamp) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update account set last_signed_in_at = $3 where tenant_id = $1 and account_id = $2")
        .bind(tenant)
        .bind(account.0)
        .bind(now)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Takes the password: nobody signs in with it any more.
pub(crate) async fn clear_password(tx: &mut TenantTx, account: AccountId) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update account set password_phc = null where tenant_id = $1 and account_id = $2")
        .bind(tenant)
        .bind(account.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Takes all factors. Seeds and hashes go at once; where a notice is still on its way, the destination stays.
pub(crate) async fn remove_factors(tx: &mut TenantTx, user: UserId, now: Timestamp) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "with codes as (
            delete from backup_code b using factor f
             where b.tenant_id = $1 and f.tenant_id = $1 and f.factor_id = b.factor_id and f.user_id = $2
         )
         update factor f
            set status = 'REMOVED', removed_at = $3,
                secret_sealed = case when f.kind in ('PHONE_PRIMARY', 'PHONE_RECOVERY', 'EMAIL') then f.secret_sealed end
          where f.tenant_id = $1 and f.user_id = $2 and f.status <> 'REMOVED'",
    )
    .bind(tenant)
    .bind(user.0)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The person's roles, in the order of the tenants' age. Asked across tenants by the one function
/// that may.
pub(crate) async fn roles(tx: &mut TenantTx, account: AccountId) -> Result<Vec<Role>, DbError> {
    Ok(sqlx::query_as(
        "select r.tenant_id, r.admin_id, r.role, r.sessions_from, r.provider_only from postern_cross.roles_of_account($1) r",
    )
    .bind(account.0)
    .fetch_all(tx.connection())
    .await?)
}

/// Which of these tenants have an identity provider of their own; the same way.
pub(crate) async fn have_providers(tx: &mut TenantTx, tenants: &[TenantId]) -> Result<Vec<TenantId>, DbError> {
    let tenants: Vec<Uuid> = tenants.iter().map(|tenant| tenant.0).collect();
    let found: Vec<Uuid> = sqlx::query_scalar("select t from postern_cross.have_providers($1) t")
        .bind(tenants)
        .fetch_all(tx.connection())
        .await?;
    Ok(found.into_iter().map(TenantId).collect())
}

/// For whom the person answers, in the order of the partners' age; the same way.
pub(crate) async fn partners(tx: &mut TenantTx, account: AccountId) -> Result<Vec<PartnerRole>, DbError> {
    Ok(sqlx::query_as("select p.partner_id, p.admin_id, p.role from postern_cross.partners_of_account($1) p")
        .bind(account.0)
        .fetch_all(tx.connection())
        .await?)
}

/// The latest challenge by this factor in this login, for a code that was sent.
pub(crate) async fn latest_challenge(tx: &mut TenantTx, login: LoginId, factor: Uuid) -> Result<Option<Uuid>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar(
        "select c.challenge_id from challenge c
          where c.tenant_id = $1 and c.login_id = $2 and c.factor_id = $3 order by c.challenge_id desc limit 1",
    )
    .bind(tenant)
    .bind(login.0)
    .bind(factor)
    .fetch_optional(tx.connection())
    .await?)
}
