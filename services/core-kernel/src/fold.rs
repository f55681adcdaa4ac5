//! One person, one identifier: spellings that look alike must not open a second budget of guesses
//! (a lock-out was once bypassed by another spelling of the user name).

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// The longest external identifier, in characters after trimming.
pub const MAX_EXTERNAL_ID_CHARS: usize = 255;

/// Why an identifier cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IdentifierError {
    /// Nothing but white space.
    #[error("it is empty")]
    Empty,
    /// Longer than [`MAX_EXTERNAL_ID_CHARS`].
    #[error("it is longer than 255 characters")]
    TooLong,
    /// Contains control characters.
    #[error("it contains control characters")]
    Control,
}

/// The identifier as it is kept: trimmed, otherwise as given.
///
/// # Errors
/// When it is empty, too long or contains control characters (a NUL cannot even be stored).
pub fn trim_identifier(given: &str) -> Result<&str, IdentifierError> {
    let trimmed = given.trim();
    if trimmed.is_empty() || fold_identifier(trimmed).is_empty() {
        return Err(IdentifierError::Empty);
    }
    if trimmed.chars().count() > MAX_EXTERNAL_ID_CHARS {
        return Err(IdentifierError::TooLong);
    }
    if trimmed.chars().any(char::is_control) {
        return Err(IdentifierError::Control);
    }
    Ok(trimmed)
}

/// The form by which identifiers are found and kept unique: trimmed, NFKC, case folded, NFKC again
/// (folding can undo normalisation; Unicode standard, definition D146).
#[must_use]
pub fn fold_identifier(given: &str) -> String {
    let normalized: String = given.trim().nfkc().collect();
    let folded = caseless::default_case_fold_str(&normalized);
    folded.nfkc().collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_person_fold_together() {
        for spelling in ["Ann@Example.com", " ann@example.com ", "ANN@EXAMPLE.COM", "ａｎｎ@example.com"] {
            assert_eq!(fold_identifier(spelling), "ann@example.com");
        }
        assert_eq!(fold_identifier("Straße"), fold_identifier("STRASSE"));
    }

    #[test]
    fn limits_are_in_characters_after_trimming() {
        assert_eq!(trim_identifier("  x "), Ok("x"));
        assert_eq!(trim_identifier(" \t "), Err(IdentifierError::Empty));
        assert!(trim_identifier(&"é".repeat(255)).is_ok());
        assert_eq!(trim_identifier(&"é".repeat(256)), Err(IdentifierError::TooLong));
        assert_eq!(trim_identifier("a\u{0}b"), Err(IdentifierError::Control));
    }
}
