//! What a directory told of a user, as it told it.

use core_crypto::{DataKey, SealContext};
use core_kernel::{Entropy, Fault, TenantId, UserId};
use serde::{Deserialize, Serialize};
use svc_platform::place;

use crate::checks::MAX_NAME_CHARS;

/// The parts of a name (RFC 7643 §4.1.1 `name`), as far as they are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonName {
    /// `formatted`.
    pub formatted: Option<String>,
    /// `familyName`.
    pub family_name: Option<String>,
    /// `givenName`.
    pub given_name: Option<String>,
}

/// An address or number, as it was given.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContactEntry {
    /// `value`.
    pub value: String,
    /// `type`, such as `work`.
    pub kind: Option<String>,
    /// `primary`.
    pub primary: Option<bool>,
}

/// Names, addresses and numbers, as they were given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// `displayName`.
    pub display_name: Option<String>,
    /// `name`.
    pub name: PersonName,
    /// `emails`.
    pub emails: Vec<ContactEntry>,
    /// `phoneNumbers`.
    pub phones: Vec<ContactEntry>,
    /// Whether the directory told whose people the user belongs to; else the user is EXTERNAL.
    pub kind_told: bool,
}

impl std::fmt::Debug for ContactEntry {
    // A full address or number is never printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ContactEntry({:?}, primary {:?})", self.kind, self.primary)
    }
}

impl Profile {
    /// The name to show: the one that was given for it, else one that the parts make, as much of it as fits.
    #[must_use]
    pub fn effective_name(&self) -> Option<String> {
        let name = &self.name;
        let parts = [name.given_name.as_deref(), name.family_name.as_deref()];
        let joined = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let joined = (!joined.is_empty()).then_some(joined);
        let whole = self.display_name.clone().or_else(|| name.formatted.clone()).or(joined);
        whole.map(|name| name.chars().take(MAX_NAME_CHARS).collect())
    }

    /// As it is stored.
    pub(super) fn seal(&self, key: &DataKey, user: UserId, entropy: &dyn Entropy) -> Result<Vec<u8>, Fault> {
        let json = serde_json::to_vec(self).map_err(Fault::internal)?;
        Ok(key.seal(&profile_place(key.tenant(), user), &json, entropy))
    }

    /// From what [`Self::seal`] made.
    pub(super) fn open(key: &DataKey, user: UserId, sealed: &[u8]) -> Result<Self, Fault> {
        let json = key.open(&profile_place(key.tenant(), user), sealed).map_err(Fault::internal)?;
        serde_json::from_slice(&json).map_err(Fault::internal)
    }
}

fn profile_place(tenant: TenantId, user: UserId) -> SealContext {
    place(tenant, "directory_profile", user.0, "profile_sealed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use core_kernel::SeededEntropy;
    use uuid::Uuid;

    fn profile(display: Option<&str>, formatted: Option<&str>, given: Option<&str>, family: Option<&str>) -> Profile {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let name = PersonName { formatted: own(formatted), family_name: own(family), given_name: own(given) };
        Profile { display_name: own(display), name, ..Profile::default() }
    }

    #[test]
    fn the_name_that_is_shown_is_the_one_meant_for_it() {
        for (profile, shown) in [
            (profile(Some("Ann"), Some("Ann B. Lee"), Some("Ann"), Some("Lee")), Some("Ann")),
            (profile(None, Some("Ann B. Lee"), Some("Ann"), Some("Lee")), Some("Ann B. Lee")),
            (profile(None, None, Some("Ann"), Some("Lee")), Some("Ann Lee")),
            (profile(None, None, None, Some("Lee")), Some("Lee")),
            (profile(None, None, None, None), None),
        ] {
            assert_eq!(profile.effective_name().as_deref(), shown);
        }
    }

    #[test]
    fn it_opens_for_its_own_user_alone() {
        let (entropy, tenant) = (SeededEntropy::new(1), TenantId(Uuid::from_u128(1)));
        let key = DataKey::generate(tenant, 1, &entropy);
        let (ann, bob) = (UserId(Uuid::from_u128(2)), UserId(Uuid::from_u128(3)));
        let entry = ContactEntry { value: "ann@example.com".into(), kind: None, primary: Some(true) };
        let profile = Profile { emails: vec![entry], ..Profile::default() };
        let sealed = profile.seal(&key, ann, &entropy).unwrap();
        assert_eq!(Profile::open(&key, ann, &sealed).unwrap(), profile);
        assert!(Profile::open(&key, bob, &sealed).is_err());
        assert!(!format!("{profile:?}").contains("ann@"), "an address is never printed");
    }

    #[test]
    fn what_an_older_version_did_not_write_is_empty() {
        let profile: Profile = serde_json::from_str(r#"{"name":{"given_name":"Ann"},"later":1}"#).unwrap();
        assert_eq!(profile.effective_name().as_deref(), Some("Ann"));
        assert!(profile.emails.is_empty());
    }
}
