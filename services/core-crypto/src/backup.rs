//! Backup codes: ten at a time, 80 bits each, Argon2id at rest (ASVS 6.5.2, NIST ≥ 64 bits).
//!
//! A code begins with the number of its slot, so that a try costs one slow hash and not ten.

use core_kernel::{Entropy, Redacted};

use crate::base32::{encode, grouped, normalize};
use crate::password::{hash_secret, verify_secret};

/// How many codes a user gets; slots are 0 to 9.
pub const BACKUP_CODE_COUNT: usize = 10;

const SECRET_BYTES: usize = 10;
const SECRET_CHARS: usize = 16;

/// One backup code, shown once or just typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupCode {
    slot: u8,
    secret: Redacted<String>,
}

impl BackupCode {
    /// A new set, one for each slot in order.
    #[must_use]
    pub fn generate_set(entropy: &dyn Entropy) -> [Self; BACKUP_CODE_COUNT] {
        std::array::from_fn(|slot| Self::generate(slot as u8, entropy))
    }

    fn generate(slot: u8, entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; SECRET_BYTES];
        entropy.fill(&mut bytes);
        Self { slot, secret: Redacted::new(encode(&bytes)) }
    }

    /// Reads what a user typed: upper or lower case, with or without hyphens and spaces, O for 0 and
    /// I or L for 1. `None` for what cannot be a backup code.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let symbols = normalize(typed)?;
        let (slot, secret) = symbols.split_at_checked(1)?;
        let slot = slot.parse().ok()?;
        (secret.len() == SECRET_CHARS).then(|| Self { slot, secret: Redacted::new(secret.to_owned()) })
    }

    /// Its slot, 0 to 9.
    #[must_use]
    pub fn slot(&self) -> i16 {
        i16::from(self.slot)
    }

    /// How it is shown, once: `3-XXXX-XXXX-XXXX-XXXX`.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("{}-{}", self.slot, grouped(self.secret.expose(), 4))
    }

    /// The PHC string to store in its slot. Slow: see [`crate::hash_password`].
    #[must_use]
    pub fn hash(&self, entropy: &dyn Entropy) -> String {
        hash_secret(self.secret.expose().as_bytes(), entropy)
    }

    /// Whether it is the code whose hash its slot holds. Slow.
    #[must_use]
    pub fn verify(&self, phc: &str) -> bool {
        verify_secret(self.secret.expose().as_bytes(), phc)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use core_kernel::SeededEntropy;

    use super::*;

    #[test]
    fn ten_different_codes_each_with_its_slot() {
        let codes = BackupCode::generate_set(&SeededEntropy::new(1));
        let shown: HashSet<String> = codes.iter().map(BackupCode::shown).collect();
        assert_eq!(shown.len(), BACKUP_CODE_COUNT);
        for (slot, code) in codes.iter().enumerate() {
            let text = code.shown();
            assert_eq!(code.slot(), slot as i16);
            assert_eq!((text.len(), text.matches('-').count()), (21, 4), "{text}");
            assert!(text.starts_with(&format!("{slot}-")), "{text}");
            assert_eq!(BackupCode::parse(&text).as_ref(), Some(code));
        }
    }

    #[test]
    fn typing_is_forgiven() {
        let code = BackupCode { slot: 1, secret: Redacted::new("0123ABCDEFGH1K0M".to_owned()) };
        for typed in [
            "1-0123-ABCD-EFGH-1K0M",
            "1 0123 abcd efgh 1k0m",
            "10123ABCDEFGH1K0M",
            "l-o1 23-abcd-efgh-ikom\n",
            "I-O123-ABCD-EFGH-LKOM",
            "１－０１２３－ＡＢＣＤ－ＥＦＧＨ－１Ｋ０Ｍ",
        ] {
            assert_eq!(BackupCode::parse(typed).as_ref(), Some(&code), "{typed:?}");
        }
    }

    #[test]
    fn what_is_no_backup_code() {
        for typed in [
            "",
            "123456",
            "A-0123-ABCD-EFGH-1K0M",
            "1-0123-ABCD-EFGH-1K0",
            "1-0123-ABCD-EFGH-1K0MM",
            "1-0123-ABCD-EFGH-1K0U",
            "1-0123-ABCD-EFGH-1K0!",
            &"0".repeat(100_000),
        ] {
            assert_eq!(BackupCode::parse(typed), None, "{typed:.30}");
        }
    }

    #[test]
    fn a_code_opens_its_own_slot_alone() {
        let entropy = SeededEntropy::new(1);
        let [first, second, ..] = BackupCode::generate_set(&entropy);
        let phc = first.hash(&entropy);
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(first.verify(&phc));
        assert!(!second.verify(&phc));
        assert!(BackupCode::parse(&first.shown().to_lowercase()).unwrap().verify(&phc));
    }

    #[test]
    fn codes_do_not_print() {
        let code = BackupCode::parse("1-0123-ABCD-EFGH-1K0M").unwrap();
        assert_eq!(format!("{code:?}"), "BackupCode { slot: 1, secret: [redacted] }");
    }
}
