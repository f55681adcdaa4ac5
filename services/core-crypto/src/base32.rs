//! Codes that people read out and type: Crockford's base32, which has no I, L, O and U, and takes
//! the letters that look like digits for the digits.

use unicode_normalization::UnicodeNormalization;

/// More than any code that is typed with separators; longer input is not even looked at.
const MAX_TYPED_CHARS: usize = 64;

/// Encodes in upper case.
pub(crate) fn encode(bytes: &[u8]) -> String {
    core_kernel::encode_base32(bytes).to_ascii_uppercase()
}

/// What was typed, as digits and upper-case letters of the alphabet; `None` where a character is
/// neither of it nor a separator.
pub(crate) fn normalize(typed: &str) -> Option<String> {
    if typed.chars().count() > MAX_TYPED_CHARS {
        return None;
    }
    typed.nfkc().filter(|c| !is_separator(*c)).map(symbol).collect()
}

fn symbol(typed: char) -> Option<char> {
    match typed.to_ascii_uppercase() {
        'O' => Some('0'),
        'I' | 'L' => Some('1'),
        'U' => None,
        c if c.is_ascii_digit() || c.is_ascii_uppercase() => Some(c),
        _ => None,
    }
}

/// White space, dashes and the invisible characters that come along when a code is pasted.
pub(crate) fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Groups of `size` characters with hyphens between.
pub(crate) fn grouped(text: &str, size: usize) -> String {
    let symbols: Vec<char> = text.chars().collect();
    symbols.chunks(size).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_is_alike() {
        assert_eq!(normalize("oO0-iIlL1 ａｂ").as_deref(), Some("00011111AB"));
        assert_eq!(normalize("AB\u{2013}CD\u{200B}").as_deref(), Some("ABCD"));
    }

    #[test]
    fn other_characters_are_no_code() {
        for typed in ["U", "ABC!", "é", "АBC", &"A".repeat(65)] {
            assert_eq!(normalize(typed), None, "{typed}");
        }
    }

    #[test]
    fn groups_end_where_the_text_ends() {
        assert_eq!(grouped("ABCDEFGH", 4), "ABCD-EFGH");
        assert_eq!(grouped("ABCDE", 4), "ABCD-E");
    }
}
