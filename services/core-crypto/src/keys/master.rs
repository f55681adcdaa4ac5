//! The installation's outermost key.

use std::fmt;
use std::sync::Arc;

use core_kernel::Entropy;
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use thiserror::Error;
use zeroize::Zeroizing;

use super::random_secret;
use crate::mac::{framed, sha256};
use crate::seal::{Aes, KEY_ID_LEN, OpenError, SealContext};

/// Why a text is no master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a master key is 32 bytes, written as 64 hexadecimal digits or as base64, one a line")]
pub struct KeyFileError;

/// The installation's outermost key, read from a file or a key service, never in the database; and
/// while it is being replaced the others beside it, which open what they sealed. Cheap to clone.
#[derive(Clone)]
pub struct MasterKey {
    current: Arc<Aes>,
    others: Arc<[Arc<Aes>]>,
}

impl MasterKey {
    /// A new key.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self { current: from_secret(random_secret(entropy)), others: Arc::new([]) }
    }

    /// Reads the text of a key file: a key a line, of which the first seals and all open. A key is 64
    /// hexadecimal digits, or base64 of 32 bytes in either alphabet; white space around it is ignored.
    ///
    /// # Errors
    /// When a line is neither, or not 32 bytes long, or there is none.
    pub fn parse(text: &str) -> Result<Self, KeyFileError> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let keys: Vec<_> = lines.map(parse_one).collect::<Result<_, _>>()?;
        let (current, others) = keys.split_first().ok_or(KeyFileError)?;
        Ok(Self { current: current.clone(), others: others.into() })
    }

    /// The last of its keys alone as the one that seals, and all to open: under which a rotation puts
    /// everything.
    #[must_use]
    pub fn newest(&self) -> Self {
        let Some((newest, before)) = self.others.split_last() else { return self.clone() };
        let others = std::iter::once(&self.current).chain(before).cloned().collect();
        Self { current: newest.clone(), others }
    }

    /// What a key file's line holds: base64 of the key that seals.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64.encode(&*self.current.secret))
    }

    /// The name of the key that seals: 8 hexadecimal digits of its hash. It tells nothing about the key.
    #[must_use]
    pub fn id(&self) -> String {
        HEXLOWER.encode(&self.current.id)
    }

    /// Seals `plaintext` for its place.
    #[must_use]
    pub fn seal(&self, context: &SealContext, plaintext: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        self.current.seal(context, plaintext, entropy)
    }

    /// Opens what [`MasterKey::seal`] made for the same place.
    ///
    /// # Errors
    /// When it is malformed, sealed under another key, changed or moved.
    pub fn open(&self, context: &SealContext, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let named = self.others.iter().find(|key| key.is_named_by(sealed));
        named.unwrap_or(&self.current).open(context, sealed)
    }
}

fn parse_one(line: &str) -> Result<Arc<Aes>, KeyFileError> {
    let text = line.as_bytes();
    let bytes = if text.len() == 64 {
        HEXLOWER_PERMISSIVE.decode(text).ok()
    } else {
        [BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD].iter().find_map(|form| form.decode(text).ok())
    };
    let bytes = Zeroizing::new(bytes.ok_or(KeyFileError)?);
    let secret = Zeroizing::new(bytes.as_slice().try_into().map_err(|_| KeyFileError)?);
    Ok(from_secret(secret))
}

fn from_secret(secret: Zeroizing<[u8; 32]>) -> Arc<Aes> {
    let fingerprint = sha256(&framed(&[b"postern master key", &*secret]));
    let mut id = [0; KEY_ID_LEN];
    id.copy_from_slice(&fingerprint[..KEY_ID_LEN]);
    Aes::new(id, secret)
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({}, [redacted])", self.id())
    }
}
