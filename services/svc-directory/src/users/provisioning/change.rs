//! Changing a user as its directory decides.

use core_access::Permit;
use core_crypto::DataKey;
use core_kernel::{Fault, Stop, TypedId, UserId};
use io_postgres::TenantTx;

use super::check::{CheckedUser, check};
use super::contacts::main_email;
use super::create::taken;
use super::model::{DirectoryUser, Provisioned};
use super::store;
use crate::Directory;
use crate::users::changes::{Address, Changes};
use crate::users::{end_pending, expire_logins, no_such_user};

/// Whether logins were ended before the user's row was locked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Logins {
    Untouched,
    Ended,
}

/// What came of a try.
enum Attempt {
    Done(Box<Provisioned>),
    /// The change disables the user: logins are to be ended first, since they are locked first.
    EndLogins,
}

impl Directory {
    /// Changes a user as `decide` says of the user as it is, under its lock; it may be asked twice, and
    /// the second answer counts. Disabling ends at once what is open, as `upsertUser` does.
    ///
    /// # Errors
    /// NOT_FOUND at `user`; INVALID for every fault; ALREADY_EXISTS at `userName` or `emails`; what
    /// `decide` refuses.
    pub async fn change_provisioned<E: From<Stop>>(
        &self,
        permit: &Permit,
        user: &str,
        decide: impl Fn(&Provisioned) -> Result<DirectoryUser, E>,
    ) -> Result<Provisioned, E> {
        let user = UserId::from_text(user).unwrap_or(UserId(uuid::Uuid::nil()));
        let key = self.directory_key(permit).await.map_err(Stop::from)?;
        for logins in [Logins::Untouched, Logins::Ended] {
            if let Attempt::Done(changed) = self.try_change(permit, user, &key, logins, &decide).await? {
                return Ok(*changed);
            }
        }
        Err(Stop::from(Fault::internal("a change whose logins were ended asks for it again")).into())
    }

    async fn try_change<E: From<Stop>>(
        &self,
        permit: &Permit,
        user: UserId,
        key: &DataKey,
        logins: Logins,
        decide: &impl Fn(&Provisioned) -> Result<DirectoryUser, E>,
    ) -> Result<Attempt, E> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await.map_err(Stop::from)?;
        if logins == Logins::Ended {
            let now = tx.tenant_now().await.map_err(Stop::from)?;
            expire_logins(&mut tx, user, now).await.map_err(Stop::from)?;
        }
        let before = lock_provisioned(&mut tx, permit, user, key).await?;
        let checked = check(decide(&before)?)?;
        if !checked.data.active && logins == Logins::Untouched {
            return Ok(Attempt::EndLogins);
        }
        self.write(&mut tx, permit, &before, &checked, key).await?;
        tx.commit().await.map_err(Stop::from)?;
        Ok(Attempt::Done(Box::new(Provisioned { data: checked.data, ..before })))
    }

    async fn write(
        &self,
        tx: &mut TenantTx,
        permit: &Permit,
        before: &Provisioned,
        after: &CheckedUser,
        key: &DataKey,
    ) -> Result<(), Stop> {
        let user = before.user_id;
        let changes = changes(&before.data, after);
        if before.data != after.data {
            let writes = self.user_writes(user, after, key, changes.address.is_some())?;
            store::update(tx, &writes).await.map_err(taken)?;
        }
        if changes.contacts {
            store::replace_contacts(tx, user, &self.contact_columns(after, key)).await?;
        }
        if !after.data.active {
            let now = tx.tenant_now().await?;
            end_pending(tx, user, now).await?;
        }
        if let Some(detail) = changes.detail() {
            svc_audit::record(tx, permit.caller(), "user.updated", &user.to_text(), detail).await?;
        }
        Ok(())
    }
}

/// The user under its lock; for whoever sees only some, the others are not there.
pub(in crate::users) async fn lock_provisioned(
    tx: &mut TenantTx,
    permit: &Permit,
    user: UserId,
    key: &DataKey,
) -> Result<Provisioned, Stop> {
    let only = permit.caller().only_users_of();
    let row = store::lock(tx, user).await?.ok_or_else(no_such_user)?;
    if only.is_some_and(|advisor| row.record.advisor_id != Some(advisor)) {
        return Err(no_such_user());
    }
    Ok(row.view(key)?)
}

fn changes(before: &DirectoryUser, after: &CheckedUser) -> Changes {
    let address = after.email.as_ref().map_or(Address::Removed, |_| Address::Set);
    Changes {
        external_id: Some(&after.data.user_name).filter(|name| **name != before.user_name).cloned(),
        kind: Some(after.data.kind).filter(|kind| *kind != before.kind),
        disabled: Some(!after.data.active).filter(|disabled| *disabled == before.active),
        address: Some(address).filter(|_| main_email(&before.profile.emails) != after.email),
        contacts: before.profile.suggestions() != after.data.profile.suggestions(),
        ..Changes::default()
    }
}
