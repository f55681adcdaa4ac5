//! What a directory may write. Faults point at the attributes of RFC 7643.

use core_contact::EmailAddress;
use core_kernel::{Fault, Refusal, Stop, fold_identifier, trim_identifier};

use super::contacts::main_email;
use super::model::DirectoryUser;
use super::profile::{ContactEntry, PersonName, Profile};
use crate::checks::{Checks, Complaint, read_language, read_name};

/// Addresses, and numbers, of one user.
const MAX_ENTRIES: usize = 20;
/// Of an address, a number, or a directory's key.
const MAX_VALUE_CHARS: usize = 255;
const MAX_TYPE_CHARS: usize = 40;

/// A user that may be written.
pub(super) struct CheckedUser {
    /// As it is to be kept, names trimmed and the language in its canonical case.
    pub(super) data: DirectoryUser,
    /// By which it is found.
    pub(super) folded: String,
    /// The name to show.
    pub(super) display_name: Option<String>,
    /// The address on record.
    pub(super) email: Option<EmailAddress>,
}

/// Checks everything, and tells all faults at once.
///
/// # Errors
/// INVALID at `userName`, `externalId`, `preferredLanguage`, `displayName`, `name.*`, `emails`, `phoneNumbers`.
pub(super) fn check(given: DirectoryUser) -> Result<CheckedUser, Stop> {
    let mut checks = Checks::default();
    let name = trim_identifier(&given.user_name).map(str::to_owned);
    let user_name = checks.take("userName", name.map_err(|error| format!("This userName cannot be used: {error}.")));
    let directory_id = checks.take_opt("externalId", given.directory_id, read_value);
    let language = checks.take_opt("preferredLanguage", given.language.as_deref(), read_language);
    let profile = check_profile(&mut checks, given.profile);
    checks.done()?;
    let user_name = user_name.ok_or_else(|| Fault::internal("a fault without a refusal"))?;
    Ok(CheckedUser {
        folded: fold_identifier(&user_name),
        display_name: profile.effective_name(),
        email: main_email(&profile.emails),
        data: DirectoryUser { user_name, directory_id, language, profile, ..given },
    })
}

fn check_profile(checks: &mut Checks, given: Profile) -> Profile {
    let mut read = |path: &str, name: Option<String>| checks.take_opt(path, name.as_deref(), read_name);
    let display_name = read("displayName", given.display_name);
    let name = PersonName {
        formatted: read("name.formatted", given.name.formatted),
        family_name: read("name.familyName", given.name.family_name),
        given_name: read("name.givenName", given.name.given_name),
    };
    check_entries(checks, "emails", &given.emails);
    check_entries(checks, "phoneNumbers", &given.phones);
    Profile { display_name, name, ..given }
}

fn check_entries(checks: &mut Checks, path: &str, entries: &[ContactEntry]) {
    if entries.len() > MAX_ENTRIES {
        return checks.refuse(Refusal::invalid(path, format!("There can be {MAX_ENTRIES} of these at most.")));
    }
    if entries.iter().filter(|entry| entry.primary == Some(true)).count() > 1 {
        checks.refuse(Refusal::invalid(path, "Only one of these can be primary."));
    }
    let fits =
        |entry: &ContactEntry| is_line(&entry.value, MAX_VALUE_CHARS) && entry.kind.as_deref().is_none_or(is_type);
    if !entries.iter().all(fits) {
        let sentence = format!(
            "A value has 1 to {MAX_VALUE_CHARS} characters on a single line, a type 1 to {MAX_TYPE_CHARS} of them."
        );
        checks.refuse(Refusal::invalid(path, sentence));
    }
}

fn read_value(given: String) -> Result<String, Complaint> {
    if is_line(&given, MAX_VALUE_CHARS) {
        return Ok(given);
    }
    Err(format!("This has 1 to {MAX_VALUE_CHARS} characters on a single line."))
}

fn is_type(text: &str) -> bool {
    is_line(text, MAX_TYPE_CHARS)
}

fn is_line(text: &str, at_most: usize) -> bool {
    (1..=at_most).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core_policy::UserKind;

    fn user() -> DirectoryUser {
        DirectoryUser {
            user_name: "ann".into(),
            directory_id: None,
            kind: UserKind::External,
            language: None,
            active: true,
            profile: Profile::default(),
        }
    }

    fn entry(value: &str, primary: bool) -> ContactEntry {
        ContactEntry { value: value.into(), kind: None, primary: Some(primary) }
    }

    fn faults(user: DirectoryUser) -> Vec<String> {
        match check(user) {
            Ok(_) => Vec::new(),
            Err(Stop::Refused(refusals)) => refusals.into_iter().map(|one| one.field.join(".")).collect(),
            Err(Stop::Fault(fault)) => panic!("{fault:?}"),
        }
    }

    #[test]
    fn a_user_is_kept_in_canonical_form() {
        let profile = Profile { display_name: Some(" Ann Lee ".into()), ..Profile::default() };
        let given = DirectoryUser { user_name: " Straße ".into(), language: Some("ES-us".into()), profile, ..user() };
        let checked = check(given).unwrap();
        assert_eq!((checked.data.user_name.as_str(), checked.folded.as_str()), ("Straße", "strasse"));
        assert_eq!(checked.data.language.as_deref(), Some("es-US"));
        assert_eq!(checked.display_name.as_deref(), Some("Ann Lee"));
    }

    #[test]
    fn a_name_made_of_long_parts_is_cut() {
        let part = || Some("x".repeat(100));
        let name = PersonName { given_name: part(), family_name: part(), formatted: None };
        let checked = check(DirectoryUser { profile: Profile { name, ..Profile::default() }, ..user() }).unwrap();
        assert_eq!(checked.display_name.unwrap().chars().count(), 100);
    }

    #[test]
    fn every_fault_is_told_where_it_is() {
        let profile = Profile {
            display_name: Some("see https://evil.example".into()),
            name: PersonName { formatted: Some("a\nb".into()), ..PersonName::default() },
            emails: vec![entry("a@a.example", true), entry("b@a.example", true)],
            phones: vec![entry("", false)],
            kind_told: false,
        };
        let given = DirectoryUser {
            user_name: " ".into(),
            directory_id: Some("a\0b".into()),
            language: Some("no language".into()),
            profile,
            ..user()
        };
        let expected =
            ["userName", "externalId", "preferredLanguage", "displayName", "name.formatted", "emails", "phoneNumbers"];
        assert_eq!(faults(given), expected);
    }

    #[test]
    fn lists_have_an_end() {
        let emails = (0..=MAX_ENTRIES).map(|n| entry(&format!("a{n}@a.example"), false)).collect();
        assert_eq!(faults(DirectoryUser { profile: Profile { emails, ..Profile::default() }, ..user() }), ["emails"]);
        let long = entry(&"x".repeat(MAX_VALUE_CHARS + 1), false);
        let profile = Profile { phones: vec![long], ..Profile::default() };
        assert_eq!(faults(DirectoryUser { profile, ..user() }), ["phoneNumbers"]);
    }
}
