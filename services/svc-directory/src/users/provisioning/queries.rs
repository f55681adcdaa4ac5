//! Reading users as their directory sees them.

use core_access::Permit;
use core_crypto::DataKey;
use core_kernel::{Fault, MAX_PAGE_SIZE, TypedId, UserId};
use io_postgres::TenantTx;

use super::model::Provisioned;
use super::predicate::{Condition, UserPredicate};
use super::store;
use crate::Directory;

/// The order of a list; ties are broken by identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UserOrder {
    /// As they were made, the oldest first: what is made while the list is read comes at its end.
    #[default]
    Oldest,
    /// The newest first.
    Newest,
    /// By `userName`.
    NameUp,
    /// By `userName`, the last one first.
    NameDown,
}

impl UserOrder {
    pub(super) fn sql(self) -> &'static str {
        match self {
            Self::Oldest => "u.user_id",
            Self::Newest => "u.user_id desc",
            Self::NameUp => "u.external_id_folded",
            Self::NameDown => "u.external_id_folded desc",
        }
    }
}

/// Which users are wanted, and which part of the list.
#[derive(Debug, Clone)]
pub struct UserQuery {
    /// Which.
    pub predicate: UserPredicate,
    /// In which order.
    pub order: UserOrder,
    /// How many are passed over.
    pub offset: u32,
    /// How many at most, and never more than a page; 0 asks how many there are.
    pub limit: u32,
}

/// A part of a list.
#[derive(Debug, Clone)]
pub struct ProvisionedPage {
    /// How many there are in all.
    pub total: i64,
    /// The users.
    pub users: Vec<Provisioned>,
}

impl Directory {
    /// The user of an identifier; `None` for a malformed, foreign, absent or erased one alike.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_provisioned(&self, permit: &Permit, user: &str) -> Result<Option<Provisioned>, Fault> {
        let only = permit.caller().only_users_of();
        // A malformed one is looked for too: what takes another time tells something.
        let user = UserId::from_text(user).unwrap_or(UserId(uuid::Uuid::nil()));
        let key = self.directory_key(permit).await?;
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let found = store::find(&mut tx, user).await?;
        drop(tx);
        let found = found.filter(|row| only.is_none_or(|advisor| row.record.advisor_id == Some(advisor)));
        found.map(|row| row.view(&key)).transpose()
    }

    /// Users that satisfy a predicate, and how many there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_provisioned(&self, permit: &Permit, query: &UserQuery) -> Result<ProvisionedPage, Fault> {
        let key = self.directory_key(permit).await?;
        let ring = self.platform.keys.ring();
        let condition = Condition { predicate: &query.predicate, tenant: permit.tenant(), ring: &ring };
        let (offset, limit) = (i64::from(query.offset), i64::from(query.limit.min(MAX_PAGE_SIZE)));
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let rows = match limit {
            0 => Vec::new(),
            _ => store::list(&mut tx, &condition, query.order, offset, limit).await?,
        };
        let read = i64::try_from(rows.len()).map_err(Fault::internal)?;
        // A page that was not filled is the last one: how many there are is known.
        let total = if read > 0 && read < limit { offset + read } else { store::count(&mut tx, &condition).await? };
        drop(tx);
        let users = rows.iter().map(|row| row.view(&key)).collect::<Result<_, _>>()?;
        Ok(ProvisionedPage { total, users })
    }

    pub(in crate::users) async fn directory_key(&self, permit: &Permit) -> Result<std::sync::Arc<DataKey>, Fault> {
        self.platform.keys.data_key(&self.platform.database, permit.tenant()).await
    }
}
