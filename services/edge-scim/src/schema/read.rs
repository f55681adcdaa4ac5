//! Reading what a client wrote into the form of the table: names as the table has them, values of their
//! type, and nothing that is not kept.
//!
//! Directories have habits. Entra writes booleans as texts, Okta clears an attribute with an empty one,
//! and both write attributes that were never in the schema; all of that is understood.

use serde_json::{Map, Value};

use super::attributes::{Attribute, EXTENSION, Kind, Mutability, extension, find, find_core};
use crate::error::{ScimError, ScimType};

/// What a client may write of a user, out of a whole representation.
///
/// # Errors
/// `invalidSyntax` for what is no object, `invalidValue` for values of another type.
pub(crate) fn read_user(given: &Value) -> Result<Map<String, Value>, ScimError> {
    let object = given.as_object().ok_or_else(|| {
        ScimError::bad(ScimType::InvalidSyntax, "A user is a JSON object with the attributes of its schemas.")
    })?;
    let mut user = Map::new();
    for (name, value) in object {
        if name.eq_ignore_ascii_case(EXTENSION) {
            if let Some(read) = read_parts(EXTENSION, extension(), value)? {
                user.insert(EXTENSION.to_owned(), read);
            }
        } else if let Some(attribute) = find_core(name)
            && let Some(read) = read_attribute(attribute, value)?
        {
            user.insert(attribute.name.to_owned(), read);
        }
    }
    Ok(user)
}

/// A value of an attribute; `None` where it is unassigned (RFC 7643 §2.5), or not the client's to write.
///
/// # Errors
/// `invalidValue` for a value of another type.
pub(crate) fn read_attribute(attribute: &Attribute, value: &Value) -> Result<Option<Value>, ScimError> {
    if attribute.mutability == Mutability::ReadOnly || value.is_null() {
        return Ok(None);
    }
    if !attribute.many {
        return read_one(attribute, value);
    }
    // One value without its list is a list of one.
    let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let read: Result<Vec<_>, _> = values.iter().filter_map(|one| read_one(attribute, one).transpose()).collect();
    let read = read?;
    Ok((!read.is_empty()).then_some(Value::Array(read)))
}

fn read_one(attribute: &Attribute, value: &Value) -> Result<Option<Value>, ScimError> {
    match (attribute.kind, value) {
        (_, Value::Null) => Ok(None),
        (Kind::Text, Value::String(text)) => Ok((!text.is_empty()).then(|| value.clone())),
        (Kind::Boolean, _) => match as_boolean(value) {
            Some(truth) => Ok(Some(Value::Bool(truth))),
            None => Err(ScimError::value(attribute.name, "This is true or false.")),
        },
        (Kind::Complex, _) => read_parts(attribute.name, attribute.parts, value),
        (Kind::Text, _) => Err(ScimError::value(attribute.name, "This is a text.")),
    }
}

fn read_parts(name: &str, parts: &[Attribute], value: &Value) -> Result<Option<Value>, ScimError> {
    let object = value.as_object().ok_or_else(|| ScimError::value(name, "This is an object of sub-attributes."))?;
    let mut read = Map::new();
    for (key, value) in object {
        let Some(part) = find(parts, key) else { continue };
        if let Some(value) = read_attribute(part, value)? {
            read.insert(part.name.to_owned(), value);
        }
    }
    Ok((!read.is_empty()).then_some(Value::Object(read)))
}

/// A boolean, also as a text in any case.
pub(crate) fn as_boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(given: Value) -> Value {
        Value::Object(read_user(&given).unwrap())
    }

    #[test]
    fn names_are_the_tables_and_the_rest_is_left_out() {
        let given = json!({
            "SCHEMAS": ["x"], "ID": "user_1", "username": "ann", "Name": { "GIVENNAME": "Ann", "middleName": "B" },
            "password": "secret", "title": "Dr", "unheardOf": { "a": 1 },
            "URN:postern:params:scim:schemas:extension:2.0:user": { "KIND": "INTERNAL", "unusableContacts": ["x"] },
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "x" },
        });
        let expected = json!({ "userName": "ann", "name": { "givenName": "Ann" }, EXTENSION: { "kind": "INTERNAL" } });
        assert_eq!(read(given), expected);
    }

    #[test]
    fn the_habits_of_directories_are_understood() {
        assert_eq!(read(json!({ "active": "False" })), json!({ "active": false }));
        assert_eq!(read(json!({ "active": "TRUE" })), json!({ "active": true }));
        assert_eq!(read(json!({ "displayName": "", "name": null, "emails": [], "externalId": null })), json!({}));
        let one = json!({ "emails": { "value": "a@a.example", "primary": "True", "display": "A" } });
        assert_eq!(read(one), json!({ "emails": [{ "value": "a@a.example", "primary": true }] }));
        assert_eq!(read(json!({ "emails": [{}, null, { "type": "" }] })), json!({}), "nothing is in them");
    }

    #[test]
    fn values_of_another_type_are_refused() {
        for bad in [
            json!({ "userName": 1 }),
            json!({ "userName": ["ann"] }),
            json!({ "active": "yes" }),
            json!({ "active": 1 }),
            json!({ "name": "Ann" }),
            json!({ "emails": "a@a.example" }),
            json!({ "emails": [["a@a.example"]] }),
            json!({ "emails": [{ "primary": "perhaps" }] }),
            json!({ EXTENSION: "EXTERNAL" }),
        ] {
            let error = read_user(&bad).unwrap_err();
            assert_eq!(error.scim_type, Some(ScimType::InvalidValue), "{bad}");
        }
        for bad in [json!(null), json!([]), json!("ann")] {
            assert_eq!(read_user(&bad).unwrap_err().scim_type, Some(ScimType::InvalidSyntax), "{bad}");
        }
    }
}
