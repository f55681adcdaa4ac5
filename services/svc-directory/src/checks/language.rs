//! Language tags (BCP 47, RFC 5646 §2.1): well-formed ones, in the canonical case of §2.1.1. What no
//! text can be chosen by is refused: tags of private use alone and the grandfathered list.

use std::collections::HashSet;

use super::Complaint;

const MAX_CHARS: usize = 35;

/// The tag in its canonical case, e.g. `zh-Hant-TW`.
///
/// # Errors
/// A sentence, when it is not well formed.
pub fn read_language(given: &str) -> Result<String, Complaint> {
    canonical(given).ok_or_else(|| "This is not a language tag of BCP 47, such as en or es-US.".to_owned())
}

fn canonical(given: &str) -> Option<String> {
    let ascii = given.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !ascii || given.len() > MAX_CHARS {
        return None;
    }
    let lower = given.to_ascii_lowercase();
    let mut subtags = lower.split('-').peekable();
    let language = subtags.next().filter(|tag| is_language(tag))?;
    let mut out = vec![language.to_owned()];
    let mut extended = 0;
    while language.len() <= 3 && extended < 3 && subtags.peek().is_some_and(|tag| is_alphabetic(tag, 3..=3)) {
        out.extend(subtags.next().map(str::to_owned));
        extended += 1;
    }
    out.extend(subtags.next_if(|tag| is_alphabetic(tag, 4..=4)).map(title));
    out.extend(subtags.next_if(|tag| is_region(tag)).map(str::to_ascii_uppercase));
    out.extend(read_variants(&mut subtags)?);
    out.extend(read_extensions(&mut subtags)?);
    Some(out.join("-"))
}

type Subtags<'a> = std::iter::Peekable<std::str::Split<'a, char>>;

fn read_variants(subtags: &mut Subtags<'_>) -> Option<Vec<String>> {
    let mut seen = HashSet::new();
    let mut variants = Vec::new();
    while let Some(variant) = subtags.next_if(|tag| is_variant(tag)) {
        seen.insert(variant).then_some(())?;
        variants.push(variant.to_owned());
    }
    Some(variants)
}

/// `u-ca-gregory`, `x-anything`: a singleton and what belongs to it, each singleton once.
fn read_extensions(subtags: &mut Subtags<'_>) -> Option<Vec<String>> {
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    while let Some(singleton) = subtags.next() {
        (singleton.len() == 1 && seen.insert(singleton)).then_some(())?;
        out.push(singleton.to_owned());
        let private = singleton == "x";
        let at_least = if private { 1 } else { 2 };
        let mut members = 0;
        while let Some(member) = subtags.next_if(|tag| (at_least..=8).contains(&tag.len())) {
            out.push(member.to_owned());
            members += 1;
        }
        (members > 0).then_some(())?;
    }
    Some(out)
}

fn is_alphabetic(tag: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_language(tag: &str) -> bool {
    is_alphabetic(tag, 2..=8)
}

fn is_region(tag: &str) -> bool {
    is_alphabetic(tag, 2..=2) || (tag.len() == 3 && tag.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_variant(tag: &str) -> bool {
    (5..=8).contains(&tag.len()) || (tag.len() == 4 && tag.as_bytes()[0].is_ascii_digit())
}

fn title(tag: &str) -> String {
    let (first, rest) = tag.split_at(1);
    first.to_ascii_uppercase() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_formed_tags_get_their_canonical_case() {
        for (given, stored) in [
            ("en", "en"),
            ("ES-us", "es-US"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
            ("de-ch-1901", "de-CH-1901"),
            ("sl-rozaj-biske", "sl-rozaj-biske"),
            ("zh-cmn-hans-cn", "zh-cmn-Hans-CN"),
            ("en-u-ca-gregory-x-a", "en-u-ca-gregory-x-a"),
            ("haw", "haw"),
        ] {
            assert_eq!(read_language(given).as_deref(), Ok(stored), "{given}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [
            "",
            "e",
            "english language",
            "en_US",
            "en-",
            "-en",
            "en--US",
            "en-U",
            "x-private",
            "12",
            "en-a",
            "en-u-ca-u-co",
            "en-rozaj-rozaj",
            "i-klingon",
            "en-US\n",
            "é",
            "en-US-x",
        ] {
            assert!(read_language(bad).is_err(), "{bad:?}");
        }
        assert!(read_language(&format!("en-x-{}", "abcdefgh-".repeat(5))).is_err(), "too long");
    }
}
