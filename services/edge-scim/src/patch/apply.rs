//! One operation on one target.

use serde_json::{Map, Value};

use super::Verb;
use super::list::change_list;
use super::target::{Place, Target, resolve};
use crate::error::{ScimError, ScimType};
use crate::schema::{Attribute, EXTENSION, Kind, find, is_assigned, read_attribute};

/// Does `verb` at `path`.
///
/// # Errors
/// `invalidPath`, `invalidValue`, `mutability`, `noTarget`.
pub(super) fn apply(
    user: &mut Map<String, Value>,
    verb: Verb,
    path: &str,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    match resolve(path)? {
        Target::Ignored => Ok(()),
        Target::Core => each_member(value, |name, value| apply(user, verb, name, Some(value))),
        Target::Extension if verb == Verb::Remove => {
            user.remove(EXTENSION);
            Ok(())
        }
        Target::Extension => {
            each_member(value, |name, value| apply(user, verb, &format!("{EXTENSION}:{name}"), Some(value)))
        }
        Target::Attribute(place) => apply_at(user, verb, &place, value),
    }
}

pub(super) fn each_member(
    value: Option<&Value>,
    mut each: impl FnMut(&str, &Value) -> Result<(), ScimError>,
) -> Result<(), ScimError> {
    let object = value.and_then(Value::as_object);
    let object =
        object.ok_or_else(|| ScimError::bad(ScimType::InvalidValue, "The value is an object of attributes."))?;
    // What the server assigns may be among them, as in a user that was read and is sent back.
    object.iter().filter(|(name, _)| !is_assigned(name)).try_for_each(|(name, value)| each(name, value))
}

fn apply_at(user: &mut Map<String, Value>, verb: Verb, place: &Place, value: Option<&Value>) -> Result<(), ScimError> {
    if place.in_extension {
        return within(user, EXTENSION, |own| apply_in(own, verb, place, value));
    }
    apply_in(user, verb, place, value)
}

fn apply_in(
    container: &mut Map<String, Value>,
    verb: Verb,
    place: &Place,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let attribute = place.attribute;
    match (place.part, attribute.kind) {
        _ if attribute.many => change_list(container, verb, place, value),
        (Some(part), _) => within(container, attribute.name, |object| set(object, part, verb, value)),
        // Sub-attributes that are not given stay (RFC 7644 §3.5.2.3).
        (None, Kind::Complex) if verb != Verb::Remove && value.is_some_and(Value::is_object) => {
            within(container, attribute.name, |object| merge_parts(object, attribute, value))
        }
        _ => set(container, attribute, verb, value),
    }
}

/// Writes or removes a single value.
pub(super) fn set(
    container: &mut Map<String, Value>,
    attribute: &Attribute,
    verb: Verb,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let given = match (verb, value) {
        (Verb::Remove, _) => None,
        (_, Some(value)) => read_attribute(attribute, value)?,
        (_, None) => return Err(ScimError::value(attribute.name, "A value is missing.")),
    };
    match given {
        Some(value) => {
            container.insert(attribute.name.to_owned(), value);
        }
        None if attribute.required => {
            let detail = format!("{}: This is required, and cannot be removed.", attribute.name);
            return Err(ScimError::bad(ScimType::Mutability, detail));
        }
        None => {
            container.remove(attribute.name);
        }
    }
    Ok(())
}

/// Writes the sub-attributes that are given; one that is null goes.
pub(super) fn merge_parts(
    object: &mut Map<String, Value>,
    attribute: &Attribute,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    each_member(value, |name, value| match find(attribute.parts, name) {
        Some(part) => set(object, part, Verb::Replace, Some(value)),
        None => Ok(()),
    })
}

/// Edits the object at a name, which is there as long as there is something in it.
fn within(
    container: &mut Map<String, Value>,
    name: &str,
    edit: impl FnOnce(&mut Map<String, Value>) -> Result<(), ScimError>,
) -> Result<(), ScimError> {
    let mut object = match container.remove(name) {
        Some(Value::Object(object)) => object,
        _ => Map::new(),
    };
    edit(&mut object)?;
    if !object.is_empty() {
        container.insert(name.to_owned(), Value::Object(object));
    }
    Ok(())
}
