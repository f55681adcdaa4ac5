//! From a reference to a user.

use core_kernel::{AdminId, Refusal, Stop, TypedId, UserId, fold_identifier, trim_identifier};
use io_postgres::{DbError, TenantTx};

use crate::users::record::{UserRecord, user_columns};

/// How a caller names a user; the text is as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserRef {
    /// Our identifier, as text.
    Id(String),
    /// The tenant's own, in any spelling that folds together.
    ExternalId(String),
}

/// What a reference asks the table for.
enum Target {
    Id(UserId),
    Folded(String),
}

impl UserRef {
    fn target(&self) -> Option<Target> {
        match self {
            Self::Id(text) => UserId::from_text(text).map(Target::Id),
            Self::ExternalId(text) => trim_identifier(text).ok().map(|text| Target::Folded(fold_identifier(text))),
        }
    }
}

/// The user a reference names. `only_advisor` is [`core_access::Caller::only_users_of`]: some where
/// only the users assigned to that administrator exist for the caller.
///
/// # Errors
/// NOT_FOUND at `user`, the same for a malformed, foreign, absent, erased or unassigned one.
pub async fn resolve_user(
    tx: &mut TenantTx,
    user: &UserRef,
    only_advisor: Option<AdminId>,
) -> Result<UserRecord, Stop> {
    let Some(target) = user.target() else { return Err(no_such_user()) };
    let found = match target {
        Target::Id(id) => find_by_id(tx, id).await?,
        Target::Folded(folded) => find_by_external_id(tx, &folded).await?,
    };
    visible(found, only_advisor)
}

/// The same, holding the user's row until the transaction ends: for commands that decide by what they
/// read. Locks are taken in the order login, user, factor, challenge.
///
/// # Errors
/// As [`resolve_user`].
pub async fn lock_user(tx: &mut TenantTx, user: &UserRef, only_advisor: Option<AdminId>) -> Result<UserRecord, Stop> {
    let Some(target) = user.target() else { return Err(no_such_user()) };
    let found = match target {
        Target::Id(id) => lock_by_id(tx, id).await?,
        Target::Folded(folded) => lock_by_external_id(tx, &folded).await?,
    };
    visible(found, only_advisor)
}

fn visible(found: Option<UserRecord>, only_advisor: Option<AdminId>) -> Result<UserRecord, Stop> {
    found.filter(|user| only_advisor.is_none_or(|advisor| user.advisor_id == Some(advisor))).ok_or_else(no_such_user)
}

pub(crate) fn no_such_user() -> Stop {
    Refusal::not_found("user").at("user").into()
}

pub(crate) async fn find_by_id(tx: &mut TenantTx, id: UserId) -> Result<Option<UserRecord>, DbError> {
    const SQL: &str = concat!(
        "select ",
        user_columns!(),
        " from tenant_user u where u.tenant_id = $1 and u.user_id = $2 and u.erased_at is null"
    );
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(id.0).fetch_optional(tx.connection()).await?)
}

async fn lock_by_id(tx: &mut TenantTx, id: UserId) -> Result<Option<UserRecord>, DbError> {
    const SQL: &str = concat!(
        "select ",
        user_columns!(),
        " from tenant_user u where u.tenant_id = $1 and u.user_id = $2 and u.erased_at is null for no key update"
    );
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(id.0).fetch_optional(tx.connection()).await?)
}

async fn find_by_external_id(tx: &mut TenantTx, folded: &str) -> Result<Option<UserRecord>, DbError> {
    const SQL: &str = concat!(
        "select ",
        user_columns!(),
        " from tenant_user u where u.tenant_id = $1 and u.external_id_folded = $2 and u.erased_at is null"
    );
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(folded).fetch_optional(tx.connection()).await?)
}

pub(crate) async fn lock_by_external_id(tx: &mut TenantTx, folded: &str) -> Result<Option<UserRecord>, DbError> {
    const SQL: &str = concat!(
        "select ",
        user_columns!(),
        " from tenant_user u where u.tenant_id = $1 and u.external_id_folded = $2 and u.erased_at is null
          for no key update"
    );
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(folded).fetch_optional(tx.connection()).await?)
}
