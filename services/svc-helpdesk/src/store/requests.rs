//! Requests for temporary access. EXPIRED is read off the clock, so that no job is needed to tell it.

use core_kernel::{AdminId, LoginId, PageRequest, TemporaryAccessRequestId, Timestamp, TypedId, UserId};
use io_postgres::{DbError, TenantTx};

use crate::model::{RequestStatus, TemporaryAccessRequest};

macro_rules! request_columns {
    ($now:literal) => {
        concat!(
            "r.request_id, r.login_id, r.user_id, r.note,
             case when r.status = 'OPEN' and r.expires_at <= ",
            $now,
            " then 'EXPIRED' else r.status end as status,
             r.created_at, r.expires_at, r.answered_at, r.answered_by, r.reason"
        )
    };
}

pub(crate) async fn insert(tx: &mut TenantTx, request: &TemporaryAccessRequest) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into temporary_access_request (tenant_id, request_id, login_id, user_id, note, status, created_at, expires_at)
         values ($1, $2, $3, $4, $5, 'OPEN', $6, $7)",
    )
    .bind(tenant)
    .bind(request.request_id.0)
    .bind(request.login_id.0)
    .bind(request.user_id.0)
    .bind(&request.note)
    .bind(request.created_at)
    .bind(request.expires_at)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The login's open request, if there is one that has not run out.
pub(crate) async fn find_open(
    tx: &mut TenantTx,
    login: LoginId,
    now: Timestamp,
) -> Result<Option<TemporaryAccessRequest>, DbError> {
    const SQL: &str = concat!(
        "select ",
        request_columns!("$3"),
        " from temporary_access_request r
         where r.tenant_id = $1 and r.login_id = $2 and r.status = 'OPEN' and r.expires_at > $3"
    );
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(login.0).bind(now).fetch_optional(tx.connection()).await?)
}

/// How many a user made since; the caller holds the user's lock.
pub(crate) async fn count_since(tx: &mut TenantTx, user: UserId, since: Timestamp) -> Result<i64, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar(
        "select count(*) from temporary_access_request r where r.tenant_id = $1 and r.user_id = $2 and r.created_at > $3",
    )
    .bind(tenant)
    .bind(user.0)
    .bind(since)
    .fetch_one(tx.connection())
    .await?)
}

/// One, of a user whom the caller may see.
pub(crate) async fn find(
    tx: &mut TenantTx,
    id: TemporaryAccessRequestId,
    only_advisor: Option<AdminId>,
) -> Result<Option<TemporaryAccessRequest>, DbError> {
    const SQL: &str = concat!(
        "select ",
        request_columns!("tenant_now($1)"),
        "  from temporary_access_request r
           join tenant_user u on u.tenant_id = r.tenant_id and u.user_id = r.user_id
          where r.tenant_id = $1 and r.request_id = $2 and u.erased_at is null
            and ($3::uuid is null or u.advisor_id = $3)"
    );
    let tenant = tx.tenant().0;
    let advisor = only_advisor.map(|advisor| advisor.0);
    Ok(sqlx::query_as(SQL).bind(tenant).bind(id.0).bind(advisor).fetch_optional(tx.connection()).await?)
}

/// Answers a request that is still open: of two answers at the same time one finds it so.
pub(crate) async fn answer(
    tx: &mut TenantTx,
    id: TemporaryAccessRequestId,
    answer: &Answer<'_>,
) -> Result<Option<TemporaryAccessRequest>, DbError> {
    const SQL: &str = concat!(
        "update temporary_access_request r set status = $3, answered_at = $4, answered_by = $5, reason = $6
          where r.tenant_id = $1 and r.request_id = $2 and r.status = 'OPEN' and r.expires_at > $4
         returning ",
        request_columns!("$4")
    );
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL)
        .bind(tenant)
        .bind(id.0)
        .bind(answer.status.as_str())
        .bind(answer.at)
        .bind(answer.by)
        .bind(answer.reason)
        .fetch_optional(tx.connection())
        .await?)
}

/// What is written of an answer.
pub(crate) struct Answer<'a> {
    pub(crate) status: RequestStatus,
    pub(crate) at: Timestamp,
    pub(crate) by: &'a str,
    pub(crate) reason: &'a str,
}

/// Those of users whom the caller may see, the newest first.
pub(crate) async fn list(
    tx: &mut TenantTx,
    only_advisor: Option<AdminId>,
    open: Option<bool>,
    page: &PageRequest,
) -> Result<Vec<TemporaryAccessRequest>, DbError> {
    const SQL: &str = concat!(
        "with clock as materialized (select tenant_now($1) as now)
         select ",
        request_columns!("clock.now"),
        "  from temporary_access_request r cross join clock
           join tenant_user u on u.tenant_id = r.tenant_id and u.user_id = r.user_id
          where r.tenant_id = $1 and u.erased_at is null
            and ($2::uuid is null or u.advisor_id = $2)
            and ($3::boolean is null or (r.status = 'OPEN' and r.expires_at > clock.now) = $3)
            and ($4::uuid is null or r.request_id < $4)
          order by r.request_id desc limit $5"
    );
    let tenant = tx.tenant().0;
    let after = page.after.as_deref().and_then(TemporaryAccessRequestId::from_text).map(|id| id.0);
    Ok(sqlx::query_as(SQL)
        .bind(tenant)
        .bind(only_advisor.map(|advisor| advisor.0))
        .bind(open)
        .bind(after)
        .bind(page.limit())
        .fetch_all(tx.connection())
        .await?)
}
