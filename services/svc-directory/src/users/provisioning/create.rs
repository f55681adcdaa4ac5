//! Creating a user, and what it writes.

use core_access::Permit;
use core_crypto::{BlindKind, DataKey, blind_index};
use core_kernel::{FactorId, Fault, Refusal, RefusalCode, Stop, UserId};
use io_postgres::{DbError, TenantTx};
use svc_platform::place;

use super::check::{CheckedUser, check};
use super::contacts::{SuggestedContact, Suggestion};
use super::model::{DirectoryUser, Provisioned};
use super::store::{ContactColumns, UserWrites, insert};
use crate::Directory;

impl Directory {
    /// Creates a user, with the contacts that can be used suggested to it.
    ///
    /// # Errors
    /// INVALID for every fault; ALREADY_EXISTS at `userName` or `emails`.
    pub async fn create_provisioned(&self, permit: &Permit, user: DirectoryUser) -> Result<Provisioned, Stop> {
        let checked = check(user)?;
        // Before the transaction: it may need a connection of its own.
        let key = self.directory_key(permit).await?;
        let user_id = UserId::new(&*self.platform.entropy, self.platform.now());
        let writes = self.user_writes(user_id, &checked, &key, true)?;
        let contacts = self.contact_columns(&checked, &key);
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let created = insert(&mut tx, &writes, &contacts).await.map_err(taken)?;
        let created_at = created.ok_or_else(name_taken)?;
        tx.commit().await?;
        Ok(Provisioned { user_id, created_at, data: checked.data })
    }

    /// What is written of a user; the address on record where it is another one.
    pub(super) fn user_writes<'a>(
        &self,
        user: UserId,
        checked: &'a CheckedUser,
        key: &DataKey,
        other_address: bool,
    ) -> Result<UserWrites<'a>, Fault> {
        let email = || checked.email.as_ref().map(|email| self.sealed_email(key, user, email));
        Ok(UserWrites {
            user,
            external_id: &checked.data.user_name,
            folded: &checked.folded,
            kind: checked.data.kind.as_str(),
            display_name: checked.display_name.as_deref(),
            email: other_address.then(email),
            language: checked.data.language.as_deref(),
            disabled: !checked.data.active,
            directory_id: checked.data.directory_id.as_deref(),
            profile_sealed: checked.data.profile.seal(key, user, &*self.platform.entropy)?,
        })
    }

    /// The contacts that are suggested, sealed.
    pub(super) fn contact_columns(&self, checked: &CheckedUser, key: &DataKey) -> ContactColumns {
        let mut columns = ContactColumns::default();
        for suggestion in checked.data.profile.suggestions() {
            self.add_contact(&mut columns, &suggestion, key);
        }
        columns
    }

    fn add_contact(&self, columns: &mut ContactColumns, suggestion: &Suggestion, key: &DataKey) {
        let (platform, tenant) = (&self.platform, key.tenant());
        let (kind, text, normalized, country) = match &suggestion.contact {
            SuggestedContact::Email(email) => (BlindKind::Email, email.address(), email.normalized(), None),
            SuggestedContact::Phone(number) => {
                (BlindKind::Phone, number.e164(), number.e164(), Some(number.region().to_owned()))
            }
        };
        let id = FactorId::new(&*platform.entropy, platform.now());
        let place = place(tenant, "factor", id.0, "secret_sealed");
        columns.ids.push(id.0);
        columns.kinds.push(suggestion.kind.as_str());
        columns.lines.push(ContactColumns::line(suggestion.line));
        columns.countries.push(country);
        columns.sealed.push(key.seal(&place, text.as_bytes(), &*platform.entropy));
        columns.indexes.push(blind_index(&platform.keys.ring(), tenant, kind, normalized).1.to_vec());
    }
}

/// Another user's name or address.
pub(super) fn taken(error: DbError) -> Stop {
    match error.constraint() {
        Some("tenant_user_email") => {
            Refusal::new(RefusalCode::AlreadyExists, "Another user has this email address.").at("emails").into()
        }
        Some("tenant_user_tenant_id_external_id_folded_key") => name_taken(),
        _ => error.into(),
    }
}

fn name_taken() -> Stop {
    Refusal::new(RefusalCode::AlreadyExists, "There is a user of this userName.").at("userName").into()
}
