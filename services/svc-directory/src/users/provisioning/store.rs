//! The SQL of provisioned users.

use core_kernel::{Timestamp, UserId};
use core_policy::PhoneLine;
use io_postgres::{DbError, TenantTx};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::model::ProvisionedRow;
use super::predicate::Condition;
use super::queries::UserOrder;
use crate::users::record::user_columns;
use crate::users::store::SealedEmail;

// A user with its profile.
macro_rules! provisioned {
    () => {
        concat!(
            "select ",
            user_columns!(),
            ", p.directory_id, p.profile_sealed
               from tenant_user u
               left join directory_profile p on p.tenant_id = u.tenant_id and p.user_id = u.user_id
              where u.tenant_id = $1 and u.erased_at is null"
        )
    };
}

/// Everything that is written of a user.
pub(super) struct UserWrites<'a> {
    pub(super) user: UserId,
    pub(super) external_id: &'a str,
    pub(super) folded: &'a str,
    pub(super) kind: &'static str,
    pub(super) display_name: Option<&'a str>,
    /// `None` leaves the address on record as it is.
    pub(super) email: Option<Option<SealedEmail>>,
    pub(super) language: Option<&'a str>,
    pub(super) disabled: bool,
    pub(super) directory_id: Option<&'a str>,
    pub(super) profile_sealed: Vec<u8>,
}

/// Suggested contacts, column by column.
#[derive(Default)]
pub(super) struct ContactColumns {
    pub(super) ids: Vec<Uuid>,
    pub(super) kinds: Vec<&'static str>,
    pub(super) lines: Vec<Option<&'static str>>,
    pub(super) countries: Vec<Option<String>>,
    pub(super) sealed: Vec<Vec<u8>>,
    pub(super) indexes: Vec<Vec<u8>>,
}

impl ContactColumns {
    pub(super) fn line(line: Option<PhoneLine>) -> Option<&'static str> {
        line.map(PhoneLine::as_str)
    }
}

pub(super) async fn find(tx: &mut TenantTx, user: UserId) -> Result<Option<ProvisionedRow>, DbError> {
    const SQL: &str = concat!(provisioned!(), " and u.user_id = $2");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(user.0).fetch_optional(tx.connection()).await?)
}

/// The same, holding the user's row until the transaction ends. What is joined to a row that had to be
/// waited for is as old as the statement that waited, so the profile is read by the next one.
pub(super) async fn lock(tx: &mut TenantTx, user: UserId) -> Result<Option<ProvisionedRow>, DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "select from tenant_user u where u.tenant_id = $1 and u.user_id = $2 and u.erased_at is null for no key update",
    )
    .bind(tenant)
    .bind(user.0)
    .execute(tx.connection())
    .await?;
    find(tx, user).await
}

/// Inserts a user with profile and contacts, unless one of this identifier exists; when it was made,
/// by the tenant's clock.
pub(super) async fn insert(
    tx: &mut TenantTx,
    writes: &UserWrites<'_>,
    contacts: &ContactColumns,
) -> Result<Option<Timestamp>, DbError> {
    let tenant = tx.tenant().0;
    let email = writes.email.as_ref().and_then(Option::as_ref);
    Ok(sqlx::query_scalar(
        "with made as (
             insert into tenant_user (tenant_id, user_id, external_id, external_id_folded, kind, display_name,
                                      email_sealed, email_index, language, disabled, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, tenant_now($1))
                 on conflict (tenant_id, external_id_folded) do nothing
             returning created_at
         ), profile as (
             insert into directory_profile (tenant_id, user_id, directory_id, profile_sealed)
             select $1, $2, $11, $12 from made
         ), suggested as (
             insert into factor (tenant_id, factor_id, user_id, kind, status, suggested, line, country, secret_sealed,
                                 blind_index, created_at)
             select $1, c.id, $2, c.kind, 'PENDING', true, c.line, c.country, c.sealed, c.blind, m.created_at
               from made m
              cross join unnest($13::uuid[], $14::text[], $15::text[], $16::text[], $17::bytea[], $18::bytea[])
                    as c(id, kind, line, country, sealed, blind)
         )
         select created_at from made",
    )
    .bind(tenant)
    .bind(writes.user.0)
    .bind(writes.external_id)
    .bind(writes.folded)
    .bind(writes.kind)
    .bind(writes.display_name)
    .bind(email.map(|email| &email.sealed))
    .bind(email.map(|email| &email.index[..]))
    .bind(writes.language)
    .bind(writes.disabled)
    .bind(writes.directory_id)
    .bind(&writes.profile_sealed)
    .bind(&contacts.ids)
    .bind(&contacts.kinds)
    .bind(&contacts.lines)
    .bind(&contacts.countries)
    .bind(&contacts.sealed)
    .bind(&contacts.indexes)
    .fetch_optional(tx.connection())
    .await?)
}

/// Writes all of a user but contacts.
pub(super) async fn update(tx: &mut TenantTx, writes: &UserWrites<'_>) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    let email = writes.email.as_ref().and_then(Option::as_ref);
    sqlx::query(
        "with changed as (
             update tenant_user u
                set external_id = $3, external_id_folded = $4, kind = $5, display_name = $6, language = $7, disabled = $8,
                    email_sealed = case when $9 then $10 else u.email_sealed end,
                    email_index = case when $9 then $11 else u.email_index end
              where u.tenant_id = $1 and u.user_id = $2
         )
         insert into directory_profile (tenant_id, user_id, directory_id, profile_sealed) values ($1, $2, $12, $13)
             on conflict (tenant_id, user_id) do update
                set directory_id = excluded.directory_id, profile_sealed = excluded.profile_sealed",
    )
    .bind(tenant)
    .bind(writes.user.0)
    .bind(writes.external_id)
    .bind(writes.folded)
    .bind(writes.kind)
    .bind(writes.display_name)
    .bind(writes.language)
    .bind(writes.disabled)
    .bind(writes.email.is_some())
    .bind(email.map(|email| &email.sealed))
    .bind(email.map(|email| &email.index[..]))
    .bind(writes.directory_id)
    .bind(&writes.profile_sealed)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Makes these the user's suggested contacts: what is the same stays. Where the user has proved one of a
/// kind, none of that kind is suggested: a directory is worth no more than the key that it presents.
pub(super) async fn replace_contacts(
    tx: &mut TenantTx,
    user: UserId,
    contacts: &ContactColumns,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update factor f set status = 'REMOVED', removed_at = tenant_now($1)
          where f.tenant_id = $1 and f.user_id = $2 and f.status = 'PENDING' and f.suggested
            and not exists (select from unnest($3::text[], $4::bytea[]) as c(kind, blind)
                             where c.kind = f.kind and c.blind = f.blind_index)",
    )
    .bind(tenant)
    .bind(user.0)
    .bind(&contacts.kinds)
    .bind(&contacts.indexes)
    .execute(tx.connection())
    .await?;
    sqlx::query(
        "insert into factor (tenant_id, factor_id, user_id, kind, status, suggested, line, country, secret_sealed,
                             blind_index, created_at)
         select $1, c.id, $2, c.kind, 'PENDING', true, c.line, c.country, c.sealed, c.blind, tenant_now($1)
           from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::bytea[])
                as c(id, kind, line, country, sealed, blind)
          where not exists (select from factor f
                             where f.tenant_id = $1 and f.user_id = $2
                               and (f.kind = c.kind and (f.suggested or f.status in ('ACTIVE', 'DISABLED'))
                                    or f.status in ('ACTIVE', 'DISABLED') and f.blind_index = c.blind)
                               and f.status <> 'REMOVED')",
    )
    .bind(tenant)
    .bind(user.0)
    .bind(&contacts.ids)
    .bind(&contacts.kinds)
    .bind(&contacts.lines)
    .bind(&contacts.countries)
    .bind(&contacts.sealed)
    .bind(&contacts.indexes)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Users in order, from an offset on.
pub(super) async fn list(
    tx: &mut TenantTx,
    condition: &Condition<'_>,
    order: UserOrder,
    offset: i64,
    limit: i64,
) -> Result<Vec<ProvisionedRow>, DbError> {
    let mut query: QueryBuilder<Postgres> = QueryBuilder::new(concat!(
        "select ",
        user_columns!(),
        ", p.directory_id, p.profile_sealed
           from tenant_user u
           left join directory_profile p on p.tenant_id = u.tenant_id and p.user_id = u.user_id
          where u.erased_at is null and u.tenant_id = "
    ));
    query.push_bind(tx.tenant().0).push(" and ");
    condition.write(&mut query);
    query.push(" order by ").push(order.sql()).push(" limit ").push_bind(limit).push(" offset ").push_bind(offset);
    // As many statements as there are filters: they would push the others out of the driver's cache.
    Ok(query.build_query_as().persistent(false).fetch_all(tx.connection()).await?)
}

pub(super) async fn count(tx: &mut TenantTx, condition: &Condition<'_>) -> Result<i64, DbError> {
    let mut query: QueryBuilder<Postgres> = QueryBuilder::new(
        "select count(*) from tenant_user u
           left join directory_profile p on p.tenant_id = u.tenant_id and p.user_id = u.user_id
          where u.erased_at is null and u.tenant_id = ",
    );
    query.push_bind(tx.tenant().0).push(" and ");
    condition.write(&mut query);
    Ok(query.build_query_scalar().persistent(false).fetch_one(tx.connection()).await?)
}
