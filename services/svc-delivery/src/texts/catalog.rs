//! The files of texts, read once.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The languages there are, the fallback first.
const LANGUAGES: [(&str, &str); 2] =
    [("en", include_str!("../../texts/en.toml")), ("es", include_str!("../../texts/es.toml"))];

pub(super) const LAYOUT: &str = include_str!("../../texts/layout.html");

/// One language's texts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Language {
    pub(super) code: Code,
    pub(super) call: CallWords,
    pub(super) one_time_link: Mail,
    pub(super) admin_invitation: Mail,
    pub(super) account_recovery: Mail,
    pub(super) temporary_access_request: Mail,
    pub(super) enrollment_reminder: Reminder,
    pub(super) spending_cap_near: Mail,
    pub(super) spending_cap_reached: Mail,
    pub(super) webhook_disabled: Mail,
    pub(super) greeting: Greeting,
    pub(super) notice: Notice,
    pub(super) words: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Code {
    pub(super) sms: String,
    pub(super) voice: String,
    pub(super) subject: String,
    pub(super) mail: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CallWords {
    pub(super) language: String,
    pub(super) press_key: String,
    pub(super) no_key: String,
    pub(super) over: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mail {
    pub(super) subject: String,
    pub(super) mail: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reminder {
    pub(super) subject: String,
    pub(super) mail: String,
    /// Instead of a name, where none is known.
    pub(super) unnamed: String,
    /// Instead of a date that has passed.
    pub(super) now: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Greeting {
    pub(super) named: String,
    pub(super) unnamed: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Notice {
    pub(super) sms: String,
    pub(super) voice: String,
    pub(super) subject: String,
    pub(super) mail: String,
    pub(super) sentences: BTreeMap<String, String>,
}

/// All languages by their tag, the fallback first.
pub(super) fn languages() -> Vec<(&'static str, Language)> {
    // The files are part of the program, and a test reads them all.
    LANGUAGES.map(|(tag, text)| (tag, toml::from_str(text).expect("a file of texts"))).into()
}
