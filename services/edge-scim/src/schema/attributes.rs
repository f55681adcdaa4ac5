//! The attributes of a user that Postern keeps: a part of RFC 7643 §4.1, and one extension.
//!
//! To add one: a row here, its place in `crate::resource`, and in `svc_directory`'s profile. Rows that
//! are not `readOnly` are what a client may write; whatever else RFC 7643 knows of a user is ignored.

/// The core schema of a user.
pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// What Postern adds to it.
pub(crate) const EXTENSION: &str = "urn:postern:params:scim:schemas:extension:2.0:User";

/// An attribute's type (RFC 7643 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Boolean,
    Complex,
}

/// Who may write it (RFC 7643 §2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mutability {
    ReadOnly,
    ReadWrite,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) many: bool,
    pub(crate) required: bool,
    pub(crate) mutability: Mutability,
    /// Whether it is answered only to whoever asks for it by name (RFC 7643 §7 `returned`).
    pub(crate) on_request: bool,
    /// Whether no two users of a tenant share a value.
    pub(crate) unique: bool,
    /// Values that are suggested, or the only ones where the description says so.
    pub(crate) canonical: &'static [&'static str],
    pub(crate) parts: &'static [Attribute],
    pub(crate) description: &'static str,
}

const fn text(name: &'static str, description: &'static str) -> Attribute {
    Attribute {
        name,
        kind: Kind::Text,
        many: false,
        required: false,
        mutability: Mutability::ReadWrite,
        on_request: false,
        unique: false,
        canonical: &[],
        parts: &[],
        description,
    }
}

const fn list(name: &'static str, parts: &'static [Attribute], description: &'static str) -> Attribute {
    Attribute { kind: Kind::Complex, many: true, parts, ..text(name, description) }
}

const PRIMARY: Attribute = Attribute {
    kind: Kind::Boolean,
    ..text("primary", "Whether it is the one to use first. Of several, one at most is.")
};

const EMAIL_PARTS: &[Attribute] = &[
    text("value", "The address."),
    Attribute { canonical: &["work", "home", "other"], ..text("type", "What it is for.") },
    PRIMARY,
];

const PHONE_PARTS: &[Attribute] = &[
    text("value", "The number, in international form: +1 415 555 0132, or as a URI of RFC 3966."),
    Attribute {
        canonical: &["work", "home", "mobile", "fax", "pager", "other"],
        ..text("type", "What it is. Where digits do not tell, one at work or at home is called and gets no texts.")
    },
    PRIMARY,
];

const NAME_PARTS: &[Attribute] = &[
    text("formatted", "The whole name, as it is shown."),
    text("familyName", "The family name."),
    text("givenName", "The given name."),
];

const USER_ATTRIBUTES: &[Attribute] = &[
    Attribute {
        required: true,
        unique: true,
        ..text(
            "userName",
            "The user's external identifier in Postern: by it the user's logins are asked about. Found in any \
             spelling (NFKC, case folded). Changing it renames the user.",
        )
    },
    Attribute {
        parts: NAME_PARTS,
        kind: Kind::Complex,
        ..text("name", "The parts of the name. Without displayName, the name that is shown is made of them.")
    },
    text("displayName", "The name that is shown."),
    Attribute {
        canonical: &["en", "es", "en-US", "es-US"],
        ..text("preferredLanguage", "The language of texts and calls (BCP 47).")
    },
    Attribute {
        kind: Kind::Boolean,
        required: true,
        ..text(
            "active",
            "Whether the user can log in: true for a new user of whom it is not told. False ends at once what is open: \
             logins, codes, links, trusted devices.",
        )
    },
    list(
        "emails",
        EMAIL_PARTS,
        "The primary one, else the one at work, else the first becomes the address on record, which one user alone \
         has, and is suggested as a factor.",
    ),
    list(
        "phoneNumbers",
        PHONE_PARTS,
        "The primary one, else a mobile, is suggested as the user's phone, and another one for recovery. A suggested \
         number proves nothing until the user confirms it; until then the first phone that is enrolled is that one.",
    ),
];

const EXTENSION_ATTRIBUTES: &[Attribute] = &[
    Attribute {
        canonical: &["INTERNAL", "EXTERNAL"],
        ..text(
            "kind",
            "Whose people: the tenant's own (INTERNAL) or clients and counterparties (EXTERNAL); nothing else. \
             Unassigned, it is EXTERNAL.",
        )
    },
    Attribute {
        many: true,
        mutability: Mutability::ReadOnly,
        on_request: true,
        ..text("unusableContacts", "Addresses and numbers above that no code can reach, and that are no contacts.")
    },
];

/// `externalId`, which every resource has (RFC 7643 §3.1) and no schema lists.
const EXTERNAL_ID: Attribute = text("externalId", "The directory's own key, given back as it was given.");

/// The attributes of the core schema.
pub(crate) fn user() -> &'static [Attribute] {
    USER_ATTRIBUTES
}

/// The attributes of the extension.
pub(crate) fn extension() -> &'static [Attribute] {
    EXTENSION_ATTRIBUTES
}

/// The attribute of this name, in whatever case (RFC 7643 §2.1).
pub(crate) fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

/// The same of the core schema, `externalId` included.
pub(crate) fn find_core(name: &str) -> Option<&'static Attribute> {
    static COMMON: &[Attribute] = &[EXTERNAL_ID];
    find(USER_ATTRIBUTES, name).or_else(|| find(COMMON, name))
}

/// What RFC 7643 §4.1 knows of a user and Postern does not keep: it is ignored wherever it is written.
const NOT_KEPT: [&str; 14] = [
    "nickName",
    "profileUrl",
    "title",
    "userType",
    "locale",
    "timezone",
    "password",
    "ims",
    "photos",
    "addresses",
    "groups",
    "entitlements",
    "roles",
    "x509Certificates",
];

/// Whether an attribute of the core schema is one that is ignored.
pub(crate) fn is_ignored(name: &str) -> bool {
    NOT_KEPT.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Attributes that the server alone writes, of every resource.
pub(crate) fn is_assigned(name: &str) -> bool {
    ["schemas", "id", "meta"].iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case() {
        assert_eq!(find_core("USERNAME").map(|one| one.name), Some("userName"));
        assert_eq!(find_core("externalid").map(|one| one.name), Some("externalId"));
        assert_eq!(find(extension(), "Kind").map(|one| one.name), Some("kind"));
        assert!(find_core("kind").is_none() && find_core("user").is_none());
    }

    #[test]
    fn no_attribute_is_both_kept_and_ignored() {
        for attribute in user() {
            assert!(!is_ignored(attribute.name) && !is_assigned(attribute.name), "{}", attribute.name);
        }
        assert!(is_ignored("PASSWORD"), "a password is never kept");
    }

    #[test]
    fn what_has_parts_is_complex() {
        for attribute in user().iter().chain(extension()) {
            assert_eq!(attribute.kind == Kind::Complex, !attribute.parts.is_empty(), "{}", attribute.name);
        }
    }
}
