//! What a path points at.

use crate::error::{ScimError, ScimType};
use crate::filter::{AttributePath, Filter, ParseError, parse_path};
use crate::schema::{
    Attribute, EXTENSION, Kind, Mutability, USER, extension, find, find_core, is_assigned, is_ignored,
};

/// Where an operation is done.
#[derive(Debug)]
pub(super) enum Target {
    /// The attributes of the core schema, as if there were no path.
    Core,
    /// The attributes of the extension.
    Extension,
    /// One attribute.
    Attribute(Place),
    /// Something that is not kept, and is ignored wherever it is written.
    Ignored,
}

/// An attribute, or a part of some of its values.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) attribute: &'static Attribute,
    pub(super) in_extension: bool,
    pub(super) filter: Option<Filter>,
    pub(super) part: Option<&'static Attribute>,
}

/// Sub-attributes of RFC 7643 that are not kept.
const IGNORED_PARTS: [&str; 5] = ["display", "$ref", "middleName", "honorificPrefix", "honorificSuffix"];

/// Finds what a path points at.
///
/// # Errors
/// `invalidPath` for what is no attribute, `mutability` for one that the server alone writes.
pub(super) fn resolve(path: &str) -> Result<Target, ScimError> {
    if path.eq_ignore_ascii_case(USER) {
        return Ok(Target::Core);
    }
    if path.eq_ignore_ascii_case(EXTENSION) {
        return Ok(Target::Extension);
    }
    let parsed = parse_path(path).map_err(refused)?;
    let schema = parsed.attribute.schema.as_deref();
    let in_extension = schema.is_some_and(|schema| schema.eq_ignore_ascii_case(EXTENSION));
    // Another extension's: the enterprise user's department, say.
    if !in_extension && schema.is_some_and(|schema| !schema.eq_ignore_ascii_case(USER)) {
        return Ok(Target::Ignored);
    }
    match find_attribute(&parsed.attribute, in_extension)? {
        Some(attribute) => place(attribute, in_extension, parsed.attribute, parsed.filter),
        None => Ok(Target::Ignored),
    }
}

/// The attribute; `None` where it is one that is ignored.
fn find_attribute(path: &AttributePath, in_extension: bool) -> Result<Option<&'static Attribute>, ScimError> {
    let found = if in_extension { find(extension(), &path.name) } else { find_core(&path.name) };
    match found {
        Some(attribute) if attribute.mutability == Mutability::ReadOnly => Err(read_only()),
        Some(attribute) => Ok(Some(attribute)),
        None if is_assigned(&path.name) && !in_extension => Err(read_only()),
        None if is_ignored(&path.name) && !in_extension => Ok(None),
        None => Err(invalid("There is no such attribute.")),
    }
}

fn place(
    attribute: &'static Attribute,
    in_extension: bool,
    path: AttributePath,
    filter: Option<Filter>,
) -> Result<Target, ScimError> {
    if filter.is_some() && !(attribute.many && attribute.kind == Kind::Complex) {
        return Err(invalid("Only values of a list are chosen by a filter."));
    }
    let part = match path.part.as_deref() {
        None => None,
        Some(name) => match find(attribute.parts, name) {
            Some(part) => Some(part),
            None if attribute.kind == Kind::Complex
                && IGNORED_PARTS.iter().any(|own| own.eq_ignore_ascii_case(name)) =>
            {
                return Ok(Target::Ignored);
            }
            None => return Err(invalid("There is no such sub-attribute.")),
        },
    };
    Ok(Target::Attribute(Place { attribute, in_extension, filter, part }))
}

fn refused(error: ParseError) -> ScimError {
    invalid(&error.to_string())
}

fn invalid(detail: &str) -> ScimError {
    ScimError::bad(ScimType::InvalidPath, detail)
}

fn read_only() -> ScimError {
    ScimError::bad(ScimType::Mutability, "This attribute is assigned by the server.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place_of(path: &str) -> Place {
        match resolve(path).unwrap() {
            Target::Attribute(place) => place,
            other => panic!("{path}: {other:?}"),
        }
    }

    #[test]
    fn paths_are_found_in_any_case_and_with_their_schema() {
        for (path, name, part) in [
            ("USERNAME", "userName", None),
            ("urn:ietf:params:scim:schemas:core:2.0:User:name.GIVENNAME", "name", Some("givenName")),
            ("emails[type eq \"work\"].value", "emails", Some("value")),
            ("externalID", "externalId", None),
            ("urn:postern:params:scim:schemas:extension:2.0:User:Kind", "kind", None),
        ] {
            let place = place_of(path);
            assert_eq!((place.attribute.name, place.part.map(|part| part.name)), (name, part), "{path}");
        }
        assert!(matches!(resolve(&USER.to_uppercase()), Ok(Target::Core)));
        assert!(matches!(resolve(EXTENSION), Ok(Target::Extension)));
    }

    #[test]
    fn what_is_not_kept_is_ignored() {
        for path in [
            "title",
            "addresses[type eq \"work\"].locality",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            "name.middleName",
            "emails[type eq \"work\"].display",
        ] {
            assert!(matches!(resolve(path), Ok(Target::Ignored)), "{path}");
        }
    }

    #[test]
    fn what_is_nothing_is_refused_by_its_kind() {
        for (path, scim_type) in [
            ("userNames", ScimType::InvalidPath),
            ("emails.locality", ScimType::InvalidPath),
            ("userName.value", ScimType::InvalidPath),
            ("userName[value eq \"x\"]", ScimType::InvalidPath),
            ("name[givenName eq \"x\"]", ScimType::InvalidPath),
            ("emails[", ScimType::InvalidPath),
            ("urn:postern:params:scim:schemas:extension:2.0:User:userName", ScimType::InvalidPath),
            ("id", ScimType::Mutability),
            ("meta.version", ScimType::Mutability),
            ("urn:postern:params:scim:schemas:extension:2.0:User:unusableContacts", ScimType::Mutability),
        ] {
            assert_eq!(resolve(path).unwrap_err().scim_type, Some(scim_type), "{path}");
        }
    }
}
