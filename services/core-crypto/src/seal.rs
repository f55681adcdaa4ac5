//! Secrets at rest: AES-256-GCM (NIST SP 800-38D).
//!
//! The associated data names tenant, table, row and column, so that whoever can write to the database
//! cannot make one user's secret stand in for another's: a ciphertext that was moved does not open.
//! Nonces are random; NIST allows 2³² messages a key, and a key here serves one tenant.
//!
//! A sealed value is `version (1 byte) ‖ key id (4) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`; version and
//! key id are authenticated too.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use core_kernel::{Entropy, PLATFORM_TENANT, TenantId};
use data_encoding::HEXLOWER;
use thiserror::Error;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::mac::{framed, sha256};

const VERSION: u8 = 1;
/// Length of a key's id in bytes.
pub(crate) const KEY_ID_LEN: usize = 4;
/// Length of what names version and key before a sealed value.
pub(crate) const HEADER_LEN: usize = 1 + KEY_ID_LEN;
const TAG_LEN: usize = 16;

/// Where a sealed value stands; it opens nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealContext {
    /// Whose it is; [`PLATFORM_TENANT`] for what belongs to the installation.
    pub tenant: TenantId,
    /// The table's name.
    pub table: &'static str,
    /// The row's identifier.
    pub row: Uuid,
    /// The column's name.
    pub column: &'static str,
}

impl SealContext {
    /// The place of a row of the installation whose key is text, such as `CODE/1` in `crypto_key`.
    #[must_use]
    pub fn platform(table: &'static str, row_key: &str, column: &'static str) -> Self {
        Self { tenant: PLATFORM_TENANT, table, row: row_of(row_key), column }
    }

    pub(crate) fn of_data_key(tenant: TenantId, id: i16) -> Self {
        Self { tenant, table: "tenant_data_key", row: row_of(&id.to_string()), column: "sealed" }
    }

    fn associated_data(&self, header: &[u8]) -> Vec<u8> {
        framed(&[header, self.tenant.0.as_bytes(), self.table.as_bytes(), self.row.as_bytes(), self.column.as_bytes()])
    }
}

fn row_of(key: &str) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&sha256(key.as_bytes())[..16]);
    Uuid::from_bytes(bytes)
}

/// Why a sealed value did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OpenError {
    /// Too short, or of an unknown version.
    #[error("this is no sealed value of a known version")]
    Malformed,
    /// Sealed under another key; [`sealed_key_id`] tells which.
    #[error("the value is sealed under another key")]
    OtherKey,
    /// Changed, or moved from another tenant, table, row or column.
    #[error("the sealed value was changed, or belongs elsewhere")]
    Refused,
}

/// The id of the key under which a value was sealed, as [`crate::MasterKey::id`] writes it (for a
/// [`crate::DataKey`] its number, in hexadecimal).
#[must_use]
pub fn sealed_key_id(sealed: &[u8]) -> Option<String> {
    (sealed.first() == Some(&VERSION)).then_some(())?;
    Some(HEXLOWER.encode(sealed.get(1..HEADER_LEN)?))
}

/// What both kinds of keys are made of.
pub(crate) struct Aes {
    pub(crate) id: [u8; KEY_ID_LEN],
    pub(crate) secret: Zeroizing<[u8; 32]>,
    key: LessSafeKey,
}

impl Aes {
    pub(crate) fn new(id: [u8; KEY_ID_LEN], secret: Zeroizing<[u8; 32]>) -> Arc<Self> {
        let unbound = UnboundKey::new(&AES_256_GCM, &*secret).expect("32 bytes are an AES-256 key");
        Arc::new(Self { id, key: LessSafeKey::new(unbound), secret })
    }

    /// Whether the value says that this key sealed it.
    pub(crate) fn is_named_by(&self, sealed: &[u8]) -> bool {
        sealed.get(1..HEADER_LEN) == Some(&self.id[..])
    }

    /// What everything that this key seals begins with.
    pub(crate) fn header(&self) -> [u8; HEADER_LEN] {
        let mut header = [VERSION; HEADER_LEN];
        header[1..].copy_from_slice(&self.id);
        header
    }

    pub(crate) fn seal(&self, context: &SealContext, plaintext: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        let header = self.header();
        let aad = Aad::from(context.associated_data(&header));
        let mut body = plaintext.to_vec();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut body)
            .expect("AES-GCM refuses only what is over 64 GiB");
        [&header[..], &nonce, &body].concat()
    }

    pub(crate) fn open(&self, context: &SealContext, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (header, rest) = sealed.split_at_checked(HEADER_LEN).ok_or(OpenError::Malformed)?;
        let (nonce, body) = rest.split_at_checked(NONCE_LEN).ok_or(OpenError::Malformed)?;
        if header[0] != VERSION || body.len() < TAG_LEN {
            return Err(OpenError::Malformed);
        }
        if header[1..] != self.id {
            return Err(OpenError::OtherKey);
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| OpenError::Malformed)?;
        let aad = Aad::from(context.associated_data(header));
        let mut body = Zeroizing::new(body.to_vec());
        let length = self.key.open_in_place(nonce, aad, &mut body).map_err(|_| OpenError::Refused)?.len();
        body.truncate(length);
        Ok(body)
    }
}
