//! Names and notes come from people who may want our mails to carry their links: "Ann
//! evil.example" in a mail from a trusted domain is an advertisement that reaches anybody whose
//! address the attacker knows. So nothing that a mail program would make a link of survives.

use unicode_normalization::UnicodeNormalization;

/// The longest name shown, in characters.
const NAME_CHARS: usize = 60;
/// The longest note shown, in characters.
const NOTE_CHARS: usize = 200;
/// The longest product name; with it a text stays in one segment.
const PRODUCT_CHARS: usize = 30;

/// A person's name.
pub(super) fn name(given: &str) -> String {
    plain(given, NAME_CHARS)
}

/// What a person wrote.
pub(super) fn note(given: &str) -> String {
    plain(given, NOTE_CHARS)
}

/// The name of a tenant's product: its administrators chose it, and "Example.com" is a fine one.
pub(super) fn product(given: &str) -> String {
    squeeze(&one_line(given), PRODUCT_CHARS)
}

/// How a tenant's administrators want to be reached.
pub(super) fn contact(given: &str) -> String {
    squeeze(&one_line(given), NAME_CHARS)
}

fn one_line(given: &str) -> String {
    given.nfkc().map(|c| if c.is_control() || is_invisible(c) { ' ' } else { c }).collect()
}

/// Letters, digits and the marks of ordinary sentences. A dot, colon or the like stays only before
/// white space or at the end, so that no host name, path or scheme is left; @ and / never do.
fn plain(given: &str, longest: usize) -> String {
    let chars: Vec<char> = given.nfkc().take(4 * longest).collect();
    let ends_word = |at: usize| chars.get(at + 1).is_none_or(|next| next.is_whitespace());
    let kept = chars.iter().enumerate().map(|(at, c)| match c {
        c if c.is_alphanumeric() => *c,
        '\'' | '’' | '-' => *c,
        '.' | ',' | ':' | ';' | '!' | '?' | ')' if ends_word(at) => *c,
        '(' => *c,
        _ => ' ',
    });
    squeeze(&kept.collect::<String>(), longest)
}

fn squeeze(text: &str, longest: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

/// Zero-width and direction-changing characters, by which a text shows otherwise than it reads.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_stay() {
        for given in ["Ann Lee", "Dr. Ann O'Neill-Smith, Jr.", "José Muñoz", "李小龍", "Åsa (Nina)"] {
            assert_eq!(name(given), given);
        }
    }

    #[test]
    fn nothing_that_becomes_a_link_survives() {
        for (given, shown) in [
            ("http://evil.example/x", "http evil example x"),
            ("Ann www.evil.example", "Ann www evil example"),
            ("evil。example", "evil example"),
            ("ｅｖｉｌ．ｅｘａｍｐｌｅ", "evil example"),
            ("win@evil.example", "win evil example"),
            ("<a href=\"x\">Ann</a>", "a href x Ann a"),
            ("{{ code }}", "code"),
            ("Ann\r\nBcc: x\u{0}\u{202e}y", "Ann Bcc: x y"),
        ] {
            assert_eq!(name(given), shown);
        }
    }

    #[test]
    fn lengths_are_bounded() {
        assert_eq!(name(&"x".repeat(500)).chars().count(), NAME_CHARS + 1);
        assert_eq!(note(&"y ".repeat(500)).chars().count(), NOTE_CHARS);
        assert_eq!(product(&"z".repeat(31)).chars().count(), PRODUCT_CHARS + 1);
    }

    #[test]
    fn a_product_may_be_called_like_its_site() {
        assert_eq!(product("Example.com"), "Example.com");
        assert_eq!(product("A\nB\u{202e}C"), "A B C");
    }
}
