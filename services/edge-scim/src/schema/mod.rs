//! What a user is, in one table ([`attributes`]): from it are read the published schema, the attributes
//! of a request in whatever case, and the targets of a path.

mod attributes;
mod published;
mod read;

pub(crate) use attributes::{
    Attribute, EXTENSION, Kind, Mutability, USER, extension, find, find_core, is_assigned, is_ignored,
};
pub(crate) use published::{resource_type, resource_types, schema, schemas, service_provider_config};
pub(crate) use read::{as_boolean, read_attribute, read_user};

/// `urn:…:ListResponse`.
pub(crate) const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
