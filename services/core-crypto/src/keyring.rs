//! The installation's secrets that live in memory: from them codes are derived, contacts found, and
//! tokens checked. Each purpose has several keys at once, so that a key is replaced without a moment
//! in which what the old one made stops working: new things use the current key, old ones name theirs.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use core_kernel::Entropy;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::mac::hmac_sha256;

/// What a key of the ring is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyPurpose {
    /// Deriving codes that are sent.
    Code,
    /// Blind indexes, by which sealed contacts are found.
    Index,
    /// Digests of API keys and temporary access codes; the tickets of providers' callbacks.
    Pepper,
}

impl KeyPurpose {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Code, Self::Index, Self::Pepper];

    /// As it is stored: `CODE`, `INDEX`, `PEPPER`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code => "CODE",
            Self::Index => "INDEX",
            Self::Pepper => "PEPPER",
        }
    }

    /// Reads what [`KeyPurpose::as_str`] wrote.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// A key as it comes out of the store.
pub struct PurposeSecret {
    /// What it is for.
    pub purpose: KeyPurpose,
    /// Its number among the keys of this purpose.
    pub id: i16,
    /// The key.
    pub secret: Zeroizing<[u8; 32]>,
    /// Still known for what it made, but it makes nothing new.
    pub retired: bool,
}

/// A new secret for any purpose.
#[must_use]
pub fn generate_purpose_secret(entropy: &dyn Entropy) -> Zeroizing<[u8; 32]> {
    let mut secret = Zeroizing::new([0; 32]);
    entropy.fill(&mut *secret);
    secret
}

/// A key of the ring.
pub struct PurposeKey {
    id: i16,
    retired: bool,
    key: hmac::Key,
}

impl PurposeKey {
    /// Its number, which is stored beside what it made.
    #[must_use]
    pub fn id(&self) -> i16 {
        self.id
    }

    /// Whether it makes nothing new.
    #[must_use]
    pub fn is_retired(&self) -> bool {
        self.retired
    }

    /// HMAC-SHA-256 over the parts, each with its length; the first names the use.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        hmac_sha256(&self.key, parts)
    }
}

impl fmt::Debug for PurposeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PurposeKey({}, [redacted])", self.id)
    }
}

/// Why keys make no ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyRingError {
    /// No key of this purpose may make anything new.
    #[error("there is no current key for {}", .0.as_str())]
    NoCurrent(KeyPurpose),
    /// Two keys of one purpose have the same number.
    #[error("two keys for {} have the number {}", .0.as_str(), .1)]
    Twice(KeyPurpose, i16),
}

/// All keys of all purposes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct KeyRing(Arc<[Vec<PurposeKey>; 3]>);

impl KeyRing {
    /// Orders the keys: the current one of a purpose is the highest-numbered that is not retired.
    ///
    /// # Errors
    /// When a purpose has no current key, or a number occurs twice in it.
    pub fn new(secrets: Vec<PurposeSecret>) -> Result<Self, KeyRingError> {
        let mut purposes = [Vec::new(), Vec::new(), Vec::new()];
        for secret in secrets {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &*secret.secret);
            purposes[secret.purpose as usize].push(PurposeKey { id: secret.id, retired: secret.retired, key });
        }
        for purpose in KeyPurpose::ALL {
            order(purpose, &mut purposes[purpose as usize])?;
        }
        Ok(Self(Arc::new(purposes)))
    }

    /// A ring with one key for each purpose, for tests and first starts.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let secrets = KeyPurpose::ALL.map(|purpose| PurposeSecret {
            purpose,
            id: 1,
            secret: generate_purpose_secret(entropy),
            retired: false,
        });
        Self::new(secrets.into()).expect("one current key for each purpose")
    }

    /// The key that makes new things.
    #[must_use]
    pub fn current(&self, purpose: KeyPurpose) -> &PurposeKey {
        // `order` put it first.
        &self.all(purpose)[0]
    }

    /// All keys of a purpose, the current one first.
    #[must_use]
    pub fn all(&self, purpose: KeyPurpose) -> &[PurposeKey] {
        &self.0[purpose as usize]
    }

    /// The key that made something, by the number stored beside it.
    #[must_use]
    pub fn by_id(&self, purpose: KeyPurpose, id: i16) -> Option<&PurposeKey> {
        self.all(purpose).iter().find(|key| key.id == id)
    }
}

fn order(purpose: KeyPurpose, keys: &mut [PurposeKey]) -> Result<(), KeyRingError> {
    keys.sort_by_key(|key| (key.retired, std::cmp::Reverse(key.id)));
    for (at, key) in keys.iter().enumerate() {
        if keys[..at].iter().any(|other| other.id == key.id) {
            return Err(KeyRingError::Twice(purpose, key.id));
        }
    }
    match keys.first() {
        Some(first) if !first.retired => Ok(()),
        _ => Err(KeyRingError::NoCurrent(purpose)),
    }
}

#[cfg(test)]
mod tests {
    use core_kernel::SeededEntropy;

    use super::*;

    fn secret(purpose: KeyPurpose, id: i16, retired: bool) -> PurposeSecret {
        PurposeSecret { purpose, id, secret: Zeroizing::new([id as u8; 32]), retired }
    }

    fn complete(code: &[(i16, bool)]) -> Vec<PurposeSecret> {
        let code = code.iter().map(|(id, retired)| secret(KeyPurpose::Code, *id, *retired));
        code.chain([secret(KeyPurpose::Index, 1, false), secret(KeyPurpose::Pepper, 1, false)]).collect()
    }

    #[test]
    fn the_newest_that_is_not_retired_is_current() {
        let ring = KeyRing::new(complete(&[(1, true), (3, false), (4, true), (2, false)])).unwrap();
        assert_eq!(ring.current(KeyPurpose::Code).id(), 3);
        let ids: Vec<i16> = ring.all(KeyPurpose::Code).iter().map(PurposeKey::id).collect();
        assert_eq!(ids, [3, 2, 4, 1]);
        assert!(ring.by_id(KeyPurpose::Code, 1).is_some_and(PurposeKey::is_retired));
        assert!(ring.by_id(KeyPurpose::Code, 9).is_none());
    }

    #[test]
    fn a_ring_without_a_current_key_does_not_start() {
        let without = |code: &[(i16, bool)]| KeyRing::new(complete(code)).unwrap_err();
        assert_eq!(without(&[]), KeyRingError::NoCurrent(KeyPurpose::Code));
        assert_eq!(without(&[(1, true)]), KeyRingError::NoCurrent(KeyPurpose::Code));
        assert_eq!(without(&[(1, true), (1, false)]), KeyRingError::Twice(KeyPurpose::Code, 1));
        assert_eq!(without(&[]).to_string(), "there is no current key for CODE");
    }

    #[test]
    fn purposes_do_not_share_keys() {
        let ring = KeyRing::generate(&SeededEntropy::new(1));
        let mac = |purpose| ring.current(purpose).mac(&[b"x"]);
        assert_ne!(mac(KeyPurpose::Code), mac(KeyPurpose::Index));
        assert_ne!(mac(KeyPurpose::Index), mac(KeyPurpose::Pepper));
    }

    #[test]
    fn purposes_have_their_stored_names() {
        for purpose in KeyPurpose::ALL {
            assert_eq!(KeyPurpose::from_text(purpose.as_str()), Some(purpose));
        }
        assert_eq!(KeyPurpose::from_text("code"), None);
    }

    #[test]
    fn keys_do_not_print() {
        let ring = KeyRing::generate(&SeededEntropy::new(1));
        let printed = format!("{ring:?}");
        assert_eq!(printed.matches("[redacted]").count(), 3, "{printed}");
        assert!(!printed.contains("hmac"), "{printed}");
    }
}
