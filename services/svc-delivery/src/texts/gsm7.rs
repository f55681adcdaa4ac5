//! The alphabet of texts (3GPP TS 23.038): what is within it goes 160 to a segment, one character
//! outside makes the whole text UCS-2, 70 to a segment.

use unicode_normalization::UnicodeNormalization;

const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Two septets each.
const EXTENDED: &str = "^{}\\[~]|€";

/// How much goes into a text: alone, and where it is one of several, of which each begins with six
/// octets that say which.
struct Room {
    alone: usize,
    of_several: usize,
}

const SEPTETS: Room = Room { alone: 160, of_several: 153 };
const UCS2: Room = Room { alone: 70, of_several: 67 };

/// As how many texts it is sent and billed, at least one.
pub(crate) fn segments(text: &str) -> usize {
    let septets: Option<Vec<usize>> = text.chars().map(width).collect();
    septets.map_or_else(|| UCS2.segments(text.chars().map(char::len_utf16)), |widths| SEPTETS.segments(widths))
}

impl Room {
    fn segments(&self, widths: impl IntoIterator<Item = usize>) -> usize {
        let (mut whole, mut segments, mut used) = (0, 1, 0);
        for width in widths {
            whole += width;
            // What takes two places is not torn apart.
            if used + width > self.of_several {
                (segments, used) = (segments + 1, 0);
            }
            used += width;
        }
        if whole <= self.alone { 1 } else { segments }
    }
}

/// Whether a text is sent as one message.
pub(super) fn fits_one_segment(text: &str) -> bool {
    segments(text) == 1
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
    fn texts_of_several_segments_have_less_room_in_each() {
        for (text, count) in [
            (String::new(), 1),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            ("ж".repeat(134), 2),
            ("ж".repeat(135), 3),
            // 153 is odd: neither the 77th euro sign nor a surrogate pair is torn apart.
            ("€".repeat(152), 2),
            ("€".repeat(153), 3),
            ("😀".repeat(66), 2),
            ("😀".repeat(67), 3),
        ] {
            assert_eq!(segments(&text), count, "{} characters", text.chars().count());
        }
    }

    #[test]
    fn folding_keeps_what_it_cannot_bring_in() {
        assert_eq!(fold("Crédito São João"), "Crédito Sao Joao");
        assert_eq!(fold("Smith’s – “Bank”…"), "Smith's - \"Bank\"...");
        assert_eq!(fold("銀行"), "銀行");
    }
}
