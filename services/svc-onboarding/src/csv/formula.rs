//! Spreadsheets run what begins like a formula. In what we write out such a value begins with an
//! apostrophe, which they take for *this is text*; reading takes it off again, so that a file that was
//! written here and is sent back says what it said.
//!
//! A telephone number is left as it is: `+` and digits compute nothing, and whoever reads the file without a
//! spreadsheet wants the number.

use std::borrow::Cow;

const BEGIN: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The value as it is written out.
#[must_use]
pub fn neutralise(value: &str) -> Cow<'_, str> {
    if is_dangerous(value) && !is_number(value) { Cow::Owned(format!("'{value}")) } else { Cow::Borrowed(value) }
}

/// The value that [`neutralise`] was given.
#[must_use]
pub fn restore(written: &str) -> &str {
    match written.strip_prefix('\'') {
        Some(value) if is_dangerous(value) => value,
        _ => written,
    }
}

/// Also behind apostrophes, so that what begins with them reads back as it was.
fn is_dangerous(value: &str) -> bool {
    value.trim_start_matches('\'').starts_with(BEGIN)
}

fn is_number(value: &str) -> bool {
    let digits = value.strip_prefix('+').unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_become_text() {
        for formula in ["=1+1", "+1+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "+1 415", "+"] {
            assert_eq!(neutralise(formula), format!("'{formula}"));
        }
    }

    #[test]
    fn numbers_and_words_stay() {
        for plain in ["+14155550132", "Ann", "", "o'neil", "'quoted'", "a=b", "1-2"] {
            assert_eq!(neutralise(plain), plain);
            assert_eq!(restore(plain), plain);
        }
    }

    proptest! {
        #[test]
        fn what_was_written_reads_back(value in "[=+\\-@'\t\ra1 ]{0,6}") {
            let written = neutralise(&value);
            prop_assert_eq!(restore(&written), &value);
        }

        #[test]
        fn nothing_that_is_written_begins_like_a_formula(value in "[=+\\-@'\t\ra1 ]{1,6}") {
            let written = neutralise(&value);
            prop_assert!(!written.starts_with(BEGIN) || is_number(&written), "{written}");
        }
    }
}
