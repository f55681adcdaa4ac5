//! The two kinds of keys under which secrets lie at rest: a [`DataKey`] per tenant, and the
//! [`MasterKey`] outside the database that seals those and what belongs to the installation.
//!
//! Destroying a tenant's one stored data key makes all its secrets unreadable, in backups too.

use std::fmt;
use std::sync::Arc;

use core_kernel::{Entropy, TenantId};
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::mac::{framed, sha256};
use crate::seal::{Aes, KEY_ID_LEN, OpenError, SealContext};

/// Why a text is no master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a master key is 32 bytes, written as 64 hexadecimal digits or as base64")]
pub struct KeyFileError;

fn random_secret(entropy: &dyn Entropy) -> Zeroizing<[u8; 32]> {
    let mut secret = Zeroizing::new([0; 32]);
    entropy.fill(&mut *secret);
    secret
}

/// The installation's outermost key, read from a file or a key service, never in the database.
/// Cheap to clone.
#[derive(Clone)]
pub struct MasterKey(Arc<Aes>);

impl MasterKey {
    /// A new key.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self::from_secret(random_secret(entropy))
    }

    /// Reads the text of a key file: 64 hexadecimal digits, or base64 of 32 bytes in either alphabet;
    /// white space around it is ignored.
    ///
    /// # Errors
    /// When it is neither, or not 32 bytes long.
    pub fn parse(text: &str) -> Result<Self, KeyFileError> {
        let text = text.trim().as_bytes();
        let bytes = if text.len() == 64 {
            HEXLOWER_PERMISSIVE.decode(text).ok()
        } else {
            [BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD].iter().find_map(|form| form.decode(text).ok())
        };
        let bytes = Zeroizing::new(bytes.ok_or(KeyFileError)?);
        let secret = Zeroizing::new(bytes.as_slice().try_into().map_err(|_| KeyFileError)?);
        Ok(Self::from_secret(secret))
    }

    fn from_secret(secret: Zeroizing<[u8; 32]>) -> Self {
        let fingerprint = sha256(&framed(&[b"postern master key", &*secret]));
        let mut id = [0; KEY_ID_LEN];
        id.copy_from_slice(&fingerprint[..KEY_ID_LEN]);
        Self(Aes::new(id, secret))
    }

    /// What a key file holds: base64.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64.encode(&*self.0.secret))
    }

    /// The key's name: 8 hexadecimal digits of its hash. It tells nothing about the key.
    #[must_use]
    pub fn id(&self) -> String {
        HEXLOWER.encode(&self.0.id)
    }

    /// Seals `plaintext` for its place.
    #[must_use]
    pub fn seal(&self, context: &SealContext, plaintext: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        self.0.seal(context, plaintext, entropy)
    }

    /// Opens what [`MasterKey::seal`] made for the same place.
    ///
    /// # Errors
    /// When it is malformed, sealed under another key, changed or moved.
    pub fn open(&self, context: &SealContext, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        self.0.open(context, sealed)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({}, [redacted])", self.id())
    }
}

/// A tenant's key. Cheap to clone; it seals for its own tenant alone.
#[derive(Clone)]
pub struct DataKey {
    tenant: TenantId,
    id: i16,
    aes: Arc<Aes>,
}

impl DataKey {
    /// A new key, numbered `id` within the tenant.
    #[must_use]
    pub fn generate(tenant: TenantId, id: i16, entropy: &dyn Entropy) -> Self {
        Self::from_secret(tenant, id, random_secret(entropy))
    }

    fn from_secret(tenant: TenantId, id: i16, secret: Zeroizing<[u8; 32]>) -> Self {
        let [high, low] = id.to_be_bytes();
        Self { tenant, id, aes: Aes::new([0, 0, high, low], secret) }
    }

    /// The key as it is stored: sealed under the master key.
    #[must_use]
    pub fn wrapped(&self, master: &MasterKey, entropy: &dyn Entropy) -> Vec<u8> {
        master.seal(&SealContext::of_data_key(self.tenant, self.id), &*self.aes.secret, entropy)
    }

    /// Reads a stored key.
    ///
    /// # Errors
    /// When it is malformed, sealed under another master key, changed, or another tenant's.
    pub fn from_wrapped(master: &MasterKey, tenant: TenantId, id: i16, wrapped: &[u8]) -> Result<Self, OpenError> {
        let bytes = master.open(&SealContext::of_data_key(tenant, id), wrapped)?;
        let secret = bytes.as_slice().try_into().map_err(|_| OpenError::Malformed)?;
        Ok(Self::from_secret(tenant, id, Zeroizing::new(secret)))
    }

    /// Its number within the tenant.
    #[must_use]
    pub fn id(&self) -> i16 {
        self.id
    }

    /// Whose it is.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Seals `plaintext` for its place, which must be one of this tenant's.
    ///
    /// # Panics
    /// In debug builds, when the place is another tenant's: such a value would never be found again.
    #[must_use]
    pub fn seal(&self, context: &SealContext, plaintext: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        debug_assert_eq!(context.tenant, self.tenant, "a tenant's key seals for that tenant");
        self.aes.seal(context, plaintext, entropy)
    }

    /// Opens what [`DataKey::seal`] made for the same place.
    ///
    /// # Errors
    /// When it is malformed, sealed under another key, changed or moved.
    pub fn open(&self, context: &SealContext, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        self.aes.open(context, sealed)
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataKey({}, {}, [redacted])", self.tenant, self.id)
    }
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
