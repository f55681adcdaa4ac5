//! From a filter to a condition on users. What can be searched is the table in [`target`]; whatever else
//! is asked for is refused, and never answered as if it had been.

use std::cmp::Ordering;

use core_kernel::{Timestamp, TypedId, UserId};
use core_policy::UserKind;
use serde_json::Value;
use svc_directory::users::{TextField, TextTest, UserPredicate, UserTest};

use super::{AttributePath, Comparison, Filter, Operator};
use crate::error::{ScimError, ScimType};
use crate::schema::{EXTENSION, USER, as_boolean};

/// What of a user can be searched.
#[derive(Debug, Clone, Copy)]
enum Target {
    Id,
    Text(TextField),
    Active,
    Kind,
    Email,
    Created,
}

/// Turns a filter on users into a condition.
///
/// # Errors
/// `invalidFilter` for what cannot be searched, or not in that way.
pub(crate) fn compile(filter: &Filter) -> Result<UserPredicate, ScimError> {
    let several = |parts: &[Filter]| parts.iter().map(compile).collect::<Result<Vec<_>, _>>();
    Ok(match filter {
        Filter::And(parts) => UserPredicate::All(several(parts)?),
        Filter::Or(parts) => UserPredicate::Any(several(parts)?),
        Filter::Not(inner) => UserPredicate::Not(Box::new(compile(inner)?)),
        Filter::Values(path, inner) => compile(&within(path, inner)?)?,
        Filter::Test(path, operator) => compile_test(target(path).ok_or_else(unsearchable)?, operator)?,
    })
}

/// `emails[value eq "x"]` is `emails.value eq "x"`: of addresses, the one on record alone is searched,
/// so that nothing else can be asked of it.
fn within(path: &AttributePath, inner: &Filter) -> Result<Filter, ScimError> {
    match inner {
        Filter::Test(part, operator) if part.part.is_none() && part.schema.is_none() => {
            let whole = AttributePath { part: Some(part.name.clone()), ..path.clone() };
            Ok(Filter::Test(whole, operator.clone()))
        }
        _ => Err(unsearchable()),
    }
}

fn target(path: &AttributePath) -> Option<Target> {
    let part = path.part.as_deref().unwrap_or_default();
    let own = |name: &str, own_part: &str| path.name.eq_ignore_ascii_case(name) && part.eq_ignore_ascii_case(own_part);
    if path.schema.as_deref().is_some_and(|schema| schema.eq_ignore_ascii_case(EXTENSION)) {
        return own("kind", "").then_some(Target::Kind);
    }
    if path.schema.as_deref().is_some_and(|schema| !schema.eq_ignore_ascii_case(USER)) {
        return None;
    }
    let targets = [
        ("id", "", Target::Id),
        ("userName", "", Target::Text(TextField::UserName)),
        ("externalId", "", Target::Text(TextField::DirectoryId)),
        ("displayName", "", Target::Text(TextField::DisplayName)),
        ("preferredLanguage", "", Target::Text(TextField::Language)),
        ("active", "", Target::Active),
        ("emails", "", Target::Email),
        ("emails", "value", Target::Email),
        ("meta", "created", Target::Created),
    ];
    targets.into_iter().find(|(name, part, _)| own(name, part)).map(|(_, _, target)| target)
}

fn compile_test(target: Target, operator: &Operator) -> Result<UserPredicate, ScimError> {
    let Operator::Compare(comparison, value) = operator else { return Ok(present(target)) };
    if value.is_null() {
        return unassigned(target, *comparison);
    }
    if *comparison == Comparison::NotEqual {
        return Ok(not(compile_comparison(target, Comparison::Equal, value)?));
    }
    compile_comparison(target, *comparison, value)
}

/// Whether it is assigned. What every user has is assigned.
fn present(target: Target) -> UserPredicate {
    match target {
        Target::Text(field) => UserPredicate::Test(UserTest::Text(field, TextTest::Present)),
        Target::Email => UserPredicate::Test(UserTest::HasEmail),
        Target::Id | Target::Active | Target::Kind | Target::Created => UserPredicate::All(Vec::new()),
    }
}

/// `eq null` is *unassigned* (RFC 7643 §2.5).
fn unassigned(target: Target, comparison: Comparison) -> Result<UserPredicate, ScimError> {
    match comparison {
        Comparison::Equal => Ok(not(present(target))),
        Comparison::NotEqual => Ok(present(target)),
        _ => Err(mismatch()),
    }
}

fn compile_comparison(target: Target, comparison: Comparison, value: &Value) -> Result<UserPredicate, ScimError> {
    let equal = comparison == Comparison::Equal;
    let test = match target {
        Target::Text(field) => return compile_text(field, comparison, text(value)?),
        Target::Created => return compile_time(comparison, text(value)?),
        Target::Active if equal => UserTest::Active(as_boolean(value).ok_or_else(mismatch)?),
        Target::Email if equal => UserTest::Email(text(value)?.to_owned()),
        // What is none of ours is nobody's.
        Target::Id if equal => match UserId::from_text(text(value)?) {
            Some(id) => UserTest::Id(id),
            None => return Ok(nobody()),
        },
        Target::Kind if equal => match UserKind::parse(&text(value)?.to_ascii_uppercase()) {
            Some(kind) => UserTest::Kind(kind),
            None => return Ok(nobody()),
        },
        Target::Active | Target::Email | Target::Id | Target::Kind => return Err(mismatch()),
    };
    Ok(UserPredicate::Test(test))
}

fn compile_text(field: TextField, comparison: Comparison, text: &str) -> Result<UserPredicate, ScimError> {
    let own = text.to_owned();
    let test = match comparison {
        Comparison::Equal => TextTest::Equals(own),
        Comparison::Contains => TextTest::Contains(own),
        Comparison::StartsWith => TextTest::Begins(own),
        Comparison::EndsWith => TextTest::Ends(own),
        _ => return ordered(comparison, |order| UserTest::Text(field, TextTest::Compares(order, own.clone()))),
    };
    Ok(UserPredicate::Test(UserTest::Text(field, test)))
}

fn compile_time(comparison: Comparison, text: &str) -> Result<UserPredicate, ScimError> {
    let at = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| mismatch())?;
    let at: Timestamp = at.to_utc();
    ordered(comparison, |order| UserTest::Created(order, at))
}

/// A comparison by order; with *or equal* where it says so.
fn ordered(comparison: Comparison, test: impl Fn(Ordering) -> UserTest) -> Result<UserPredicate, ScimError> {
    let orders: &[Ordering] = match comparison {
        Comparison::Equal => &[Ordering::Equal],
        Comparison::Greater => &[Ordering::Greater],
        Comparison::GreaterOrEqual => &[Ordering::Greater, Ordering::Equal],
        Comparison::Less => &[Ordering::Less],
        Comparison::LessOrEqual => &[Ordering::Less, Ordering::Equal],
        _ => return Err(mismatch()),
    };
    Ok(UserPredicate::Any(orders.iter().map(|order| UserPredicate::Test(test(*order))).collect()))
}

fn text(value: &Value) -> Result<&str, ScimError> {
    value.as_str().ok_or_else(mismatch)
}

fn not(predicate: UserPredicate) -> UserPredicate {
    UserPredicate::Not(Box::new(predicate))
}

fn nobody() -> UserPredicate {
    UserPredicate::Any(Vec::new())
}

fn mismatch() -> ScimError {
    ScimError::bad(ScimType::InvalidFilter, "An attribute cannot be compared in this way, or with such a value.")
}

/// The attribute is not repeated: it was a client's, and ends up in other systems' logs.
fn unsearchable() -> ScimError {
    let detail = "Users can be searched by id, userName, externalId, displayName, preferredLanguage, active, \
                  emails.value, meta.created and kind of the extension.";
    ScimError::bad(ScimType::InvalidFilter, detail)
}

#[cfg(test)]
#[path = "compile_tests.rs"]
mod tests;
