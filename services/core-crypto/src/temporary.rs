//! Temporary access codes: what an advisor reads to a user who has lost a phone.
//!
//! Fifty bits can be read out, and could be searched by whoever holds the table; so the digest is
//! keyed by the pepper, which is not in it, and bound to tenant and user.

use core_kernel::{Entropy, Redacted, TenantId, UserId};

use crate::base32::{encode, grouped, normalize};
use crate::keyring::{KeyPurpose, KeyRing, PurposeKey};

const CODE_CHARS: usize = 10;
/// 56 bits are drawn and 50 used.
const DRAWN_BYTES: usize = 7;

/// Ten characters of Crockford's base32: 50 bits (NIST SP 800-63B-4 §4.2.1 asks for about 20 when
/// tries are limited).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemporaryCode(Redacted<String>);

impl TemporaryCode {
    /// A new code.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; DRAWN_BYTES];
        entropy.fill(&mut bytes);
        Self(Redacted::new(encode(&bytes)[..CODE_CHARS].to_owned()))
    }

    /// Reads what a user typed: case, hyphens and spaces do not matter, nor O for 0, I or L for 1.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let symbols = normalize(typed)?;
        (symbols.len() == CODE_CHARS).then(|| Self(Redacted::new(symbols)))
    }

    /// How it is shown, once: `XXXXX-XXXXX`.
    #[must_use]
    pub fn shown(&self) -> String {
        grouped(self.0.expose(), 5)
    }

    /// The digest to store, with the number of the pepper that made it.
    #[must_use]
    pub fn digest(&self, ring: &KeyRing, tenant: TenantId, user: UserId) -> (i16, [u8; 32]) {
        self.digest_under(ring.current(KeyPurpose::Pepper), tenant, user)
    }

    fn digest_under(&self, key: &PurposeKey, tenant: TenantId, user: UserId) -> (i16, [u8; 32]) {
        let code = self.0.expose().as_bytes();
        let mac = key.mac(&[b"postern temporary access code", tenant.0.as_bytes(), user.0.as_bytes(), code]);
        (key.id(), mac)
    }
}

/// The digests under which a given code may be stored for this user: one for each pepper, the current
/// first; none when it cannot be a temporary access code.
#[must_use]
pub fn temporary_code_digests(ring: &KeyRing, tenant: TenantId, user: UserId, given: &str) -> Vec<(i16, [u8; 32])> {
    let peppers = ring.all(KeyPurpose::Pepper).iter();
    let code = TemporaryCode::parse(given);
    code.map_or_else(Vec::new, |code| peppers.map(|key| code.digest_under(key, tenant, user)).collect())
}

#[cfg(test)]
mod tests {
    use core_kernel::SeededEntropy;
    use uuid::Uuid;

    use super::*;

    const TENANT: TenantId = TenantId(Uuid::from_u128(1));
    const USER: UserId = UserId(Uuid::from_u128(2));

    #[test]
    fn what_is_read_out_can_be_typed_in_any_way() {
        let entropy = SeededEntropy::new(1);
        let ring = KeyRing::generate(&entropy);
        let code = TemporaryCode::generate(&entropy);
        let shown = code.shown();
        assert_eq!((shown.len(), shown.find('-')), (11, Some(5)), "{shown}");
        let stored = code.digest(&ring, TENANT, USER);
        let confused = shown.replace('0', "o").replace('1', "L");
        for typed in [&shown, &shown.to_lowercase(), &shown.replace('-', " "), &shown.replace('-', ""), &confused] {
            assert_eq!(temporary_code_digests(&ring, TENANT, USER, typed), [stored], "{typed}");
        }
    }

    #[test]
    fn a_code_is_worth_nothing_to_another_user_or_tenant() {
        let entropy = SeededEntropy::new(1);
        let ring = KeyRing::generate(&entropy);
        let code = TemporaryCode::generate(&entropy);
        let stored = code.digest(&ring, TENANT, USER);
        assert_ne!(stored, code.digest(&ring, TENANT, UserId(TENANT.0)));
        assert_ne!(stored, code.digest(&ring, TenantId(USER.0), USER));
        assert_ne!(stored, code.digest(&ring, TenantId(USER.0), UserId(TENANT.0)));
        assert_ne!(stored, code.digest(&KeyRing::generate(&entropy), TENANT, USER));
    }

    #[test]
    fn other_texts_cost_no_look_up() {
        let ring = KeyRing::generate(&SeededEntropy::new(1));
        for typed in ["", "123456", "ABCDE-FGHJ", "ABCDE-FGHJKM", "ABCDE-FGHJU", "ABCDE-FGHJ!", &"A".repeat(100_000)] {
            assert!(temporary_code_digests(&ring, TENANT, USER, typed).is_empty(), "{typed:.20}");
        }
    }

    #[test]
    fn codes_do_not_print() {
        let code = TemporaryCode::generate(&SeededEntropy::new(1));
        assert_eq!(format!("{code:?}"), "TemporaryCode([redacted])");
    }
}
