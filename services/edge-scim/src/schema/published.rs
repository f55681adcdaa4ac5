//! What clients discover (RFC 7644 §4): the documents that say what is served, and how.

use core_kernel::MAX_PAGE_SIZE;
use serde_json::{Value, json};

use super::attributes::{Attribute, EXTENSION, Kind, Mutability, USER, extension, user};

const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const SERVICE_PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

/// `/ServiceProviderConfig` (RFC 7643 §5); `base` is the address of `/scim/v2`.
pub(crate) fn service_provider_config(base: &str) -> Value {
    json!({
        "schemas": [SERVICE_PROVIDER_CONFIG],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": MAX_PAGE_SIZE },
        "changePassword": { "supported": false },
        "sort": { "supported": true },
        "etag": { "supported": true },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "API key",
            "description": "An API key with the scope USERS as a bearer token (RFC 6750). A partner's key also names \
                            the tenant: X-Postern-Tenant.",
            "primary": true,
        }],
        "meta": { "resourceType": "ServiceProviderConfig", "location": format!("{base}/ServiceProviderConfig") },
    })
}

/// Every resource type (RFC 7643 §6): users, and nothing else.
pub(crate) fn resource_types(base: &str) -> Vec<Value> {
    vec![json!({
        "schemas": [RESOURCE_TYPE],
        "id": "User",
        "name": "User",
        "endpoint": "/Users",
        "description": "A person whose logins the tenant protects. Groups are not supported: nothing in Postern \
                        depends on them.",
        "schema": USER,
        "schemaExtensions": [{ "schema": EXTENSION, "required": false }],
        "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/User") },
    })]
}

/// One of them.
pub(crate) fn resource_type(base: &str, id: &str) -> Option<Value> {
    find(resource_types(base), id)
}

/// Every schema (RFC 7643 §7).
pub(crate) fn schemas(base: &str) -> Vec<Value> {
    let core = "A person whose logins the tenant protects, as a directory tells of it.";
    let more = "What Postern adds to a user.";
    vec![schema_of(base, USER, "User", core, user()), schema_of(base, EXTENSION, "Postern", more, extension())]
}

/// One of them.
pub(crate) fn schema(base: &str, id: &str) -> Option<Value> {
    find(schemas(base), id)
}

fn find(documents: Vec<Value>, id: &str) -> Option<Value> {
    documents.into_iter().find(|document| document["id"] == id)
}

fn schema_of(base: &str, id: &str, name: &str, description: &str, attributes: &[Attribute]) -> Value {
    json!({
        "schemas": [SCHEMA],
        "id": id,
        "name": name,
        "description": description,
        "attributes": attributes.iter().map(attribute).collect::<Vec<_>>(),
        "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{id}") },
    })
}

fn attribute(one: &Attribute) -> Value {
    let kind = match one.kind {
        Kind::Text => "string",
        Kind::Boolean => "boolean",
        Kind::Complex => "complex",
    };
    let mutability = match one.mutability {
        Mutability::ReadOnly => "readOnly",
        Mutability::ReadWrite => "readWrite",
    };
    let mut value = json!({
        "name": one.name,
        "type": kind,
        "multiValued": one.many,
        "description": one.description,
        "required": one.required,
        "mutability": mutability,
        "returned": if one.on_request { "request" } else { "default" },
    });
    if one.kind == Kind::Text {
        value["caseExact"] = json!(false);
        value["uniqueness"] = json!(if one.unique { "server" } else { "none" });
    }
    if !one.canonical.is_empty() {
        value["canonicalValues"] = json!(one.canonical);
    }
    if !one.parts.is_empty() {
        value["subAttributes"] = one.parts.iter().map(attribute).collect();
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://postern.example/scim/v2";

    #[test]
    fn every_resource_type_has_its_schemas() {
        for kind in resource_types(BASE) {
            let extensions = kind["schemaExtensions"].as_array().unwrap();
            for id in extensions.iter().map(|one| &one["schema"]).chain([&kind["schema"]]) {
                assert!(schema(BASE, id.as_str().unwrap()).is_some(), "{id}");
            }
        }
        assert!(resource_type(BASE, "Group").is_none());
    }

    #[test]
    fn documents_say_where_they_are() {
        for document in schemas(BASE).into_iter().chain(resource_types(BASE)) {
            let location = document["meta"]["location"].as_str().unwrap();
            assert!(location.starts_with(BASE) && location.ends_with(document["id"].as_str().unwrap()), "{location}");
        }
    }

    #[test]
    fn the_user_name_is_required_and_unique() {
        let schema = schema(BASE, USER).unwrap();
        let name = &schema["attributes"][0];
        assert_eq!((&name["name"], &name["required"]), (&json!("userName"), &json!(true)));
        assert_eq!((&name["uniqueness"], &name["caseExact"]), (&json!("server"), &json!(false)));
    }
}
