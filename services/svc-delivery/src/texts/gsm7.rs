//! The alphabet of texts (3GPP TS 23.038): what is within it goes 160 to a segment, one character
//! outside makes the whole text UCS-2, 70 to a segment.

use unicode_normalization::UnicodeNormalization;

const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Two septets each.
const EXTENDED: &str = "^{}\\[~]|€";
const SEGMENT_SEPTETS: usize = 160;
const SEGMENT_UCS2: usize = 70;

/// Whether a text is sent as one message.
pub(super) fn fits_one_segment(text: &str) -> bool {
    match septets(text) {
        Some(count) => count <= SEGMENT_SEPTETS,
        None => text.encode_utf16().count() <= SEGMENT_UCS2,
    }
}

/// Its length in septets; none where a character is outside the alphabet.
fn septets(text: &str) -> Option<usize> {
    text.chars().map(width).sum()
}

fn width(c: char) -> Option<usize> {
    if BASIC.contains(c) { Some(1) } else { EXTENDED.contains(c).then_some(2) }
}

/// The text with every character that can be brought into the alphabet brought there: accents that
/// it lacks are dropped, typographic marks made plain. Other scripts stay as they are.
pub(super) fn fold(text: &str) -> String {
    text.chars().flat_map(fold_char).collect()
}

fn fold_char(c: char) -> Vec<char> {
    if width(c).is_some() {
        return vec![c];
    }
    let plain = match c {
        '…' => return vec!['.'; 3],
        '‘' | '’' => '\'',
        '“' | '”' => '"',
        '–' | '—' | '‐' | '‑' => '-',
        '\u{a0}' | '\t' => ' ',
        other => std::iter::once(other).nfd().next().unwrap_or(other),
    };
    vec![if width(plain).is_some() { plain } else { c }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_has_its_128_characters_less_the_escape() {
        assert_eq!(BASIC.chars().count(), 127);
    }

    #[test]
    fn segments_are_counted_in_septets_or_utf16() {
        assert!(fits_one_segment(&"a".repeat(160)) && !fits_one_segment(&"a".repeat(161)));
        assert!(fits_one_segment(&"€".repeat(80)) && !fits_one_segment(&"€".repeat(81)));
        assert!(fits_one_segment(&"ó".repeat(70)) && !fits_one_segment(&"ó".repeat(71)));
        assert!(fits_one_segment(&"😀".repeat(35)) && !fits_one_segment(&"😀".repeat(36)));
    }

    #[test]
    fn folding_keeps_what_it_cannot_bring_in() {
        assert_eq!(fold("Crédito São João"), "Crédito Sao Joao");
        assert_eq!(fold("Smith’s – “Bank”…"), "Smith's - \"Bank\"...");
        assert_eq!(fold("銀行"), "銀行");
    }
}
