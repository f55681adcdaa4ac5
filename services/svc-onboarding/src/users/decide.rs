//! What becomes of a batch's rows, given what they meet: no clock, no I/O, no randomness.

use std::collections::HashMap;

use core_kernel::{AdminId, UserId};
use core_policy::FactorKind;
use serde_json::{Map, Value, json};
use svc_directory::users::KnownUser;
use svc_factors::supplied::{Standing, Supply, supply};

use super::row::Indexed;
use super::{Refused, UserRow};
use crate::model::RowFault;
use core_contact::PhoneNumber;

/// What the rows of a batch meet.
#[derive(Debug, Default)]
pub(crate) struct Met {
    /// Users by folded identifier.
    pub(crate) known: HashMap<String, KnownUser>,
    /// What these users have.
    pub(crate) standing: HashMap<UserId, Vec<Standing>>,
    /// Who has which address, by blind index.
    pub(crate) holders: HashMap<Vec<u8>, UserId>,
    /// Administrators who look after users, by normalised address.
    pub(crate) advisors: HashMap<String, AdminId>,
}

/// A phone, which of the user's it is, and what becomes of it.
pub(crate) type Phone = (FactorKind, PhoneNumber, Supply);

/// What is to be written of a user.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// None for a new one.
    pub(crate) user: Option<UserId>,
    pub(crate) row: UserRow,
    pub(crate) advisor: Option<AdminId>,
    pub(crate) phones: Vec<Phone>,
    /// Whether anything but phones is written.
    pub(crate) writes_user: bool,
    pub(crate) writes_email: bool,
    /// What bears on who gets in, for the audit log.
    pub(crate) audited: Option<Value>,
}

impl Wanted {
    /// Whether the user, who was there, is given a first factor.
    pub(crate) fn enrolls(&self) -> bool {
        let active = |phone: &Phone| matches!(phone.2, Supply::Activate { .. } | Supply::Confirm(_));
        self.user.is_some() && self.phones.iter().any(active)
    }
}

/// What is to be done about a batch.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) created: Vec<Wanted>,
    pub(crate) updated: Vec<Wanted>,
    pub(crate) unchanged: usize,
    pub(crate) refused: Vec<Refused>,
}

/// Decides. `vouched`: the tenant vouches for the phones.
pub(crate) fn decide(rows: &[UserRow], met: &Met, vouched: bool) -> Plan {
    let mut plan = Plan::default();
    // Addresses that earlier rows of this batch take.
    let mut taken: HashMap<&[u8], &str> = HashMap::new();
    for row in rows {
        let known = met.known.get(&row.folded);
        match check(row, known, met, &mut taken) {
            Err(fault) => plan.refused.push(Refused { line: row.line, raw: row.raw.clone(), faults: vec![fault] }),
            Ok(advisor) => match known {
                None => plan.created.push(new(row, advisor, vouched)),
                Some(known) => match change(row, known, advisor, met, vouched) {
                    Some(wanted) => plan.updated.push(wanted),
                    None => plan.unchanged += 1,
                },
            },
        }
    }
    plan
}

/// The advisor, where one is named, unless the row cannot be taken as things stand.
fn check<'a>(
    row: &'a UserRow,
    known: Option<&KnownUser>,
    met: &Met,
    taken: &mut HashMap<&'a [u8], &'a str>,
) -> Result<Option<AdminId>, RowFault> {
    let advisor = match &row.advisor_email {
        None => None,
        Some(email) => Some(*met.advisors.get(email).ok_or_else(unknown_advisor)?),
    };
    if let Some(email) = &row.email {
        let holder = email.indexes.iter().find_map(|index| met.holders.get(index));
        let own = known.map(|known| known.user_id);
        let first = taken.entry(&email.indexes[0]).or_insert(&row.folded);
        if holder.is_some_and(|holder| Some(*holder) != own) || *first != row.folded {
            return Err(RowFault::at("email", "Another user has this email address."));
        }
    }
    Ok(advisor)
}

fn unknown_advisor() -> RowFault {
    RowFault::at("advisor_email", "There is no administrator with this email who looks after users.")
}

fn phones(row: &UserRow) -> impl Iterator<Item = (FactorKind, &Indexed<PhoneNumber>)> {
    let primary = row.phone.iter().map(|phone| (FactorKind::PhonePrimary, phone));
    primary.chain(row.recovery_phone.iter().map(|phone| (FactorKind::PhoneRecovery, phone)))
}

fn new(row: &UserRow, advisor: Option<AdminId>, vouched: bool) -> Wanted {
    let supplied = |(kind, phone): (_, &Indexed<PhoneNumber>)| {
        (kind, phone.value.clone(), supply(&[], kind, &phone.indexes, vouched))
    };
    Wanted {
        user: None,
        advisor,
        phones: phones(row).map(supplied).collect(),
        writes_user: true,
        writes_email: row.email.is_some(),
        audited: None,
        row: row.clone(),
    }
}

/// What an existing user lacks of what the row says; none where nothing is.
fn change(row: &UserRow, known: &KnownUser, advisor: Option<AdminId>, met: &Met, vouched: bool) -> Option<Wanted> {
    let standing = met.standing.get(&known.user_id).map_or(&[][..], Vec::as_slice);
    let supplied = |(kind, phone): (_, &Indexed<PhoneNumber>)| {
        let supply = supply(standing, kind, &phone.indexes, vouched && !known.closed);
        (supply != Supply::Keep).then(|| (kind, phone.value.clone(), supply))
    };
    let phones: Vec<Phone> = phones(row).filter_map(supplied).collect();
    let differs = |given: &Option<String>, stored: &Option<String>| given.is_some() && given != stored;
    let has_email = |email: &Indexed<_>| known.email_index.as_ref().is_some_and(|index| email.is(index));
    let writes_email = row.email.as_ref().is_some_and(|email| !has_email(email));
    let other_kind = known.kind != Some(row.kind);
    let other_advisor = advisor.is_some() && advisor != known.advisor;
    let writes_user = writes_email
        || other_kind
        || other_advisor
        || differs(&row.display_name, &known.display_name)
        || differs(&row.language, &known.language);
    (writes_user || !phones.is_empty()).then(|| Wanted {
        user: Some(known.user_id),
        advisor: advisor.filter(|_| other_advisor),
        phones,
        writes_user,
        writes_email,
        audited: audited(row, other_kind, advisor.filter(|_| other_advisor), writes_email),
        row: row.clone(),
    })
}

/// As `upsertUser` has it: an ordinary update is no event.
fn audited(row: &UserRow, other_kind: bool, advisor: Option<AdminId>, email: bool) -> Option<Value> {
    let mut changed = Map::new();
    if other_kind {
        changed.insert("kind".to_owned(), json!(row.kind));
    }
    if let Some(advisor) = advisor {
        changed.insert("advisor".to_owned(), json!(advisor.to_string()));
    }
    if email {
        changed.insert("email".to_owned(), json!("set"));
    }
    (!changed.is_empty()).then_some(Value::Object(changed))
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
