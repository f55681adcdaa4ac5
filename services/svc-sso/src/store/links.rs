//! The SQL of whom a provider knows by which name.

use core_contact::EmailAddress;
use core_kernel::{AdminId, Timestamp};
use io_postgres::{DbError, TenantTx};

use crate::model::Candidate;

macro_rules! select_candidate {
    ($where:literal) => {
        concat!(
            "select a.admin_id, a.account_id, a.email, a.provider_accepted_at is not null as accepted,
                    exists (select from identity_link k where k.tenant_id = $1 and k.admin_id = a.admin_id) as linked
               from tenant_admin a where a.tenant_id = $1 and a.removed_at is null and ",
            $where
        )
    };
}

/// Whom the issuer knows by this name.
pub(crate) async fn find(tx: &mut TenantTx, issuer: &str, subject: &str) -> Result<Option<Candidate>, DbError> {
    const SQL: &str = select_candidate!(
        "a.admin_id = (select l.admin_id from identity_link l
                        where l.tenant_id = $1 and l.issuer = $2 and l.subject = $3)"
    );
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(issuer).bind(subject).fetch_optional(tx.connection()).await?)
}

pub(crate) async fn find_by_email(tx: &mut TenantTx, email: &EmailAddress) -> Result<Option<Candidate>, DbError> {
    const SQL: &str = select_candidate!("a.email_folded = $2");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(email.normalized()).fetch_optional(tx.connection()).await?)
}

/// Links a person, unless they or the name are linked by now; false then. A name that led to somebody who was
/// removed is free.
pub(crate) async fn insert(
    tx: &mut TenantTx,
    issuer: &str,
    subject: &str,
    admin: AdminId,
    now: Timestamp,
) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "delete from identity_link l using tenant_admin a
          where l.tenant_id = $1 and l.issuer = $2 and l.subject = $3
            and a.tenant_id = $1 and a.admin_id = l.admin_id and a.removed_at is not null",
    )
    .bind(tenant)
    .bind(issuer)
    .bind(subject)
    .execute(tx.connection())
    .await?;
    let inserted = sqlx::query(
        "insert into identity_link (tenant_id, issuer, subject, admin_id, linked_at, last_used_at)
         values ($1, $2, $3, $4, $5, $5) on conflict do nothing",
    )
    .bind(tenant)
    .bind(issuer)
    .bind(subject)
    .bind(admin.0)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(inserted.rows_affected() > 0)
}

pub(crate) async fn touch(tx: &mut TenantTx, issuer: &str, subject: &str, now: Timestamp) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update identity_link set last_used_at = $4 where tenant_id = $1 and issuer = $2 and subject = $3")
        .bind(tenant)
        .bind(issuer)
        .bind(subject)
        .bind(now)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Forgets whom other issuers knew; with none, whom any did.
pub(crate) async fn delete_of_others(tx: &mut TenantTx, issuer: Option<&str>) -> Result<u64, DbError> {
    let tenant = tx.tenant().0;
    let deleted = sqlx::query("delete from identity_link where tenant_id = $1 and issuer is distinct from $2")
        .bind(tenant)
        .bind(issuer)
        .execute(tx.connection())
        .await?;
    Ok(deleted.rows_affected())
}
