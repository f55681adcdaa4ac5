//! The sentences of the pages, in the languages that messages are written in.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};

/// Sentences by name.
pub(crate) type Words = BTreeMap<String, String>;

const ENGLISH: &str = include_str!("../texts/en.json");
const SPANISH: &str = include_str!("../texts/es.json");

/// A language that the pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Spanish,
}

impl Language {
    /// BCP 47.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_', ';']).next().unwrap_or_default().to_ascii_lowercase();
        [Self::English, Self::Spanish].into_iter().find(|language| language.tag() == primary)
    }

    /// The user's own, or else the browser's, or else the firm's.
    pub(crate) fn choose(user: Option<&str>, headers: &HeaderMap, firm: &str) -> Self {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let by_browser = || accepted.into_iter().flat_map(|value| value.split(',')).find_map(Self::of_tag);
        user.and_then(Self::of_tag).or_else(by_browser).or_else(|| Self::of_tag(firm)).unwrap_or(Self::English)
    }

    fn text(self) -> &'static str {
        match self {
            Self::English => ENGLISH,
            Self::Spanish => SPANISH,
        }
    }

    /// A date in words, for a deadline.
    pub(crate) fn date(self, date: chrono::NaiveDate) -> String {
        use chrono::Datelike as _;
        let (day, month, year) = (date.day(), date.month0() as usize, date.year());
        match self {
            Self::English => format!("{} {day}, {year}", ENGLISH_MONTHS[month]),
            Self::Spanish => format!("{day} de {} de {year}", SPANISH_MONTHS[month]),
        }
    }
}

const ENGLISH_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const SPANISH_MONTHS: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

/// The sentences of a language. They are part of the program: that they can be read is a test.
pub(crate) fn load(language: Language) -> Words {
    serde_json::from_str(language.text()).unwrap_or_default()
}

/// A sentence with its places filled in.
pub(crate) fn fill(sentence: &str, places: &[(&str, &str)]) -> String {
    places.iter().fold(sentence.to_owned(), |text, (name, value)| match *name {
        // Where a code goes: a number is not broken at the end of a line.
        "to" => text.replace("{to}", &value.replace(' ', "\u{a0}")),
        _ => text.replace(&format!("{{{name}}}"), value),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn places(sentence: &str) -> Vec<&str> {
        let mut places: Vec<&str> = sentence.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        places.sort_unstable();
        places
    }

    #[test]
    fn every_language_has_every_sentence_with_the_same_places() {
        let (english, spanish) = (load(Language::English), load(Language::Spanish));
        assert!(english.len() > 50, "the texts can be read");
        assert!(english.keys().eq(spanish.keys()), "the same names");
        for (name, sentence) in &english {
            assert_eq!(places(sentence), places(&spanish[name]), "{name}");
        }
    }

    #[test]
    fn the_users_language_comes_before_the_browsers() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("fr, es-MX;q=0.8, en;q=0.5"));
        assert_eq!(Language::choose(Some("en-GB"), &headers, "es"), Language::English);
        assert_eq!(Language::choose(Some("fr"), &headers, "en"), Language::Spanish);
        assert_eq!(Language::choose(None, &HeaderMap::new(), "es-US"), Language::Spanish);
        assert_eq!(Language::choose(None, &HeaderMap::new(), "fr"), Language::English);
    }

    #[test]
    fn a_number_stays_in_one_piece() {
        let filled = fill("{firm} texts {to}.", &[("firm", "The Firm"), ("to", "+1 ••• ••• 0001")]);
        assert_eq!(filled, "The Firm texts +1\u{a0}•••\u{a0}•••\u{a0}0001.");
    }

    #[test]
    fn a_deadline_is_in_words() {
        let date = chrono::NaiveDate::from_ymd_opt(2027, 3, 1).unwrap();
        assert_eq!(Language::English.date(date), "March 1, 2027");
        assert_eq!(Language::Spanish.date(date), "1 de marzo de 2027");
    }
}
