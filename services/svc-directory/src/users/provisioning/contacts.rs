//! Which of the addresses and numbers that a directory gave can be used, and for what. Directories are
//! full of numbers without a country and of extensions: such a one is kept and given back, and is no
//! contact ([`Profile::unusable`]); to refuse it would keep its user out, and keep a leaver in.

use core_contact::{EmailAddress, PhoneKind, PhoneNumber};
use core_policy::{FactorKind, PhoneLine};

use super::profile::{ContactEntry, Profile};

/// A contact that the tenant supplied: shown as the first choice when the user enrolls, proving nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Suggestion {
    pub(super) kind: FactorKind,
    pub(super) line: Option<PhoneLine>,
    pub(super) contact: SuggestedContact,
}

/// Where a code would go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SuggestedContact {
    Email(EmailAddress),
    Phone(PhoneNumber),
}

impl Profile {
    /// The values that can be no contact of the user: no address or number that a code could reach.
    #[must_use]
    pub fn unusable(&self) -> Vec<&str> {
        let emails = self.emails.iter().filter(|entry| EmailAddress::parse(&entry.value).is_err());
        let phones = self.phones.iter().filter(|entry| read_phone(entry).is_none());
        emails.chain(phones).map(|entry| entry.value.as_str()).collect()
    }

    /// What is suggested to the user: the main address, the main number, and another number for recovery.
    pub(super) fn suggestions(&self) -> Vec<Suggestion> {
        let email = main_email(&self.emails).map(|address| Suggestion {
            kind: FactorKind::Email,
            line: None,
            contact: SuggestedContact::Email(address),
        });
        let roles = [FactorKind::PhonePrimary, FactorKind::PhoneRecovery];
        let phones = usable_phones(&self.phones).into_iter().zip(roles).map(|((number, line), kind)| Suggestion {
            kind,
            line: Some(line),
            contact: SuggestedContact::Phone(number),
        });
        email.into_iter().chain(phones).collect()
    }
}

/// The address that becomes the one on record.
pub(super) fn main_email(emails: &[ContactEntry]) -> Option<EmailAddress> {
    emails.get(main_email_index(emails)?).and_then(|entry| EmailAddress::parse(&entry.value).ok())
}

/// The primary one, else the one at work, else the first, of those that can be used.
fn main_email_index(emails: &[ContactEntry]) -> Option<usize> {
    let usable = emails.iter().enumerate().filter(|(_, entry)| EmailAddress::parse(&entry.value).is_ok());
    usable.min_by_key(|(_, entry)| (entry.primary != Some(true), !entry.is("work"))).map(|(index, _)| index)
}

/// The list with another main address in the place of the old one.
pub(super) fn with_address_on_record(
    mut emails: Vec<ContactEntry>,
    on_record: Option<EmailAddress>,
) -> Vec<ContactEntry> {
    let Some(address) = on_record else { return emails };
    let value = address.address().to_owned();
    match main_email_index(&emails) {
        Some(index) => emails[index].value = value,
        None => {
            emails.iter_mut().for_each(|entry| entry.primary = entry.primary.map(|_| false));
            emails.insert(0, ContactEntry { value, kind: None, primary: Some(true) });
        }
    }
    emails
}

/// The primary one first, then mobiles, then the rest; each number once, facsimiles and pagers not at all.
fn usable_phones(phones: &[ContactEntry]) -> Vec<(PhoneNumber, PhoneLine)> {
    let mut usable: Vec<(bool, bool, PhoneNumber, PhoneLine)> = Vec::new();
    for entry in phones.iter().filter(|entry| !entry.is("fax") && !entry.is("pager")) {
        let Some(number) = read_phone(entry) else { continue };
        if usable.iter().all(|(_, _, known, _)| *known != number) {
            let line = line_of(entry, &number);
            usable.push((entry.primary != Some(true), !entry.is("mobile"), number, line));
        }
    }
    usable.sort_by_key(|(secondary, fixed, _, _)| (*secondary, *fixed));
    usable.into_iter().map(|(_, _, number, line)| (number, line)).collect()
}

/// A number, also as a URI (RFC 3966), which is how RFC 7643 §4.1.2 has it.
fn read_phone(entry: &ContactEntry) -> Option<PhoneNumber> {
    let text = entry.value.trim();
    let text = text.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("tel:")).map_or(text, |_| &text[4..]);
    PhoneNumber::parse(text).ok()
}

/// Where the plan does not tell a mobile from a fixed line, what the directory calls it does: a call
/// reaches both.
fn line_of(entry: &ContactEntry, number: &PhoneNumber) -> PhoneLine {
    let at_a_desk = entry.is("work") || entry.is("home");
    match number.kind() {
        PhoneKind::FixedLine => PhoneLine::Landline,
        PhoneKind::FixedLineOrMobile if at_a_desk => PhoneLine::Landline,
        _ => PhoneLine::Mobile,
    }
}

impl ContactEntry {
    fn is(&self, kind: &str) -> bool {
        self.kind.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(kind))
    }
}

#[cfg(test)]
#[path = "contacts_tests.rs"]
mod tests;
