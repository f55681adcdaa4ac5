//! Many users at once, for whoever brings them by the thousand. The rules are those of
//! [`crate::Directory::upsert_user`]; here is what its statements are for a whole batch. Callers sort by
//! identifier, so that two batches that meet lock in one order.
//!
//! Look-ups are lateral and limited, so that each is one of an index: of a tenant that is being filled the
//! planner knows nothing, and would compare every user with every row of the batch.

use std::collections::HashMap;

use core_kernel::{AdminId, TenantId, UserId};
use core_policy::UserKind;
use io_postgres::{DbError, TenantTx};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};
use uuid::Uuid;

/// A user as a batch meets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownUser {
    /// Our identifier.
    pub user_id: UserId,
    /// The tenant's own, folded.
    pub folded: String,
    /// Whose people; none where the stored word is one that this version does not know.
    pub kind: Option<UserKind>,
    /// A name for persons to read.
    pub display_name: Option<String>,
    /// By which the address on record is found.
    pub email_index: Option<Vec<u8>>,
    /// BCP 47.
    pub language: Option<String>,
    /// Who looks after the user.
    pub advisor: Option<AdminId>,
    /// Whether nothing may be enrolled for the user but by a proof or the help desk: switched off,
    /// locked, opted out, reset, or let in by a code that may not change factors.
    pub closed: bool,
}

impl FromRow<'_, PgRow> for KnownUser {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            user_id: UserId(row.try_get("user_id")?),
            folded: row.try_get("external_id_folded")?,
            kind: UserKind::parse(row.try_get("kind")?),
            display_name: row.try_get("display_name")?,
            email_index: row.try_get("email_index")?,
            language: row.try_get("language")?,
            advisor: row.try_get::<Option<Uuid>, _>("advisor_id")?.map(AdminId),
            closed: row.try_get("closed")?,
        })
    }
}

/// A user as a batch writes it; of an existing one, `None` leaves a stored value as it is.
#[derive(Debug, Clone)]
pub struct UserWrite {
    /// Our identifier.
    pub user_id: UserId,
    /// The tenant's own, trimmed and otherwise as given; an existing user keeps its spelling.
    pub external_id: String,
    /// The same, folded.
    pub folded: String,
    /// Whose people.
    pub kind: UserKind,
    /// A name for persons to read.
    pub display_name: Option<String>,
    /// The address, sealed at [`crate::users::email_place`], and by what it is found.
    pub email: Option<(Vec<u8>, Vec<u8>)>,
    /// BCP 47.
    pub language: Option<String>,
    /// Who looks after the user.
    pub advisor: Option<AdminId>,
}

/// The users of these folded identifiers.
///
/// # Errors
/// When the database fails.
pub async fn list_known_users(tx: &mut TenantTx, folded: &[String]) -> Result<Vec<KnownUser>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select u.user_id, u.external_id_folded, u.kind, u.display_name, u.email_index, u.language, u.advisor_id,
                u.disabled or u.reset_pending or u.opted_out_at is not null or coalesce(u.locked_until > n.now, false)
                    or coalesce(u.factors_frozen_until > n.now, false) as closed
           from (select tenant_now($1) as now offset 0) n, unnest($2::text[]) as f (folded),
                lateral (select * from tenant_user x
                          where x.tenant_id = $1 and x.external_id_folded = f.folded and x.erased_at is null limit 1) u",
    )
    .bind(tenant)
    .bind(folded)
    .fetch_all(tx.connection())
    .await?)
}

/// Who has which of these addresses, by blind index.
///
/// # Errors
/// When the database fails.
pub async fn list_email_holders(tx: &mut TenantTx, indexes: &[Vec<u8>]) -> Result<HashMap<Vec<u8>, UserId>, DbError> {
    let tenant = tx.tenant().0;
    let held: Vec<(Vec<u8>, Uuid)> = sqlx::query_as(
        "select u.email_index, u.user_id
           from unnest($2::bytea[]) as e (index),
                lateral (select x.email_index, x.user_id from tenant_user x
                          where x.tenant_id = $1 and x.email_index = e.index limit 1) u",
    )
    .bind(tenant)
    .bind(indexes)
    .fetch_all(tx.connection())
    .await?;
    Ok(held.into_iter().map(|(index, user)| (index, UserId(user))).collect())
}

/// Which of these normalised addresses are administrators who look after users.
///
/// # Errors
/// When the database fails.
pub async fn list_advisors(tx: &mut TenantTx, emails: &[String]) -> Result<HashMap<String, AdminId>, DbError> {
    let tenant = tx.tenant().0;
    let found: Vec<(String, Uuid)> = sqlx::query_as(
        "select a.email_folded, a.admin_id from tenant_admin a
          where a.tenant_id = $1 and a.email_folded = any ($2) and a.removed_at is null
            and a.role in ('OWNER', 'ADMIN', 'SUPPORT', 'ADVISOR')",
    )
    .bind(tenant)
    .bind(emails)
    .fetch_all(tx.connection())
    .await?;
    Ok(found.into_iter().map(|(email, admin)| (email, AdminId(admin))).collect())
}

/// The arrays of a batch, one for each column.
struct Columns<'a> {
    ids: Vec<Uuid>,
    kinds: Vec<&'a str>,
    names: Vec<Option<&'a str>>,
    sealed: Vec<Option<&'a [u8]>>,
    indexes: Vec<Option<&'a [u8]>>,
    languages: Vec<Option<&'a str>>,
    advisors: Vec<Option<Uuid>>,
}

impl<'a> Columns<'a> {
    fn of(users: &'a [UserWrite]) -> Self {
        Self {
            ids: users.iter().map(|user| user.user_id.0).collect(),
            kinds: users.iter().map(|user| user.kind.as_str()).collect(),
            names: users.iter().map(|user| user.display_name.as_deref()).collect(),
            sealed: users.iter().map(|user| user.email.as_ref().map(|(sealed, _)| &sealed[..])).collect(),
            indexes: users.iter().map(|user| user.email.as_ref().map(|(_, index)| &index[..])).collect(),
            languages: users.iter().map(|user| user.language.as_deref()).collect(),
            advisors: users.iter().map(|user| user.advisor.map(|id| id.0)).collect(),
        }
    }
}

/// Inserts users; how many of them. One whose identifier somebody else took meanwhile is left out.
///
/// # Errors
/// When the database fails; `tenant_user_email` is violated where an address was taken meanwhile.
pub async fn insert_users(tx: &mut TenantTx, users: &[UserWrite]) -> Result<usize, DbError> {
    let tenant: TenantId = tx.tenant();
    let columns = Columns::of(users);
    let external_ids: Vec<&str> = users.iter().map(|user| user.external_id.as_str()).collect();
    let folded: Vec<&str> = users.iter().map(|user| user.folded.as_str()).collect();
    let inserted = sqlx::query(
        "insert into tenant_user (tenant_id, user_id, external_id, external_id_folded, kind, display_name,
                                  email_sealed, email_index, language, advisor_id, created_at)
         select $1, x.user_id, x.external_id, x.folded, x.kind, x.display_name, x.sealed, x.index, x.language,
                x.advisor_id, n.now
           from (select tenant_now($1) as now offset 0) n,
                unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::bytea[],
                       $9::text[], $10::uuid[])
                as x (user_id, external_id, folded, kind, display_name, sealed, index, language, advisor_id)
             on conflict (tenant_id, external_id_folded) do nothing",
    )
    .bind(tenant.0)
    .bind(columns.ids)
    .bind(external_ids)
    .bind(folded)
    .bind(columns.kinds)
    .bind(columns.names)
    .bind(columns.sealed)
    .bind(columns.indexes)
    .bind(columns.languages)
    .bind(columns.advisors)
    .execute(tx.connection())
    .await?;
    Ok(usize::try_from(inserted.rows_affected()).unwrap_or(usize::MAX))
}

/// Updates users that exist.
///
/// # Errors
/// As [`insert_users`].
pub async fn update_users(tx: &mut TenantTx, users: &[UserWrite]) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    let columns = Columns::of(users);
    lock(tx, &columns.ids).await?;
    sqlx::query(
        "update tenant_user u
            set kind = x.kind, display_name = coalesce(x.display_name, u.display_name),
                email_sealed = coalesce(x.sealed, u.email_sealed), email_index = coalesce(x.index, u.email_index),
                language = coalesce(x.language, u.language), advisor_id = coalesce(x.advisor_id, u.advisor_id)
           from unnest($2::uuid[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::text[], $8::uuid[])
                as x (user_id, kind, display_name, sealed, index, language, advisor_id)
          where u.tenant_id = $1 and u.user_id = any ($2) and u.user_id = x.user_id and u.erased_at is null",
    )
    .bind(tenant)
    .bind(columns.ids)
    .bind(columns.kinds)
    .bind(columns.names)
    .bind(columns.sealed)
    .bind(columns.indexes)
    .bind(columns.languages)
    .bind(columns.advisors)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// In the order of their identifiers, whatever the plan of the update is.
async fn lock(tx: &mut TenantTx, users: &[Uuid]) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "select from tenant_user u where u.tenant_id = $1 and u.user_id = any ($2) order by u.user_id for no key update",
    )
    .bind(tenant)
    .bind(users)
    .execute(tx.connection())
    .await?;
    Ok(())
}
