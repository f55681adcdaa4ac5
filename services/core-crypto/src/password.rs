//! Console passwords: Argon2id (RFC 9106) with OWASP's parameters, and the rules of
//! NIST SP 800-63B-4 §3.1.1: length, and nothing that is tried first; no rules about classes of characters.
//!
//! One hash takes 19 MiB and some tens of milliseconds: callers keep it off the async threads and
//! behind a semaphore.

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use core_kernel::{Entropy, fold_identifier};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::guessable::{ENOUGH, unexplained};

/// The fewest characters. NIST asks for 8 where a second factor always follows, as it does here.
pub const MIN_PASSWORD_CHARS: usize = 12;
/// The most characters; NIST asks to allow at least 64.
pub const MAX_PASSWORD_CHARS: usize = 128;

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_LEN: usize = 16;

/// Two that are known for being good, which they are not any more; what else is tried first follows from habits.
const COMMON: [&str; 2] = ["correct horse battery staple", "correcthorsebatterystaple"];

/// Argon2id, m = 19,456 KiB, t = 2, p = 1 (OWASP password storage cheat sheet).
fn argon2id() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("fixed parameters within the RFC's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashes any secret into a PHC string that names algorithm, parameters and salt.
pub(crate) fn hash_secret(secret: &[u8], entropy: &dyn Entropy) -> String {
    let mut salt = [0; SALT_LEN];
    entropy.fill(&mut salt);
    let hash = argon2id().hash_password_with_salt(secret, &salt);
    hash.expect("Argon2 refuses only secrets of over 4 GiB").to_string()
}

/// Compares in constant time; an unreadable PHC string matches nothing.
pub(crate) fn verify_secret(secret: &[u8], phc: &str) -> bool {
    argon2id().verify_password(secret, phc).is_ok()
}

/// The bytes that are hashed: NFKC, so that one password typed on two keyboards is one password.
fn normalized(password: &str) -> Zeroizing<String> {
    Zeroizing::new(password.nfkc().collect())
}

/// Hashes a password into a PHC string.
#[must_use]
pub fn hash_password(password: &str, entropy: &dyn Entropy) -> String {
    hash_secret(normalized(password).as_bytes(), entropy)
}

/// Whether `password` is the one that was hashed. No password that is longer than may be set is
/// worth the work.
#[must_use]
pub fn verify_password(password: &str, phc: &str) -> bool {
    let given = if password.chars().count() > MAX_PASSWORD_CHARS { "" } else { password };
    verify_secret(normalized(given).as_bytes(), phc)
}

/// A PHC string that no password matches: verify against it where there is no such account, so that
/// the time taken does not tell who has one.
#[must_use]
pub fn dummy_phc() -> &'static str {
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
}

/// Whether a new password may be set.
///
/// # Errors
/// A sentence for the person who chose it.
pub fn check_password_strength(password: &str) -> Result<(), &'static str> {
    let password = normalized(password);
    let length = password.chars().count();
    if length < MIN_PASSWORD_CHARS {
        return Err("Use at least 12 characters; a few words in a row are easy to remember.");
    }
    if length > MAX_PASSWORD_CHARS {
        return Err("Use at most 128 characters.");
    }
    let folded = Zeroizing::new(fold_identifier(&password));
    if is_monotonous(&folded) {
        return Err("This repeats or counts; choose something that is harder to guess.");
    }
    if COMMON.contains(&folded.as_str()) || unexplained::<&str>(&folded, &[]) < ENOUGH {
        return Err("This is made of what is tried first; choose something else, such as a few words in a row.");
    }
    Ok(())
}

/// Whether little is left of a password besides what is tried first, and words that name the person or the place;
/// `known` are those.
#[must_use]
pub fn is_guessable(password: &str, known: &[String]) -> bool {
    let known: Vec<String> = known.iter().map(|word| fold_identifier(word)).collect();
    let folded = Zeroizing::new(fold_identifier(&normalized(password)));
    unexplained(&folded, &known) < ENOUGH
}

/// Fewer than five different characters, a short piece over and over, or one long count up or down.
fn is_monotonous(folded: &str) -> bool {
    let chars: Vec<char> = folded.chars().collect();
    let mut different = chars.clone();
    different.sort_unstable();
    different.dedup();
    different.len() < 5 || repeats(&chars) || counts(&chars, 1) || counts(&chars, -1)
}

fn repeats(chars: &[char]) -> bool {
    (1..=chars.len() / 2).any(|period| chars.iter().zip(&chars[period..]).all(|(left, right)| left == right))
}

/// Counts with one wrap, as from 9 to 0, forgiven.
fn counts(chars: &[char], by: i64) -> bool {
    let breaks = chars.windows(2).filter(|pair| i64::from(pair[1] as u32) - i64::from(pair[0] as u32) != by);
    breaks.count() <= 1
}

#[cfg(test)]
mod tests {
    use core_kernel::SeededEntropy;

    use super::*;

    #[test]
    fn a_password_verifies_and_others_do_not() {
        let phc = hash_password("Blue whales sing", &SeededEntropy::new(1));
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(verify_password("Blue whales sing", &phc));
        for wrong in ["", "blue whales sing", "Blue whales sing ", &"x".repeat(100_000)] {
            assert!(!verify_password(wrong, &phc), "{wrong:.20}");
        }
    }

    /// The vector was made with the reference implementation in C, through Python.
    #[test]
    fn the_reference_implementation_agrees() {
        let phc = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AdweBLwcflnNX2HVW8i1Mtu7frrn4Ki7h/rYSGuU7Is";
        assert!(verify_password("correct horse", phc));
        assert!(!verify_password("correct house", phc));
    }

    #[test]
    fn two_keyboards_write_one_password() {
        let phc = hash_password("Cafe\u{301} ﬁnale 2x", &SeededEntropy::new(1));
        assert!(verify_password("Caf\u{e9} finale 2x", &phc));
    }

    #[test]
    fn salts_differ() {
        let entropy = SeededEntropy::new(1);
        assert_ne!(hash_password("x", &entropy), hash_password("x", &entropy));
    }

    #[test]
    fn the_dummy_costs_the_same_and_matches_nothing() {
        let real = hash_password("x", &SeededEntropy::new(1));
        let parameters = |phc: &str| phc.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(parameters(dummy_phc()), parameters(&real));
        assert_eq!(dummy_phc().len(), real.len());
        // It is well formed, or nothing would be computed: the answer is "wrong", not "unreadable".
        let answer = argon2id().verify_password(b"", dummy_phc());
        assert_eq!(answer, Err(argon2::password_hash::Error::PasswordInvalid));
        assert!(!verify_password("", dummy_phc()));
    }

    #[test]
    fn unreadable_hashes_match_nothing() {
        for phc in ["", "x", "$argon2id$", "$1$salt$hash", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ"] {
            assert!(!verify_password("", phc), "{phc}");
        }
    }

    #[test]
    fn length_counts_in_characters() {
        assert!(check_password_strength("elf eleven x").is_ok());
        assert!(check_password_strength("elf eleven ").is_err());
        assert!(check_password_strength("Überfluß äöü").is_ok());
        let mixed = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_string();
        let long: String = (1..20).map(mixed).collect();
        assert!(check_password_strength(&format!("{}!", &long[..127])).is_ok());
        assert!(check_password_strength(&format!("{}!", &long[..128])).is_err());
    }

    #[test]
    fn what_everybody_tries_is_refused() {
        for password in COMMON {
            assert!(password.chars().count() >= MIN_PASSWORD_CHARS, "{password} needs no entry");
            assert!(check_password_strength(password).is_err(), "{password}");
        }
        for password in [
            "Password1234",
            "aaaaaaaaaaaa",
            "abcabcabcabcabc",
            "123456789012",
            "abcdefghijklm",
            "987654321098",
            "hallohallohallo",
            "P@ssw0rd!2026",
            "qwertyuiop123",
            "welcome-welcome",
        ] {
            assert!(check_password_strength(password).is_err(), "{password}");
        }
    }

    #[test]
    fn a_name_and_what_is_tried_first_are_no_password_together() {
        let known = ["Meridian".to_owned(), "ann".to_owned()];
        for weak in ["Meridian-qwertyuiop", "m3ridian ann 2026", "Ann-Password-Meridian"] {
            assert!(is_guessable(weak, &known), "{weak}");
        }
        assert!(!is_guessable("Meridian whales sing low", &known));
    }
}
