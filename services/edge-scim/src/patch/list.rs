//! Operations on lists: all of their values, or those that a filter chooses.

use serde_json::{Map, Value};

use super::Verb;
use super::apply::{merge_parts, set};
use super::target::Place;
use crate::error::{ScimError, ScimType};
use crate::filter::{Comparison, Filter, Operator, matches};
use crate::schema::{Attribute, find, read_attribute};

/// Values of one list, however many operations made them.
const MAX_VALUES: usize = 100;

/// Does `verb` on an attribute with several values.
///
/// # Errors
/// `invalidValue`, `mutability`, `noTarget`.
pub(super) fn change_list(
    container: &mut Map<String, Value>,
    verb: Verb,
    place: &Place,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let name = place.attribute.name;
    let before = match container.get(name) {
        Some(Value::Array(values)) => values.clone(),
        _ => Vec::new(),
    };
    let mut values = match (&place.filter, place.part) {
        (None, None) => change_whole(before.clone(), verb, place.attribute, value)?,
        _ => change_chosen(before.clone(), verb, place, value)?,
    };
    // A value without its value says nothing.
    values.retain(|one| one.get("value").is_some());
    keep_one_primary(&before, &mut values, verb);
    if values.len() > MAX_VALUES {
        return Err(ScimError::value(name, "There are too many values."));
    }
    if values.is_empty() {
        container.remove(name);
    } else {
        container.insert(name.to_owned(), Value::Array(values));
    }
    Ok(())
}

fn change_whole(
    mut values: Vec<Value>,
    verb: Verb,
    attribute: &Attribute,
    given: Option<&Value>,
) -> Result<Vec<Value>, ScimError> {
    let read = |given: &Value| match read_attribute(attribute, given)? {
        Some(Value::Array(values)) => Ok::<_, ScimError>(values),
        _ => Ok(Vec::new()),
    };
    match (verb, given) {
        (Verb::Remove, None) => Ok(Vec::new()),
        // Not of the RFC, and a habit of directories: these are removed.
        (Verb::Remove, Some(given)) => {
            let gone = read(given)?;
            values.retain(|one| !gone.iter().any(|gone| gone["value"] == one["value"]));
            Ok(values)
        }
        (_, None) => Err(ScimError::value(attribute.name, "A value is missing.")),
        (Verb::Replace, Some(given)) => read(given),
        (Verb::Add, Some(given)) => {
            for one in read(given)? {
                if !values.contains(&one) {
                    values.push(one);
                }
            }
            Ok(values)
        }
    }
}

fn change_chosen(
    mut values: Vec<Value>,
    verb: Verb,
    place: &Place,
    given: Option<&Value>,
) -> Result<Vec<Value>, ScimError> {
    let chosen = |one: &Value| place.filter.as_ref().is_none_or(|filter| matches(filter, one));
    let any = values.iter().any(chosen);
    if !any && verb == Verb::Remove && place.filter.is_none() {
        return Ok(values);
    }
    // An add of what is not there makes it, with what the filter says of it: `emails[type eq "work"].value`.
    if !any && (verb == Verb::Add || place.filter.is_none()) {
        values.push(made_of(place.filter.as_ref(), place.attribute));
    } else if !any {
        return Err(ScimError::bad(ScimType::NoTarget, "No value is chosen by the path's filter."));
    }
    if verb == Verb::Remove && place.part.is_none() {
        values.retain(|one| !chosen(one));
        return Ok(values);
    }
    let made = !any;
    let last = values.len() - 1;
    for (index, one) in values.iter_mut().enumerate() {
        if chosen(one) || (made && index == last) {
            change_one(one, verb, place, given)?;
        }
    }
    Ok(values)
}

fn change_one(one: &mut Value, verb: Verb, place: &Place, given: Option<&Value>) -> Result<(), ScimError> {
    let Value::Object(object) = one else { return Ok(()) };
    match (place.part, verb) {
        (Some(part), _) => set(object, part, verb, given),
        (None, Verb::Replace) => {
            let mut replaced = Map::new();
            merge_parts(&mut replaced, place.attribute, given)?;
            *object = replaced;
            Ok(())
        }
        (None, _) => merge_parts(object, place.attribute, given),
    }
}

/// A value of which a filter says all that is known.
fn made_of(filter: Option<&Filter>, attribute: &Attribute) -> Value {
    let mut object = Map::new();
    filter.into_iter().for_each(|filter| assume(&mut object, filter, attribute));
    Value::Object(object)
}

fn assume(object: &mut Map<String, Value>, filter: &Filter, attribute: &Attribute) {
    match filter {
        Filter::And(parts) => parts.iter().for_each(|part| assume(object, part, attribute)),
        Filter::Test(path, Operator::Compare(Comparison::Equal, value)) => {
            let Some(part) = find(attribute.parts, &path.name) else { return };
            if let Ok(Some(value)) = read_attribute(part, value) {
                object.insert(part.name.to_owned(), value);
            }
        }
        _ => {}
    }
}

/// One value at most is primary: what was made so takes it from what was (RFC 7644 §3.5.2). A list that
/// is written whole says itself.
fn keep_one_primary(before: &[Value], values: &mut [Value], verb: Verb) {
    let is_primary = |one: &Value| one["primary"] == Value::Bool(true);
    let primaries = values.iter().filter(|one| is_primary(one)).count();
    let is_new = |one: &Value| !before.contains(one);
    if primaries < 2 || verb == Verb::Remove || !values.iter().any(|one| is_primary(one) && is_new(one)) {
        return;
    }
    for one in values.iter_mut().filter(|one| is_primary(one) && !is_new(one)) {
        one["primary"] = Value::Bool(false);
    }
}
