//! Reading a row of a file of users. The rules are those of `upsertUser` and `enrollPhone`; every fault
//! of a row is told at once.

use std::borrow::Cow;
use std::sync::Arc;

use core_contact::{EmailAddress, PhoneNumber};
use core_crypto::{BlindKind, KeyRing, blind_indexes};
use core_kernel::{TenantId, fold_identifier, trim_identifier};
use core_policy::UserKind;
use svc_directory::{read_language, read_name};
use svc_factors::supplied::phone_indexes;

use crate::csv::{Header, Row, RowForm};
use crate::model::RowFault;
use crate::worker::Seen;

/// Of a refused row so much is kept.
const KEPT: usize = 64 << 10;

/// A contact and the indexes under which it may stand, the one to store first.
#[derive(Debug, Clone)]
pub(crate) struct Indexed<T> {
    pub(crate) value: T,
    pub(crate) indexes: Vec<Vec<u8>>,
}

impl<T> Indexed<T> {
    /// Whether this is the index of it.
    pub(crate) fn is(&self, index: &[u8]) -> bool {
        self.indexes.iter().any(|own| own == index)
    }
}

/// A row that can be read.
#[derive(Debug, Clone)]
pub(crate) struct UserRow {
    pub(crate) line: i32,
    /// As it came, for the case that it is refused after all.
    pub(crate) raw: Box<[u8]>,
    pub(crate) external_id: String,
    pub(crate) folded: String,
    pub(crate) kind: UserKind,
    pub(crate) display_name: Option<String>,
    pub(crate) email: Option<Indexed<EmailAddress>>,
    pub(crate) phone: Option<Indexed<PhoneNumber>>,
    pub(crate) recovery_phone: Option<Indexed<PhoneNumber>>,
    /// Normalised.
    pub(crate) advisor_email: Option<String>,
    pub(crate) language: Option<String>,
}

/// A row that is not taken.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    pub(crate) line: i32,
    pub(crate) raw: Box<[u8]>,
    pub(crate) faults: Vec<RowFault>,
}

/// Rows that are worked through together.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) rows: Vec<UserRow>,
    pub(crate) refused: Vec<Refused>,
    /// The block with which the next batch begins.
    pub(crate) next_block: i32,
}

/// By what rows are read.
#[derive(Clone)]
pub(crate) struct Reader {
    pub(crate) tenant: TenantId,
    pub(crate) header: Arc<Header>,
    pub(crate) ring: KeyRing,
    /// ISO 3166-1 alpha-2, upper case.
    pub(crate) countries: Arc<[String]>,
}

impl Reader {
    /// Reads a row into the batch.
    pub(crate) fn take(&self, row: &Row<'_>, seen: &mut Seen, batch: &mut Batch) {
        let line = i32::try_from(row.line).unwrap_or(i32::MAX);
        let raw = || row.bytes[..row.bytes.len().min(KEPT)].into();
        match self.read(row, line, seen) {
            Ok(read) => batch.rows.push(UserRow { raw: raw(), ..read }),
            Err(faults) => batch.refused.push(Refused { line, raw: raw(), faults }),
        }
    }

    /// Notes the row's identifier, and nothing else of it: it was worked through before.
    pub(crate) fn pass_over(&self, row: &Row<'_>, seen: &mut Seen) {
        let values = if row.form == RowForm::Good { self.header.values(row.bytes) } else { Err(Vec::new()) };
        let id = values.ok().and_then(|mut values| values.swap_remove(0));
        if let Some(id) = id.as_deref().and_then(|id| trim_identifier(id).ok()) {
            seen.insert(&fold_identifier(id));
        }
    }

    fn read(&self, row: &Row<'_>, line: i32, seen: &mut Seen) -> Result<UserRow, Vec<RowFault>> {
        check_form(row.form)?;
        let mut faults = Vec::new();
        let mut values = self.header.values(row.bytes)?.into_iter();
        let mut next = || values.next().flatten();
        let id = take(&mut faults, "external_id", read_id(next(), seen));
        let kind = take(&mut faults, "kind", read_kind(next()));
        let display_name = take_opt(&mut faults, "display_name", next(), read_display_name);
        let email = take_opt(&mut faults, "email", next(), |text| self.read_email(text));
        let phone = take_opt(&mut faults, "phone", next(), |text| self.read_phone(text));
        let recovery_phone = take_opt(&mut faults, "recovery_phone", next(), |text| self.read_phone(text));
        let advisor_email = take_opt(&mut faults, "advisor_email", next(), read_address);
        let language = take_opt(&mut faults, "language", next(), read_language);
        if phone.as_ref().zip(recovery_phone.as_ref()).is_some_and(|(one, other)| one.value == other.value) {
            faults.push(RowFault::at("recovery_phone", "This is the primary phone already. Give another number."));
        }
        match (id, kind) {
            (Some((external_id, folded)), Some(kind)) if faults.is_empty() => Ok(UserRow {
                line,
                raw: Box::default(),
                external_id,
                folded,
                kind,
                display_name,
                email,
                phone,
                recovery_phone,
                advisor_email: advisor_email.map(|email| email.normalized().to_owned()),
                language,
            }),
            _ => Err(faults),
        }
    }

    fn read_email(&self, text: &str) -> Result<Indexed<EmailAddress>, String> {
        let value = read_address(text)?;
        let indexes = blind_indexes(&self.ring, self.tenant, BlindKind::Email, value.normalized());
        Ok(Indexed { value, indexes: indexes.into_iter().map(|(_, index)| index.to_vec()).collect() })
    }

    fn read_phone(&self, text: &str) -> Result<Indexed<PhoneNumber>, String> {
        let value = PhoneNumber::parse(text).map_err(|error| error.to_string())?;
        value.check_country(&self.countries).map_err(|error| error.to_string())?;
        let indexes = phone_indexes(&self.ring, self.tenant, &value);
        Ok(Indexed { value, indexes })
    }
}

fn check_form(form: RowForm) -> Result<(), Vec<RowFault>> {
    let message = match form {
        RowForm::Good => return Ok(()),
        RowForm::TooLong => "This row is too long.",
        RowForm::OpenQuote => "A quote is opened in this row and never closed.",
        RowForm::AfterQuote => "In this row a quote stands where none may: within quotes it is written twice.",
    };
    Err(vec![RowFault::of_row(message)])
}

fn take<T>(faults: &mut Vec<RowFault>, column: &str, read: Result<T, String>) -> Option<T> {
    read.map_err(|message| faults.push(RowFault::at(column, message))).ok()
}

fn take_opt<T>(
    faults: &mut Vec<RowFault>,
    column: &str,
    given: Option<Cow<'_, str>>,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Option<T> {
    given.and_then(|given| take(faults, column, read(&given)))
}

fn read_id(given: Option<Cow<'_, str>>, seen: &mut Seen) -> Result<(String, String), String> {
    let given = given.ok_or("Every row needs an identifier.")?;
    let id = trim_identifier(&given).map_err(|error| format!("This identifier cannot be used: {error}."))?;
    let folded = fold_identifier(id);
    if !seen.insert(&folded) {
        return Err("An earlier row has this identifier. Spellings that differ in case or Unicode form are one.".into());
    }
    Ok((id.to_owned(), folded))
}

fn read_kind(given: Option<Cow<'_, str>>) -> Result<UserKind, String> {
    let kind = given.and_then(|given| UserKind::parse(&given.to_uppercase()));
    kind.ok_or_else(|| "This must be INTERNAL or EXTERNAL.".to_owned())
}

/// What is no name: a formula is a mistake of a spreadsheet's.
fn read_display_name(given: &str) -> Result<String, String> {
    if given.starts_with(['=', '+', '-', '@']) {
        return Err("A name cannot begin with =, +, - or @, which spreadsheets take for a formula.".to_owned());
    }
    read_name(given)
}

fn read_address(given: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(given).map_err(|error| error.to_string())
}

#[cfg(test)]
#[path = "row_tests.rs"]
mod tests;
