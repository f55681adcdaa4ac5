//! A user as its directory sees it.

use core_contact::EmailAddress;
use core_crypto::DataKey;
use core_kernel::{Fault, Timestamp, UserId};
use core_policy::UserKind;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};

use super::contacts::{main_email, with_address_on_record};
use super::profile::Profile;
use crate::users::UserRecord;

/// What a directory writes of a user: all of it, every time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryUser {
    /// `userName`: our external identifier, found in any spelling.
    pub user_name: String,
    /// `externalId`: the directory's own key, given back as it was given.
    pub directory_id: Option<String>,
    /// Whose people.
    pub kind: UserKind,
    /// BCP 47.
    pub language: Option<String>,
    /// Whether the user can log in. Switching this off ends at once what is open.
    pub active: bool,
    /// Names, addresses and numbers.
    pub profile: Profile,
}

/// A user as it is, to its directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provisioned {
    /// Our identifier.
    pub user_id: UserId,
    /// When Postern first heard of the user, by the tenant's clock.
    pub created_at: Timestamp,
    /// What the directory writes.
    pub data: DirectoryUser,
}

/// A user and its profile, as they are stored.
pub(super) struct ProvisionedRow {
    pub(super) record: UserRecord,
    directory_id: Option<String>,
    profile_sealed: Option<Vec<u8>>,
}

impl FromRow<'_, PgRow> for ProvisionedRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            record: UserRecord::from_row(row)?,
            directory_id: row.try_get("directory_id")?,
            profile_sealed: row.try_get("profile_sealed")?,
        })
    }
}

impl ProvisionedRow {
    /// What the directory told, corrected by what has changed since by other ways: the name and the
    /// address on record are also written by the API and by imports.
    pub(super) fn view(&self, key: &DataKey) -> Result<Provisioned, Fault> {
        let user = &self.record;
        let sealed = self.profile_sealed.as_deref();
        let profile = sealed.map(|sealed| Profile::open(key, user.user_id, sealed)).transpose()?;
        Ok(Provisioned {
            user_id: user.user_id,
            created_at: user.created_at,
            data: DirectoryUser {
                user_name: user.external_id.clone(),
                directory_id: self.directory_id.clone(),
                kind: user.kind,
                language: user.language.clone(),
                active: !user.disabled,
                profile: corrected(profile.unwrap_or_default(), user.display_name.as_ref(), user.email(key)?),
            },
        })
    }
}

fn corrected(mut profile: Profile, name: Option<&String>, on_record: Option<EmailAddress>) -> Profile {
    if profile.effective_name().as_ref() != name {
        profile.display_name = name.cloned();
    }
    if on_record.is_some() && main_email(&profile.emails) != on_record {
        profile.emails = with_address_on_record(profile.emails, on_record);
    }
    profile
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::users::provisioning::ContactEntry;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    fn entry(value: &str, primary: bool) -> ContactEntry {
        ContactEntry { value: value.to_owned(), kind: Some("work".to_owned()), primary: Some(primary) }
    }

    #[test]
    fn what_was_told_is_given_back_as_it_was_told() {
        let told = Profile { emails: vec![entry("Ann@Example.com", true)], ..Profile::default() };
        assert_eq!(corrected(told.clone(), None, Some(address("ann@example.com"))), told);
    }

    #[test]
    fn what_changed_by_another_way_is_shown() {
        let told = Profile {
            display_name: Some("Ann".into()),
            emails: vec![entry("old@example.com", true), entry("b@example.com", false)],
            ..Profile::default()
        };
        let name = "Ann Lee".to_owned();
        let shown = corrected(told, Some(&name), Some(address("new@example.com")));
        assert_eq!(shown.display_name.as_deref(), Some("Ann Lee"));
        assert_eq!(shown.emails, [entry("new@example.com", true), entry("b@example.com", false)]);
    }

    #[test]
    fn a_user_that_no_directory_told_of_has_name_and_address() {
        let name = "Ann Lee".to_owned();
        let shown = corrected(Profile::default(), Some(&name), Some(address("ann@example.com")));
        assert_eq!(shown.display_name.as_deref(), Some("Ann Lee"));
        assert_eq!(shown.emails[0].value, "ann@example.com");
        assert_eq!(shown.emails[0].primary, Some(true));
    }
}
