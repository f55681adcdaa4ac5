//! Reading users. An ADVISOR sees those assigned to them, in every list, count and look-up.

use core_access::{PartnerPermit, Permit};
use core_contact::EmailAddress;
use core_crypto::{BlindKind, blind_indexes};
use core_kernel::{AdminId, Fault, Page, PageRequest, Stop, Timestamp, TypedId, UserId, fold_identifier};
use core_policy::UserKind;
use io_postgres::{PartnerTx, TenantTx};

use crate::Directory;
use crate::tenants::like_anywhere;
use crate::users::view::{EnrollmentProgress, EnrollmentState, UserRow, UserStatus, UserView};
use crate::users::{UserRef, resolve_user, store};

/// `UserFilter`: which users are wanted; empty is all.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// `kind`.
    pub kind: Option<UserKind>,
    /// `enrollment`: any of these.
    pub enrollment: Option<Vec<EnrollmentState>>,
    /// `status`.
    pub status: Option<UserStatus>,
}

/// A filter and a search, as the store asks for them.
pub(super) struct Wanted {
    pub(super) now: Timestamp,
    pub(super) advisor: Option<AdminId>,
    pub(super) external_id_pattern: Option<String>,
    pub(super) name_pattern: Option<String>,
    pub(super) email_indexes: Vec<Vec<u8>>,
    pub(super) kind: Option<&'static str>,
    pub(super) enrollment: Option<Vec<&'static str>>,
    pub(super) status: Option<&'static str>,
}

impl Directory {
    /// Users, newest first. `search` is the beginning of an external identifier, part of a name, or a
    /// whole email address.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_users(
        &self,
        permit: &Permit,
        page: &PageRequest,
        search: Option<&str>,
        filter: &UserFilter,
    ) -> Result<Page<UserView>, Fault> {
        let after = match page.after.as_deref().map(UserId::from_text) {
            None => None,
            Some(Some(id)) => Some(id),
            // A cursor of another list: nothing comes after it.
            Some(None) => Some(UserId(uuid::Uuid::nil())),
        };
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let wanted = self.wanted(&mut tx, permit, search, filter).await?;
        let rows = store::list(&mut tx, &wanted, after, page.limit()).await?;
        drop(tx);
        let views = self.views(permit, rows, wanted.now).await?;
        Ok(Page::cut(page, views, |user| user.record.user_id.to_text()))
    }

    /// How many users [`Self::list_users`] goes through.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_users(&self, permit: &Permit, search: Option<&str>, filter: &UserFilter) -> Result<i64, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let wanted = self.wanted(&mut tx, permit, search, filter).await?;
        Ok(store::count(&mut tx, &wanted).await?)
    }

    /// How many users have come how far.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn enrollment_progress(
        &self,
        permit: &Permit,
        kind: Option<UserKind>,
    ) -> Result<EnrollmentProgress, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        if permit.caller().only_users_of().is_none() {
            return Ok(EnrollmentProgress::of(store::count_all_by_enrollment(&mut tx, kind).await?));
        }
        let filter = UserFilter { kind, ..UserFilter::default() };
        let wanted = self.wanted(&mut tx, permit, None, &filter).await?;
        Ok(EnrollmentProgress::of(store::count_by_enrollment(&mut tx, &wanted).await?))
    }

    /// How many users of all the partner's tenants have come how far.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn enrollment_of_partner(
        &self,
        permit: &PartnerPermit,
        kind: Option<UserKind>,
    ) -> Result<EnrollmentProgress, Fault> {
        let mut tx = PartnerTx::begin(&self.platform.database, permit.caller().partner).await?;
        Ok(EnrollmentProgress::of(store::count_of_partner(&mut tx, kind).await?))
    }

    /// The user of a reference; `None` where there is none for this caller.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_user(&self, permit: &Permit, user: &UserRef) -> Result<Option<UserView>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let found = match resolve_user(&mut tx, user, permit.caller().only_users_of()).await {
            Ok(record) => record.user_id,
            Err(Stop::Refused(_)) => return Ok(None),
            Err(Stop::Fault(fault)) => return Err(fault),
        };
        drop(tx);
        Ok(self.users_by_id(permit, &[found]).await?.pop())
    }

    /// Users by identifier in no particular order, for what refers to them. Erased ones are among
    /// them, under a pseudonym, since their logins stay; unknown, foreign and unassigned ones are not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn users_by_id(&self, permit: &Permit, users: &[UserId]) -> Result<Vec<UserView>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let now = tx.tenant_now().await?;
        let rows = store::find_many(&mut tx, now, users, permit.caller().only_users_of()).await?;
        drop(tx);
        self.views(permit, rows, now).await
    }

    async fn wanted(
        &self,
        tx: &mut TenantTx,
        permit: &Permit,
        search: Option<&str>,
        filter: &UserFilter,
    ) -> Result<Wanted, Fault> {
        let search = search.map(str::trim).filter(|text| !text.is_empty());
        Ok(Wanted {
            now: tx.tenant_now().await?,
            advisor: permit.caller().only_users_of(),
            external_id_pattern: search.map(|text| like_anywhere(&fold_identifier(text))[1..].to_owned()),
            name_pattern: search.map(like_anywhere),
            email_indexes: search.map(|text| self.email_indexes(permit, text)).unwrap_or_default(),
            kind: filter.kind.map(UserKind::as_str),
            enrollment: filter.enrollment.as_ref().map(|states| states.iter().map(|one| one.as_str()).collect()),
            status: filter.status.map(UserStatus::as_str),
        })
    }

    fn email_indexes(&self, permit: &Permit, text: &str) -> Vec<Vec<u8>> {
        let Ok(email) = EmailAddress::parse(text) else { return Vec::new() };
        let ring = self.platform.keys.ring();
        let indexes = blind_indexes(&ring, permit.tenant(), BlindKind::Email, email.normalized());
        indexes.into_iter().map(|(_, index)| index.to_vec()).collect()
    }

    async fn views(&self, permit: &Permit, rows: Vec<UserRow>, now: Timestamp) -> Result<Vec<UserView>, Fault> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let snapshot = self.policies.snapshot(permit.tenant()).await?;
        let policy = &snapshot.require(now)?.policy;
        let key = self.platform.keys.data_key(&self.platform.database, permit.tenant()).await?;
        rows.into_iter().map(|row| row.view(policy, &key, now)).collect()
    }
}
