//! A user between the service, which knows it as values, and the wire, where it is JSON of its schemas.

use core_kernel::{Timestamp, TypedId};
use core_policy::UserKind;
use serde_json::{Map, Value, json};
use svc_directory::users::{ContactEntry, DirectoryUser, PersonName, Profile, Provisioned};

use crate::error::ScimError;
use crate::etag;
use crate::schema::{EXTENSION, USER};

/// A user as it is answered.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    /// All of it.
    pub(crate) body: Map<String, Value>,
    /// Its entity tag.
    pub(crate) version: String,
    /// Its address.
    pub(crate) location: String,
}

/// What holds of a user where a client does not say: a new user can log in and is a client of the
/// tenant's, the audience that no network lets in; an existing one stays as it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Defaults {
    active: bool,
    kind: UserKind,
    kind_told: bool,
}

impl Defaults {
    /// Of a new user.
    pub(crate) const NEW: Self = Self { active: true, kind: UserKind::External, kind_told: false };

    /// Of a user that is replaced: a directory that knows nothing of kinds leaves the audience alone.
    pub(crate) fn replacing(user: &DirectoryUser) -> Self {
        Self { active: user.active, kind: user.kind, kind_told: user.profile.kind_told }
    }

    /// Of a user that is patched: what is not there any more was removed.
    pub(crate) fn patching(user: &DirectoryUser) -> Self {
        Self { active: user.active, ..Self::NEW }
    }
}

/// The entity tag of a user as it is.
pub(crate) fn version(user: &Provisioned) -> String {
    etag::version(&user.user_id.to_text(), &writable(&user.data))
}

/// The whole representation; `base` is the address of `/scim/v2`.
pub(crate) fn represent(user: &Provisioned, base: &str) -> Resource {
    let mut body = writable(&user.data);
    let id = user.user_id.to_text();
    let version = etag::version(&id, &body);
    let location = format!("{base}/Users/{id}");
    let unusable = user.data.profile.unusable();
    if !unusable.is_empty() {
        body.entry(EXTENSION).or_insert_with(|| json!({}))["unusableContacts"] = json!(unusable);
    }
    body.insert("schemas".to_owned(), json!([USER, EXTENSION]));
    body.insert("id".to_owned(), json!(id));
    let created = created(user.created_at);
    let meta = json!({ "resourceType": "User", "created": created, "location": location, "version": version });
    body.insert("meta".to_owned(), meta);
    Resource { body, version, location }
}

fn created(at: Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// What a client may write, of a user as it is.
pub(crate) fn writable(user: &DirectoryUser) -> Map<String, Value> {
    let profile = &user.profile;
    let name = &profile.name;
    let name = object([
        ("formatted", name.formatted.as_ref().map(|text| json!(text))),
        ("familyName", name.family_name.as_ref().map(|text| json!(text))),
        ("givenName", name.given_name.as_ref().map(|text| json!(text))),
    ]);
    let kind_is_told = profile.kind_told || user.kind == UserKind::Internal;
    let list = |entries: &[ContactEntry]| (!entries.is_empty()).then(|| entries.iter().map(entry).collect());
    object([
        ("userName", Some(json!(user.user_name))),
        ("externalId", user.directory_id.as_ref().map(|text| json!(text))),
        ("name", (!name.is_empty()).then_some(Value::Object(name))),
        ("displayName", profile.display_name.as_ref().map(|text| json!(text))),
        ("preferredLanguage", user.language.as_ref().map(|text| json!(text))),
        ("active", Some(json!(user.active))),
        ("emails", list(&profile.emails)),
        ("phoneNumbers", list(&profile.phones)),
        (EXTENSION, kind_is_told.then(|| json!({ "kind": user.kind.as_str() }))),
    ])
}

fn entry(entry: &ContactEntry) -> Value {
    Value::Object(object([
        ("value", Some(json!(entry.value))),
        ("type", entry.kind.as_ref().map(|text| json!(text))),
        ("primary", entry.primary.map(|truth| json!(truth))),
    ]))
}

fn object<const N: usize>(entries: [(&str, Option<Value>); N]) -> Map<String, Value> {
    entries.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// A user out of attributes in the form of the table ([`crate::schema::read_user`]).
///
/// # Errors
/// `invalidValue` without a `userName`, and for a kind that is none.
pub(crate) fn user_of(map: &Map<String, Value>, defaults: Defaults) -> Result<DirectoryUser, ScimError> {
    let user_name = text(map, "userName").ok_or_else(|| ScimError::value("userName", "This is required."))?;
    let name = map.get("name").and_then(Value::as_object);
    let part = |key: &str| name.and_then(|name| text(name, key));
    let kind = kind_of(map)?;
    Ok(DirectoryUser {
        user_name,
        directory_id: text(map, "externalId"),
        kind: kind.unwrap_or(defaults.kind),
        language: text(map, "preferredLanguage").map(|language| tag_of(&language)),
        active: map.get("active").and_then(Value::as_bool).unwrap_or(defaults.active),
        profile: Profile {
            display_name: text(map, "displayName"),
            name: PersonName {
                formatted: part("formatted"),
                family_name: part("familyName"),
                given_name: part("givenName"),
            },
            emails: entries(map, "emails"),
            phones: entries(map, "phoneNumbers"),
            kind_told: kind.is_some() || defaults.kind_told,
        },
    })
}

fn kind_of(map: &Map<String, Value>) -> Result<Option<UserKind>, ScimError> {
    let Some(word) = map.get(EXTENSION).and_then(|own| own["kind"].as_str()) else { return Ok(None) };
    let kind = UserKind::parse(&word.to_ascii_uppercase());
    kind.map(Some).ok_or_else(|| ScimError::value("kind", "This is INTERNAL or EXTERNAL."))
}

/// The first language of what RFC 7643 has as the value of Accept-Language, also in the spelling of
/// locales (`en_US`).
fn tag_of(text: &str) -> String {
    let first = text.split([',', ';']).next().unwrap_or_default();
    first.trim().replace('_', "-")
}

/// Entries with a value; one without says nothing.
fn entries(map: &Map<String, Value>, name: &str) -> Vec<ContactEntry> {
    let list = map.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let read = |entry: &Value| {
        let entry = entry.as_object()?;
        let primary = entry.get("primary").and_then(Value::as_bool);
        Some(ContactEntry { value: text(entry, "value")?, kind: text(entry, "type"), primary })
    };
    list.iter().filter_map(read).collect()
}

fn text(map: &Map<String, Value>, name: &str) -> Option<String> {
    map.get(name).and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::read_user;
    use core_kernel::UserId;
    use uuid::Uuid;

    fn read(given: Value, defaults: Defaults) -> Result<DirectoryUser, ScimError> {
        user_of(&read_user(&given).unwrap(), defaults)
    }

    fn whole() -> Value {
        json!({
            "userName": "ann", "externalId": "00u1", "displayName": "Ann", "preferredLanguage": "es",
            "name": { "formatted": "Ann Lee", "familyName": "Lee", "givenName": "Ann" }, "active": false,
            "emails": [{ "value": "ann@example.com", "type": "work", "primary": true }],
            "phoneNumbers": [{ "value": "+14155550132" }, { "value": "5550199", "type": "work", "primary": false }],
            EXTENSION: { "kind": "INTERNAL" },
        })
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let user = read(whole(), Defaults::NEW).unwrap();
        assert_eq!(Value::Object(writable(&user)), whole());
    }

    #[test]
    fn what_is_not_told_has_a_default_or_stays() {
        let new = read(json!({ "userName": "ann" }), Defaults::NEW).unwrap();
        assert_eq!((new.active, new.kind), (true, UserKind::External));
        let staying = Defaults { active: false, kind: UserKind::Internal, kind_told: false };
        let user = read(json!({ "userName": "ann" }), staying).unwrap();
        assert_eq!((user.active, user.kind), (false, UserKind::Internal));
        assert_eq!(user.profile, Profile::default(), "what a replacement leaves out is cleared");
        let patched = read(json!({ "userName": "ann" }), Defaults::patching(&user)).unwrap();
        assert_eq!((patched.active, patched.kind), (false, UserKind::External), "and what a patch removes");
        assert!(!writable(&patched).contains_key(EXTENSION), "an EXTERNAL that nobody told of is unassigned");
    }

    #[test]
    fn a_user_has_a_name_and_one_of_two_kinds() {
        assert!(read(json!({ "displayName": "Ann" }), Defaults::NEW).is_err());
        assert!(read(json!({ "userName": "" }), Defaults::NEW).is_err());
        let boss = json!({ "userName": "ann", EXTENSION: { "kind": "BOSS" } });
        assert_eq!(read(boss, Defaults::NEW).unwrap_err().detail, "kind: This is INTERNAL or EXTERNAL.");
    }

    #[test]
    fn languages_come_as_locales_and_as_lists() {
        for (given, tag) in [("es", "es"), ("en_US", "en-US"), ("fr-CH, fr;q=0.9", "fr-CH"), ("de;q=1", "de")] {
            assert_eq!(tag_of(given), tag);
        }
    }

    #[test]
    fn the_answer_tells_identity_and_what_is_no_contact() {
        let data = read(whole(), Defaults::NEW).unwrap();
        let user_id = UserId(Uuid::from_u128(1));
        let created_at = "2026-01-02T03:04:05.678901Z".parse().unwrap();
        let resource = represent(&Provisioned { user_id, created_at, data }, "https://p.example/scim/v2");
        let body = Value::Object(resource.body);
        assert_eq!(body["id"], json!(user_id.to_text()));
        assert_eq!(body["schemas"], json!([USER, EXTENSION]));
        assert_eq!(body["meta"]["created"], "2026-01-02T03:04:05.678901Z");
        assert_eq!(body["meta"]["version"], json!(resource.version));
        assert_eq!(body["meta"]["location"], json!(format!("https://p.example/scim/v2/Users/{}", user_id.to_text())));
        assert_eq!(body[EXTENSION]["unusableContacts"], json!(["5550199"]));
        assert!(body.get("password").is_none());
    }
}
