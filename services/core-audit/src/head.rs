//! Signed heads: how far a chain has come.

use core_crypto::{AssertionError, Jwks, SigningKey, SigningKeyError, verify_statement};
use core_kernel::{TenantId, Timestamp, TypedId as _};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use crate::Hash;

/// The kind of statement that a head is.
pub const HEAD_TYP: &str = "postern-audit-head+jwt";

/// "At this time the log of this tenant had this many entries, and the last had this hash."
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The installation: its public address.
    pub iss: String,
    /// The tenant.
    pub sub: String,
    /// The last entry's place.
    pub seq: u64,
    /// The last entry's hash, in hexadecimal digits.
    pub hash: String,
    /// When, in seconds of the wall clock.
    pub iat: i64,
    /// Whether an export ends here; such a head stands in that export alone.
    pub end: bool,
}

impl Head {
    /// A head of the tenant's chain.
    #[must_use]
    pub fn new(issuer: &str, tenant: TenantId, seq: u64, hash: &Hash, now: Timestamp) -> Self {
        let (iss, sub) = (issuer.to_owned(), tenant.to_text());
        Self { iss, sub, seq, hash: HEXLOWER.encode(hash), iat: now.timestamp(), end: false }
    }

    /// The same, at the end of an export.
    #[must_use]
    pub fn at_the_end(self) -> Self {
        Self { end: true, ..self }
    }

    /// Signs it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn sign(&self, key: &SigningKey) -> Result<String, SigningKeyError> {
        key.sign_statement(HEAD_TYP, self)
    }

    /// Reads a signed head.
    ///
    /// # Errors
    /// When it is none, was changed, or its key is not in the set.
    pub fn verify(token: &str, keys: &Jwks) -> Result<Self, AssertionError> {
        verify_statement(token, HEAD_TYP, keys)
    }

    /// The tenant.
    #[must_use]
    pub fn tenant(&self) -> Option<TenantId> {
        TenantId::from_text(&self.sub)
    }

    /// The last entry's hash.
    #[must_use]
    pub fn hash(&self) -> Option<Hash> {
        HEXLOWER.decode(self.hash.as_bytes()).ok()?.try_into().ok()
    }

    /// When it was signed.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        Timestamp::from_timestamp(self.iat, 0)
    }
}

#[cfg(test)]
mod tests {
    use core_kernel::SeededEntropy;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_head_reads_back_under_its_key_alone() {
        let (ours, theirs) =
            (SigningKey::generate(&SeededEntropy::new(1)), SigningKey::generate(&SeededEntropy::new(2)));
        let set = |key: &SigningKey| Jwks { keys: vec![key.public_jwk().clone()] };
        let (tenant, now) = (TenantId(Uuid::from_u128(1)), Timestamp::from_timestamp(1_790_000_000, 0).unwrap());
        let head = Head::new("https://id.example", tenant, 9, &[3; 32], now);
        let token = head.sign(&ours).unwrap();
        let read = Head::verify(&token, &set(&ours)).unwrap();
        assert_eq!(read, head);
        assert_eq!((read.tenant(), read.hash(), read.at()), (Some(tenant), Some([3; 32]), Some(now)));
        assert!(!read.end && head.clone().at_the_end().end);
        assert_eq!(Head::verify(&token, &set(&theirs)), Err(AssertionError::UnknownKey));
        let other = theirs.sign_statement("JWT", &head).unwrap();
        assert_eq!(Head::verify(&other, &set(&theirs)), Err(AssertionError::Malformed));
    }
}
