//! One value of a record, whatever type its file gave it. Makers of such files do not agree: a
//! latitude is a double with one and a text with another, an AS number `64500` or `"AS64500"`.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Longer names are cut: they are shown, and kept with every login.
const MAX_TEXT_CHARS: usize = 200;

/// A value that is no container; containers and bytes become `Other`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scalar<'d> {
    Text(&'d str),
    Whole(u64),
    Number(f64),
    Flag(bool),
    Other,
}

impl Scalar<'_> {
    /// A name for people. Control characters do not belong into one; a dash stands for nothing.
    pub(crate) fn name(self) -> Option<String> {
        let Self::Text(text) = self else { return None };
        let text = text.trim();
        let says_nothing = text.is_empty() || text == "-" || text.chars().any(char::is_control);
        (!says_nothing).then(|| text.chars().take(MAX_TEXT_CHARS).collect())
    }

    /// A country's code. `ZZ` is how registries write "unknown".
    pub(crate) fn country(self) -> Option<String> {
        let Self::Text(text) = self else { return None };
        let code = text.trim().to_ascii_uppercase();
        let is_code = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        (is_code && code != "ZZ").then_some(code)
    }

    pub(crate) fn number(self) -> Option<f64> {
        match self {
            Self::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            Self::Whole(whole) => u32::try_from(whole).ok().map(f64::from),
            Self::Number(number) => Some(number).filter(|number| number.is_finite()),
            Self::Flag(_) | Self::Other => None,
        }
    }

    /// The number of an autonomous system; 0 is none.
    pub(crate) fn network(self) -> Option<u32> {
        let number = match self {
            Self::Text(text) => parse_network(text.trim()),
            Self::Whole(whole) => u32::try_from(whole).ok(),
            Self::Number(_) | Self::Flag(_) | Self::Other => None,
        };
        number.filter(|number| *number != 0)
    }

    pub(crate) fn is_set(self) -> bool {
        match self {
            Self::Flag(flag) => flag,
            Self::Text(text) => text.eq_ignore_ascii_case("true") || text == "1",
            Self::Whole(whole) => whole == 1,
            Self::Number(_) | Self::Other => false,
        }
    }
}

/// `64500` or `AS64500`.
fn parse_network(text: &str) -> Option<u32> {
    parse_as_line(text).or_else(|| text.parse().ok())
}

/// `AS64500`, in letters of either case.
pub(crate) fn parse_as_line(text: &str) -> Option<u32> {
    let (letters, digits) = text.split_at_checked(2)?;
    // `parse` would take a sign.
    let plain = letters.eq_ignore_ascii_case("as") && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(text))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Flag(flag))
    }

    fn visit_u64<E>(self, whole: u64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Whole(whole))
    }

    fn visit_i64<E>(self, whole: i64) -> Result<Scalar<'de>, E> {
        Ok(i32::try_from(whole).map_or(Scalar::Other, |small| Scalar::Number(small.into())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Number(number))
    }

    fn visit_u128<E>(self, _: u128) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Other)
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Scalar<'de>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_for_people() {
        assert_eq!(Scalar::Text(" Zürich ").name().as_deref(), Some("Zürich"));
        for nothing in [Scalar::Text(""), Scalar::Text(" - "), Scalar::Text("a\0b"), Scalar::Whole(7), Scalar::Other] {
            assert_eq!(nothing.name(), None, "{nothing:?}");
        }
        let long = "ü".repeat(1_000);
        assert_eq!(Scalar::Text(&long).name().unwrap().chars().count(), MAX_TEXT_CHARS);
    }

    #[test]
    fn countries_are_two_letters() {
        assert_eq!(Scalar::Text("us").country().as_deref(), Some("US"));
        for bad in ["", "U", "USA", "Canada", "ZZ", "1A", "Ü"] {
            assert_eq!(Scalar::Text(bad).country(), None, "{bad}");
        }
        assert_eq!(Scalar::Whole(1).country(), None);
    }

    #[test]
    fn numbers_come_as_text_too() {
        assert_eq!(Scalar::Text(" -93.265 ").number(), Some(-93.265));
        assert_eq!(Scalar::Whole(20).number(), Some(20.0));
        for bad in [
            Scalar::Text("north"),
            Scalar::Text("NaN"),
            Scalar::Text("inf"),
            Scalar::Number(f64::NAN),
            Scalar::Flag(true),
            Scalar::Whole(u64::MAX),
        ] {
            assert_eq!(bad.number(), None, "{bad:?}");
        }
    }

    #[test]
    fn networks_have_numbers() {
        for (value, number) in [
            (Scalar::Text("AS64500"), Some(64_500)),
            (Scalar::Text("as4294967295"), Some(u32::MAX)),
            (Scalar::Text("64500"), Some(64_500)),
            (Scalar::Whole(64_500), Some(64_500)),
            (Scalar::Whole(0), None),
            (Scalar::Text("AS0"), None),
            (Scalar::Text("AS"), None),
            (Scalar::Text("AS+1"), None),
            (Scalar::Text("AS4294967296"), None),
            (Scalar::Text("Ü64500"), None),
            (Scalar::Number(64_500.0), None),
        ] {
            assert_eq!(value.network(), number, "{value:?}");
        }
    }

    #[test]
    fn flags_are_set_by_true_alone() {
        for set in [Scalar::Flag(true), Scalar::Text("True"), Scalar::Text("1"), Scalar::Whole(1)] {
            assert!(set.is_set(), "{set:?}");
        }
        for unset in [Scalar::Flag(false), Scalar::Text(""), Scalar::Text("false"), Scalar::Whole(0), Scalar::Other] {
            assert!(!unset.is_set(), "{unset:?}");
        }
    }
}
