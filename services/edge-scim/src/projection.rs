//! `attributes` and `excludedAttributes` (RFC 7644 §3.9): which part of a user is answered.

use serde_json::{Map, Value};

use crate::error::{ScimError, ScimType};
use crate::filter::{AttributePath, parse_path};
use crate::schema::{EXTENSION, USER, extension};

/// What is answered of a user; `id` and `schemas` always are.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Projection {
    #[default]
    Whole,
    Only(Vec<AttributePath>),
    Without(Vec<AttributePath>),
}

const ALWAYS: [&str; 2] = ["schemas", "id"];

impl Projection {
    /// From the two parameters, which exclude each other; a name that is none selects nothing.
    ///
    /// # Errors
    /// `invalidValue` where both are given.
    pub(crate) fn read(attributes: &[String], excluded: &[String]) -> Result<Self, ScimError> {
        match (attributes.is_empty(), excluded.is_empty()) {
            (true, true) => Ok(Self::Whole),
            (false, true) => Ok(Self::Only(attributes.iter().filter_map(|name| path(name)).collect())),
            (true, false) => Ok(Self::Without(excluded.iter().filter_map(|name| path(name)).collect())),
            (false, false) => {
                let detail = "attributes and excludedAttributes exclude each other.";
                Err(ScimError::bad(ScimType::InvalidValue, detail))
            }
        }
    }

    /// The part of a user that is wanted.
    pub(crate) fn apply(&self, mut body: Map<String, Value>) -> Map<String, Value> {
        let excluded = match self {
            Self::Only(paths) => return only(&body, paths),
            Self::Without(paths) => paths.as_slice(),
            Self::Whole => &[],
        };
        let on_request = extension().iter().filter(|attribute| attribute.on_request);
        let unasked: Vec<_> = on_request.map(|attribute| of_extension(attribute.name)).collect();
        let left_out = excluded.iter().filter(|path| !is_always(path)).chain(&unasked);
        left_out.for_each(|path| without(&mut body, path));
        body
    }
}

/// A name with or without its schema; a schema alone is everything of it.
fn path(name: &str) -> Option<AttributePath> {
    let name = name.trim();
    if name.eq_ignore_ascii_case(EXTENSION) {
        return Some(AttributePath { name: EXTENSION.to_owned(), ..AttributePath::default() });
    }
    let path = parse_path(name).ok().filter(|path| path.filter.is_none())?.attribute;
    match path.schema.as_deref() {
        // An attribute of the extension is a part of what stands under its URI.
        Some(schema) if schema.eq_ignore_ascii_case(EXTENSION) => Some(of_extension(&path.name)),
        Some(schema) if !schema.eq_ignore_ascii_case(USER) => None,
        _ => Some(AttributePath { schema: None, ..path }),
    }
}

/// An attribute of the extension, as it stands in a user.
fn of_extension(name: &str) -> AttributePath {
    AttributePath { name: EXTENSION.to_owned(), part: Some(name.to_owned()), schema: None }
}

fn is_always(path: &AttributePath) -> bool {
    ALWAYS.iter().any(|name| name.eq_ignore_ascii_case(&path.name))
}

fn key<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a String> {
    map.keys().find(|key| key.eq_ignore_ascii_case(name))
}

fn only(body: &Map<String, Value>, paths: &[AttributePath]) -> Map<String, Value> {
    let mut kept = Map::new();
    for (name, value) in body {
        let asked: Vec<_> = paths.iter().filter(|path| path.name.eq_ignore_ascii_case(name)).collect();
        if ALWAYS.contains(&name.as_str()) || asked.iter().any(|path| path.part.is_none()) {
            kept.insert(name.clone(), value.clone());
        } else if !asked.is_empty() {
            let mut value = value.clone();
            let is_asked = |key: &str| {
                asked.iter().any(|path| path.part.as_ref().is_some_and(|part| part.eq_ignore_ascii_case(key)))
            };
            each_object(&mut value, |object| object.retain(|key, _| is_asked(key)));
            kept.insert(name.clone(), value);
        }
    }
    kept
}

fn without(body: &mut Map<String, Value>, path: &AttributePath) {
    let Some(name) = key(body, &path.name).cloned() else { return };
    let (Some(part), Some(value)) = (&path.part, body.get_mut(&name)) else {
        body.remove(&name);
        return;
    };
    each_object(value, |object| object.retain(|key, _| !key.eq_ignore_ascii_case(part)));
    if value.as_object().is_some_and(Map::is_empty) {
        body.remove(&name);
    }
}

/// A complex value, or each of several.
fn each_object(value: &mut Value, edit: impl Fn(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => edit(object),
        Value::Array(values) => values.iter_mut().filter_map(Value::as_object_mut).for_each(edit),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn user() -> Map<String, Value> {
        let user = json!({
            "schemas": [USER], "id": "user_1", "userName": "ann", "active": true, "name": { "givenName": "Ann", "familyName": "Lee" },
            "emails": [{ "value": "a", "type": "work" }, { "value": "b" }], EXTENSION: { "kind": "INTERNAL", "x": 1 },
        });
        user.as_object().unwrap().clone()
    }

    fn names(list: &str) -> Vec<String> {
        list.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    fn kept(attributes: &str, excluded: &str) -> Value {
        Value::Object(Projection::read(&names(attributes), &names(excluded)).unwrap().apply(user()))
    }

    #[test]
    fn what_is_asked_for_is_answered_with_the_identity() {
        let base = json!({ "schemas": [USER], "id": "user_1" });
        let with = |more: Value| {
            let mut all = base.as_object().unwrap().clone();
            all.extend(more.as_object().unwrap().clone());
            Value::Object(all)
        };
        assert_eq!(kept("USERNAME", ""), with(json!({ "userName": "ann" })));
        assert_eq!(
            kept("name.givenName,emails.value", ""),
            with(json!({
                "name": { "givenName": "Ann" }, "emails": [{ "value": "a" }, { "value": "b" }],
            }))
        );
        assert_eq!(kept("name, name.givenName", ""), with(json!({ "name": user()["name"] })));
        assert_eq!(kept(&format!("{USER}:active"), ""), with(json!({ "active": true })));
        assert_eq!(kept(&format!("{EXTENSION}:KIND"), ""), with(json!({ EXTENSION: { "kind": "INTERNAL" } })));
        assert_eq!(kept(EXTENSION, ""), with(json!({ EXTENSION: user()[EXTENSION] })));
        assert_eq!(kept("nothing,[,urn:other:name", ""), base, "a name that is none selects nothing");
    }

    #[test]
    fn what_is_excluded_is_left_out_but_for_the_identity() {
        let left = kept("", &format!("id,SCHEMAS,userName,name.familyName,emails.type,{EXTENSION}:x,unknown"));
        assert_eq!(
            left,
            json!({
                "schemas": [USER], "id": "user_1", "active": true, "name": { "givenName": "Ann" },
                "emails": [{ "value": "a" }, { "value": "b" }], EXTENSION: { "kind": "INTERNAL" },
            })
        );
        assert_eq!(kept("", ""), Value::Object(user()));
    }

    #[test]
    fn some_is_answered_to_whoever_asks_for_it_alone() {
        let mut user = user();
        user[EXTENSION] = json!({ "unusableContacts": ["0199"] });
        let kept = |attributes: &str, excluded: &str| {
            let kept = Projection::read(&names(attributes), &names(excluded)).unwrap().apply(user.clone());
            kept.get(EXTENSION).cloned()
        };
        assert_eq!((kept("", ""), kept("", "name")), (None, None), "and nothing else is left of the extension");
        assert_eq!(kept(&format!("{EXTENSION}:unusableContacts"), ""), Some(json!({ "unusableContacts": ["0199"] })));
    }

    #[test]
    fn both_at_once_are_refused() {
        assert!(Projection::read(&names("id"), &names("name")).is_err());
    }
}
