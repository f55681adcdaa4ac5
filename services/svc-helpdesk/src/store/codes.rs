//! Temporary access codes.

use core_kernel::{AdminId, TemporaryAccessCodeId, Timestamp, UserId};
use io_postgres::{DbError, TenantTx};

use crate::model::TemporaryAccessCode;

/// How many a list shows: more were never issued to one user in earnest.
const LISTED: i64 = 100;

macro_rules! code_columns {
    () => {
        "c.code_id, c.user_id, c.login_id, c.issued_by, c.reason, c.may_change_factors, c.created_at, c.expires_at,
         c.used_at, c.revoked_at"
    };
}

/// How a code is kept.
pub(crate) struct StoredDigest {
    pub(crate) key_id: i16,
    pub(crate) digest: [u8; 32],
}

pub(crate) async fn insert(
    tx: &mut TenantTx,
    code: &TemporaryAccessCode,
    stored: &StoredDigest,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into temporary_access_code (tenant_id, code_id, user_id, login_id, digest_key_id, digest, issued_by,
                                            reason, may_change_factors, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(tenant)
    .bind(code.code_id.0)
    .bind(code.user_id.0)
    .bind(code.login_id.map(|login| login.0))
    .bind(stored.key_id)
    .bind(&stored.digest[..])
    .bind(&code.issued_by)
    .bind(&code.reason)
    .bind(code.may_change_factors)
    .bind(code.created_at)
    .bind(code.expires_at)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Takes back whatever a user could still prove.
pub(crate) async fn revoke_outstanding(tx: &mut TenantTx, user: UserId, now: Timestamp) -> Result<u64, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query(
        "update temporary_access_code c set revoked_at = $3
          where c.tenant_id = $1 and c.user_id = $2 and c.used_at is null and c.revoked_at is null and c.expires_at > $3",
    )
    .bind(tenant)
    .bind(user.0)
    .bind(now)
    .execute(tx.connection())
    .await?
    .rows_affected())
}

/// Takes back one; none where it was used or revoked meanwhile.
pub(crate) async fn revoke(
    tx: &mut TenantTx,
    id: TemporaryAccessCodeId,
    now: Timestamp,
) -> Result<Option<TemporaryAccessCode>, DbError> {
    const SQL: &str = concat!(
        "update temporary_access_code c set revoked_at = $3
          where c.tenant_id = $1 and c.code_id = $2 and c.used_at is null and c.revoked_at is null
         returning ",
        code_columns!()
    );
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(id.0).bind(now).fetch_optional(tx.connection()).await?)
}

/// One, of a user whom the caller may see.
pub(crate) async fn find(
    tx: &mut TenantTx,
    id: TemporaryAccessCodeId,
    only_advisor: Option<AdminId>,
) -> Result<Option<TemporaryAccessCode>, DbError> {
    const SQL: &str = concat!(
        "select ",
        code_columns!(),
        "  from temporary_access_code c
           join tenant_user u on u.tenant_id = c.tenant_id and u.user_id = c.user_id
          where c.tenant_id = $1 and c.code_id = $2 and u.erased_at is null
            and ($3::uuid is null or u.advisor_id = $3)"
    );
    let tenant = tx.tenant().0;
    let advisor = only_advisor.map(|advisor| advisor.0);
    Ok(sqlx::query_as(SQL).bind(tenant).bind(id.0).bind(advisor).fetch_optional(tx.connection()).await?)
}

/// Those of users whom the caller may see, the newest first, so many of each.
pub(crate) async fn list_of_users(
    tx: &mut TenantTx,
    users: &[UserId],
    only_advisor: Option<AdminId>,
) -> Result<Vec<TemporaryAccessCode>, DbError> {
    const SQL: &str = concat!(
        "select ",
        code_columns!(),
        "  from tenant_user u cross join lateral
                (select c.* from temporary_access_code c where c.tenant_id = $1 and c.user_id = u.user_id
                  order by c.created_at desc, c.code_id desc limit $3) c
          where u.tenant_id = $1 and u.user_id = any ($2) and u.erased_at is null
            and ($4::uuid is null or u.advisor_id = $4)
          order by c.created_at desc, c.code_id desc"
    );
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL)
        .bind(tenant)
        .bind(users.iter().map(|user| user.0).collect::<Vec<_>>())
        .bind(LISTED)
        .bind(only_advisor.map(|advisor| advisor.0))
        .fetch_all(tx.connection())
        .await?)
}
