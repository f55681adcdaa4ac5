//! One-time links.

use core_kernel::{LoginId, OneTimeLinkId, Timestamp, UserId};
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

/// A link to be kept.
pub(crate) struct NewLink<'a> {
    pub(crate) id: OneTimeLinkId,
    pub(crate) user: UserId,
    pub(crate) digest: [u8; 32],
    pub(crate) return_url: &'a str,
    pub(crate) state: Option<&'a str>,
    pub(crate) hosted_prompt: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// A link that was just consumed.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct ConsumedLink {
    pub(crate) link_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) return_url: String,
    pub(crate) state: Option<String>,
    pub(crate) hosted_prompt: bool,
}

/// What the page of a link that works shows.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct PageRow {
    pub(crate) tenant_name: String,
    pub(crate) language: String,
}

pub(crate) async fn insert(tx: &mut TenantTx, link: &NewLink<'_>) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into one_time_link (tenant_id, link_id, user_id, digest, return_url, state, hosted_prompt, created_at,
                 expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(tenant)
    .bind(link.id.0)
    .bind(link.user.0)
    .bind(&link.digest[..])
    .bind(link.return_url)
    .bind(link.state)
    .bind(link.hosted_prompt)
    .bind(link.created_at)
    .bind(link.expires_at)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Looks at a link that works, and changes nothing.
pub(crate) async fn find_page(tx: &mut TenantTx, digest: [u8; 32]) -> Result<Option<PageRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select t.name as tenant_name, coalesce(u.language, t.language) as language
           from one_time_link k
           join tenant t on t.tenant_id = k.tenant_id
           join tenant_user u on u.tenant_id = k.tenant_id and u.user_id = k.user_id
          where k.tenant_id = $1 and k.digest = $2 and k.consumed_at is null and k.revoked_at is null
            and k.expires_at > tenant_now($1) and t.status = 'ACTIVE' and u.erased_at is null and not u.disabled",
    )
    .bind(tenant)
    .bind(&digest[..])
    .fetch_optional(tx.connection())
    .await?)
}

/// Consumes a link: of any number of parallel calls one gets it.
pub(crate) async fn consume(tx: &mut TenantTx, digest: [u8; 32]) -> Result<Option<ConsumedLink>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "update one_time_link k set consumed_at = tenant_now($1)
          where k.tenant_id = $1 and k.digest = $2 and k.consumed_at is null and k.revoked_at is null
            and k.expires_at > tenant_now($1)
            and exists (select from tenant t where t.tenant_id = $1 and t.status = 'ACTIVE')
            and exists (select from tenant_user u where u.tenant_id = $1 and u.user_id = k.user_id
                           and u.erased_at is null and not u.disabled)
         returning k.link_id, k.user_id, k.return_url, k.state, k.hosted_prompt",
    )
    .bind(tenant)
    .bind(&digest[..])
    .fetch_optional(tx.connection())
    .await?)
}

/// Makes a link whole again whose login could not be begun.
pub(crate) async fn restore(tx: &mut TenantTx, link: OneTimeLinkId) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update one_time_link k set consumed_at = null where k.tenant_id = $1 and k.link_id = $2 and k.login_id is null",
    )
    .bind(tenant)
    .bind(link.0)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Keeps which login a link began.
pub(crate) async fn set_login(tx: &mut TenantTx, link: OneTimeLinkId, login: LoginId) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update one_time_link k set login_id = $3 where k.tenant_id = $1 and k.link_id = $2")
        .bind(tenant)
        .bind(link.0)
        .bind(login.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// The addresses that the tenant has registered.
pub(crate) async fn return_urls(tx: &mut TenantTx) -> Result<Vec<String>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar("select return_urls from tenant where tenant_id = $1")
        .bind(tenant)
        .fetch_optional(tx.connection())
        .await?
        .unwrap_or_default())
}
