//! The SQL of users.

use core_contact::EmailAddress;
use core_kernel::{AdminId, Timestamp, UserId};
use core_policy::UserKind;
use io_postgres::{DbError, PartnerTx, TenantTx};
use uuid::Uuid;

use crate::users::queries::Wanted;
use crate::users::record::user_columns;
use crate::users::view::UserRow;

/// A user's columns that an upsert writes; `None` leaves a stored value as it is.
pub(super) struct Writes<'a> {
    pub(super) kind: UserKind,
    pub(super) display_name: Option<&'a str>,
    pub(super) email: Option<SealedEmail>,
    pub(super) language: Option<&'a str>,
    pub(super) advisor: Option<AdminId>,
    pub(super) disabled: Option<bool>,
}

/// An address as it is stored.
pub(super) struct SealedEmail {
    pub(super) sealed: Vec<u8>,
    pub(super) index: [u8; 16],
}

/// The user of a folded identifier, without locking it.
pub(super) async fn find_id(tx: &mut TenantTx, folded: &str) -> Result<Option<UserId>, DbError> {
    let tenant = tx.tenant().0;
    let found: Option<Uuid> = sqlx::query_scalar(
        "select u.user_id from tenant_user u
          where u.tenant_id = $1 and u.external_id_folded = $2 and u.erased_at is null",
    )
    .bind(tenant)
    .bind(folded)
    .fetch_optional(tx.connection())
    .await?;
    Ok(found.map(UserId))
}

/// Inserts a user, unless one of this identifier exists, which is waited for; false then.
pub(super) async fn insert(
    tx: &mut TenantTx,
    user: UserId,
    external_id: &str,
    folded: &str,
    writes: &Writes<'_>,
) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let inserted = sqlx::query(
        "insert into tenant_user (tenant_id, user_id, external_id, external_id_folded, kind, display_name,
                                  email_sealed, email_index, language, advisor_id, disabled, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, coalesce($11, false), tenant_now($1))
             on conflict (tenant_id, external_id_folded) do nothing",
    )
    .bind(tenant)
    .bind(user.0)
    .bind(external_id)
    .bind(folded)
    .bind(writes.kind.as_str())
    .bind(writes.display_name)
    .bind(writes.email.as_ref().map(|email| &email.sealed))
    .bind(writes.email.as_ref().map(|email| &email.index[..]))
    .bind(writes.language)
    .bind(writes.advisor.map(|id| id.0))
    .bind(writes.disabled)
    .execute(tx.connection())
    .await?;
    Ok(inserted.rows_affected() > 0)
}

pub(super) async fn update(tx: &mut TenantTx, user: UserId, writes: &Writes<'_>) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update tenant_user u
            set kind = $3, display_name = coalesce($4, u.display_name), email_sealed = coalesce($5, u.email_sealed),
                email_index = coalesce($6, u.email_index), language = coalesce($7, u.language),
                advisor_id = coalesce($8, u.advisor_id), disabled = coalesce($9, u.disabled)
          where u.tenant_id = $1 and u.user_id = $2",
    )
    .bind(tenant)
    .bind(user.0)
    .bind(writes.kind.as_str())
    .bind(writes.display_name)
    .bind(writes.email.as_ref().map(|email| &email.sealed))
    .bind(writes.email.as_ref().map(|email| &email.index[..]))
    .bind(writes.language)
    .bind(writes.advisor.map(|id| id.0))
    .bind(writes.disabled)
    .execute(tx.connection())
    .await?;
    if let Some(email) = &writes.email {
        withdraw_address(tx, user, &email.index).await?;
    }
    Ok(())
}

/// Another address than the one on record is not suggested any more.
async fn withdraw_address(tx: &mut TenantTx, user: UserId, on_record: &[u8]) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update factor f set status = 'REMOVED', removed_at = tenant_now($1)
          where f.tenant_id = $1 and f.user_id = $2 and f.kind = 'EMAIL' and f.status = 'PENDING' and f.suggested
            and f.blind_index <> $3",
    )
    .bind(tenant)
    .bind(user.0)
    .bind(on_record)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// An administrator of this tenant whose role lets them look after users.
pub(super) async fn find_advisor(tx: &mut TenantTx, email: &EmailAddress) -> Result<Option<AdminId>, DbError> {
    let tenant = tx.tenant().0;
    let found: Option<Uuid> = sqlx::query_scalar(
        "select a.admin_id from tenant_admin a
          where a.tenant_id = $1 and a.email_folded = $2 and a.removed_at is null
            and a.role in ('OWNER', 'ADMIN', 'SUPPORT', 'ADVISOR')",
    )
    .bind(tenant)
    .bind(email.normalized())
    .fetch_optional(tx.connection())
    .await?;
    Ok(found.map(AdminId))
}

// Status and enrollment of a user, by the tenant's clock in $2.
macro_rules! status {
    () => {
        "case when u.disabled then 'DISABLED' when u.locked_until > $2 then 'LOCKED' else 'ACTIVE' end"
    };
}
macro_rules! factor {
    () => {
        "from factor f where f.tenant_id = $1 and f.user_id = u.user_id
                         and f.status in ('ACTIVE', 'DISABLED') and f.kind <> 'BACKUP_CODES'"
    };
}
macro_rules! enrollment {
    ($($enrolled:tt)*) => {
        concat!(
            "case when u.opted_out_at is not null then 'OPTED_OUT' when ", $($enrolled)*, " then 'ENROLLED'
                  when u.skips_used > 0 then 'SKIPPED' else 'NOT_ENROLLED' end"
        )
    };
}
// For the few users of a page each is looked up. `exists` would be planned as a list of all factors of the tenant.
macro_rules! enrollment_of_each {
    () => {
        enrollment!(concat!("(select true ", factor!(), " limit 1)"))
    };
}
// For a condition that all users are asked, such a list is what is wanted.
macro_rules! enrollment_of_all {
    () => {
        enrollment!(concat!("exists (select ", factor!(), ")"))
    };
}
macro_rules! row_columns {
    () => {
        concat!(user_columns!(), ", ", status!(), " as status, ", enrollment_of_each!(), " as enrollment")
    };
}
// Which users a list is about: $3 the advisor, $4 to $6 the search, $7 to $9 the filter.
macro_rules! wanted {
    () => {
        concat!(
            " u.tenant_id = $1 and u.erased_at is null and ($3::uuid is null or u.advisor_id = $3)
              and ($4::text is null or u.external_id_folded like $4 or u.display_name ilike $5
                   or u.email_index = any ($6::bytea[]))
              and ($7::text is null or u.kind = $7)
              and ($8::text[] is null or ",
            enrollment_of_all!(),
            " = any ($8))
              and ($9::text is null or ",
            status!(),
            " = $9)"
        )
    };
}

/// Binds $1 to $9 of [`wanted`].
macro_rules! bind_wanted {
    ($query:expr, $tenant:expr, $wanted:expr) => {
        $query
            .bind($tenant)
            .bind($wanted.now)
            .bind($wanted.advisor.map(|id| id.0))
            .bind(&$wanted.external_id_pattern)
            .bind(&$wanted.name_pattern)
            .bind(&$wanted.email_indexes)
            .bind($wanted.kind)
            .bind(&$wanted.enrollment)
            .bind($wanted.status)
    };
}

/// Users, newest first.
pub(super) async fn list(
    tx: &mut TenantTx,
    wanted: &Wanted,
    after: Option<UserId>,
    limit: i64,
) -> Result<Vec<UserRow>, DbError> {
    const SQL: &str = concat!(
        "select ",
        row_columns!(),
        " from tenant_user u where",
        wanted!(),
        " and ($10::uuid is null or u.user_id < $10) order by u.user_id desc limit $11"
    );
    let tenant = tx.tenant().0;
    let query = bind_wanted!(sqlx::query_as(SQL), tenant, wanted);
    Ok(query.bind(after.map(|id| id.0)).bind(limit).fetch_all(tx.connection()).await?)
}

pub(super) async fn count(tx: &mut TenantTx, wanted: &Wanted) -> Result<i64, DbError> {
    const SQL: &str = concat!("select count(*) from tenant_user u where", wanted!());
    let tenant = tx.tenant().0;
    Ok(bind_wanted!(sqlx::query_scalar(SQL), tenant, wanted).fetch_one(tx.connection()).await?)
}

/// How many users are in each state.
pub(super) async fn count_by_enrollment(tx: &mut TenantTx, wanted: &Wanted) -> Result<Vec<(String, i64)>, DbError> {
    const SQL: &str = concat!(
        "select ",
        enrollment_of_all!(),
        " as state, count(*) from tenant_user u where",
        wanted!(),
        " group by 1"
    );
    let tenant = tx.tenant().0;
    Ok(bind_wanted!(sqlx::query_as(SQL), tenant, wanted).fetch_all(tx.connection()).await?)
}

/// The same of all the tenant's users, read from indexes alone.
pub(super) async fn count_all_by_enrollment(
    tx: &mut TenantTx,
    kind: Option<UserKind>,
) -> Result<Vec<(String, i64)>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as("select c.state, c.users from enrollment_counts($1, $2) c")
        .bind(tenant)
        .bind(kind.map(UserKind::as_str))
        .fetch_all(tx.connection())
        .await?)
}

/// The same of each of the partner's tenants.
pub(super) async fn count_of_partner(
    tx: &mut PartnerTx,
    kind: Option<UserKind>,
) -> Result<Vec<(String, i64)>, DbError> {
    Ok(sqlx::query_as("select c.state, c.users from enrollment_of_partner($1) c")
        .bind(kind.map(UserKind::as_str))
        .fetch_all(tx.connection())
        .await?)
}

/// Users by identifier, erased ones included: their logins stay, under a pseudonym.
pub(super) async fn find_many(
    tx: &mut TenantTx,
    now: Timestamp,
    users: &[UserId],
    advisor: Option<AdminId>,
) -> Result<Vec<UserRow>, DbError> {
    const SQL: &str = concat!(
        "select ",
        row_columns!(),
        " from tenant_user u
          where u.tenant_id = $1 and u.user_id = any ($3) and ($4::uuid is null or u.advisor_id = $4)"
    );
    let tenant = tx.tenant().0;
    let ids: Vec<Uuid> = users.iter().map(|user| user.0).collect();
    Ok(sqlx::query_as(SQL)
        .bind(tenant)
        .bind(now)
        .bind(ids)
        .bind(advisor.map(|id| id.0))
        .fetch_all(tx.connection())
        .await?)
}
