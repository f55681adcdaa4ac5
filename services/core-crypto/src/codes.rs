//! Codes that are sent: derived when they are needed, stored nowhere (OWASP MFA cheat sheet).
//!
//! A challenge keeps the number of its key alone; its code is a function of that key, the tenant, the
//! challenge and the purpose. So a resend or a call repeats the same code, no queue or backup holds
//! one, and a copy of the database gives none away.

use core_kernel::{ChallengeId, TenantId};
use unicode_normalization::UnicodeNormalization;

use crate::base32::is_separator;
use crate::keyring::{KeyPurpose, KeyRing, PurposeKey};
use crate::mac::constant_time_eq;

/// The fewest and the most digits of a code (NIST SP 800-63B-4 asks for 6).
const DIGITS: std::ops::RangeInclusive<usize> = 6..=8;

/// Longer input is not even looked at.
const MAX_TYPED_CHARS: usize = 64;

/// What a code proves; a code for one is worthless for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodePurpose {
    /// A factor within a login.
    Login,
    /// Confirming a pending factor.
    Enroll,
}

impl CodePurpose {
    /// As it is stored: `LOGIN`, `ENROLL`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Login => "LOGIN",
            Self::Enroll => "ENROLL",
        }
    }

    /// Reads what [`CodePurpose::as_str`] wrote.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Login, Self::Enroll].into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// What a code belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeSubject {
    /// Whose challenge it is.
    pub tenant: TenantId,
    /// The challenge.
    pub challenge: ChallengeId,
    /// What it proves.
    pub purpose: CodePurpose,
}

/// Derives a code of `digits` digits, leading zeros included.
///
/// Each block of HMAC-SHA-256 gives one 32-bit number; numbers in the incomplete last part of the
/// range are rejected for the next block, so that all codes are equally likely.
///
/// # Panics
/// When `digits` is not 6 to 8; policies are checked when they are published.
#[must_use]
pub fn derive_code(key: &PurposeKey, subject: &CodeSubject, digits: u8) -> String {
    let width = usize::from(digits);
    assert!(DIGITS.contains(&width), "a code has 6 to 8 digits");
    let codes = 10_u32.pow(u32::from(digits));
    let number = (0..).find_map(|counter| uniform(block(key, subject, digits, counter), codes));
    format!("{:0width$}", number.expect("four thousand million blocks are not all rejected"))
}

fn block(key: &PurposeKey, subject: &CodeSubject, digits: u8, counter: u32) -> u32 {
    let mac = key.mac(&[
        b"postern code",
        subject.tenant.0.as_bytes(),
        subject.challenge.0.as_bytes(),
        subject.purpose.as_str().as_bytes(),
        &[digits],
        &counter.to_be_bytes(),
    ]);
    u32::from_be_bytes([mac[0], mac[1], mac[2], mac[3]])
}

/// `random` brought below `bound`; `None` where that would favour the small numbers.
fn uniform(random: u32, bound: u32) -> Option<u32> {
    let accepted = u32::MAX / bound * bound;
    (random < accepted).then(|| random % bound)
}

/// What a given code would be right for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchingKeys {
    /// How many digits were given. A challenge accepts the code only if it asked for as many: six
    /// digits are easier to guess than the eight that it may want.
    pub digits: i16,
    /// The CODE keys for which the given code is right; nearly always empty or one.
    pub key_ids: Vec<i16>,
}

/// Compares a given code with that of every CODE key, each in constant time and none left out, so
/// that the hot path can hand the answer to the database in its one round trip, before it knows the
/// challenge's key.
#[must_use]
pub fn matching_keys(ring: &KeyRing, subject: &CodeSubject, given: &str) -> MatchingKeys {
    let code = normalize_code(given);
    if !DIGITS.contains(&code.len()) {
        return MatchingKeys { digits: 0, key_ids: Vec::new() };
    }
    let digits = code.len() as u8;
    let right = |key: &&PurposeKey| constant_time_eq(derive_code(key, subject, digits).as_bytes(), code.as_bytes());
    let key_ids = ring.all(KeyPurpose::Code).iter().filter(right).map(PurposeKey::id).collect();
    MatchingKeys { digits: i16::from(digits), key_ids }
}

/// What was typed or pasted, as plain digits: full-width digits become ASCII (NFKC), white space and
/// dashes vanish. Empty where anything else remains, so that it matches nothing.
#[must_use]
pub fn normalize_code(given: &str) -> String {
    if given.chars().count() > MAX_TYPED_CHARS {
        return String::new();
    }
    let code: String = given.nfkc().filter(|c| !is_separator(*c)).collect();
    if code.bytes().all(|byte| byte.is_ascii_digit()) { code } else { String::new() }
}

#[cfg(test)]
#[path = "codes_tests.rs"]
mod tests;
