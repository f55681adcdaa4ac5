//! All SQL of prompts. What expires is compared by the tenant's clock.

use core_kernel::{ChallengeId, LoginId, PromptId, Timestamp, UserId};
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

use crate::PromptPurpose;

/// A prompt to be kept.
pub(crate) struct NewPrompt<'a> {
    pub(crate) id: PromptId,
    pub(crate) user: UserId,
    pub(crate) login: LoginId,
    pub(crate) purpose: PromptPurpose,
    pub(crate) return_url: &'a str,
    pub(crate) state: Option<&'a str>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) open_digest: [u8; 32],
}

/// A prompt that was opened.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct SessionRow {
    pub(crate) prompt_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) login_id: Uuid,
    pub(crate) purpose: String,
    pub(crate) challenge_id: Option<Uuid>,
    pub(crate) return_url: String,
    pub(crate) state: Option<String>,
    pub(crate) expires_at: Timestamp,
    pub(crate) is_over: bool,
}

/// What a result stands for.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct RedeemedRow {
    pub(crate) login_id: Uuid,
    pub(crate) state: Option<String>,
}

/// Of a user's earlier prompts, those that ended a day ago go.
pub(crate) async fn insert(tx: &mut TenantTx, prompt: &NewPrompt<'_>) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "delete from prompt_session where tenant_id = $1 and user_id = $2 and expires_at < $3 - interval '1 day'",
    )
    .bind(tenant)
    .bind(prompt.user.0)
    .bind(prompt.created_at)
    .execute(tx.connection())
    .await?;
    sqlx::query(
        "insert into prompt_session (tenant_id, prompt_id, user_id, login_id, login_month, purpose, return_url, state,
                                     created_at, expires_at, open_digest)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(tenant)
    .bind(prompt.id.0)
    .bind(prompt.user.0)
    .bind(prompt.login.0)
    .bind(prompt.login.month())
    .bind(prompt.purpose.as_str())
    .bind(prompt.return_url)
    .bind(prompt.state)
    .bind(prompt.created_at)
    .bind(prompt.expires_at)
    .bind(&prompt.open_digest[..])
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Opens a prompt for one browser: of any number of parallel calls one does.
pub(crate) async fn open(tx: &mut TenantTx, address: [u8; 32], browser: [u8; 32]) -> Result<Option<PromptId>, DbError> {
    let tenant = tx.tenant().0;
    let opened: Option<Uuid> = sqlx::query_scalar(
        "update prompt_session p
            set opened_at = tenant_now($1), browser_digest = $3,
                expires_at = case p.purpose when 'LOGIN' then l.expires_at
                                            else tenant_now($1) + interval '15 minutes' end
           from login l, tenant t, tenant_user u
          where p.tenant_id = $1 and p.open_digest = $2 and p.opened_at is null and p.expires_at > tenant_now($1)
            and l.tenant_id = $1 and l.month = p.login_month and l.login_id = p.login_id
            and t.tenant_id = $1 and t.status = 'ACTIVE'
            and u.tenant_id = $1 and u.user_id = p.user_id and u.erased_at is null and not u.disabled
         returning p.prompt_id",
    )
    .bind(tenant)
    .bind(&address[..])
    .bind(&browser[..])
    .fetch_optional(tx.connection())
    .await?;
    Ok(opened.map(PromptId))
}

pub(crate) async fn find_by_address(tx: &mut TenantTx, address: [u8; 32]) -> Result<Option<PromptId>, DbError> {
    let tenant = tx.tenant().0;
    let sql = "select prompt_id from prompt_session where tenant_id = $1 and open_digest = $2";
    let found: Option<Uuid> =
        sqlx::query_scalar(sql).bind(tenant).bind(&address[..]).fetch_optional(tx.connection()).await?;
    Ok(found.map(PromptId))
}

pub(crate) async fn find(
    tx: &mut TenantTx,
    prompt: PromptId,
    browser: [u8; 32],
) -> Result<Option<SessionRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select p.prompt_id, p.user_id, p.login_id, p.purpose, p.challenge_id, p.return_url, p.state, p.expires_at,
                p.redeemed_at is not null or p.expires_at <= tenant_now($1) as is_over
           from prompt_session p
           join tenant t on t.tenant_id = p.tenant_id and t.status = 'ACTIVE'
           join tenant_user u on u.tenant_id = p.tenant_id and u.user_id = p.user_id
          where p.tenant_id = $1 and p.prompt_id = $2 and p.browser_digest = $3
            and u.erased_at is null and not u.disabled",
    )
    .bind(tenant)
    .bind(prompt.0)
    .bind(&browser[..])
    .fetch_optional(tx.connection())
    .await?)
}

pub(crate) async fn set_challenge(
    tx: &mut TenantTx,
    prompt: PromptId,
    challenge: Option<ChallengeId>,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update prompt_session set challenge_id = $3 where tenant_id = $1 and prompt_id = $2")
        .bind(tenant)
        .bind(prompt.0)
        .bind(challenge.map(|challenge| challenge.0))
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// False for a prompt that is over.
pub(crate) async fn set_result(tx: &mut TenantTx, prompt: PromptId, result: [u8; 32]) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let set = sqlx::query(
        "update prompt_session set result_digest = $3, result_expires_at = tenant_now($1) + interval '1 minute'
          where tenant_id = $1 and prompt_id = $2 and redeemed_at is null and expires_at > tenant_now($1)",
    )
    .bind(tenant)
    .bind(prompt.0)
    .bind(&result[..])
    .execute(tx.connection())
    .await?;
    Ok(set.rows_affected() == 1)
}

pub(crate) async fn end(tx: &mut TenantTx, prompt: PromptId) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update prompt_session set expires_at = least(expires_at, tenant_now($1)), result_digest = null, result_expires_at = null
          where tenant_id = $1 and prompt_id = $2 and redeemed_at is null",
    )
    .bind(tenant)
    .bind(prompt.0)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Exchanges a result: of any number of parallel calls one gets it.
pub(crate) async fn redeem(tx: &mut TenantTx, result: [u8; 32]) -> Result<Option<RedeemedRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "update prompt_session p set redeemed_at = tenant_now($1)
          where p.tenant_id = $1 and p.result_digest = $2 and p.redeemed_at is null
            and p.result_expires_at > tenant_now($1)
         returning p.login_id, p.state",
    )
    .bind(tenant)
    .bind(&result[..])
    .fetch_optional(tx.connection())
    .await?)
}
