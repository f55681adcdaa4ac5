//! Who may call what is one committed text, and nothing can be called that it does not speak of.

#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use core_access::{OPERATIONS, render_matrix};

/// `node` asks the operation of whatever it finds; each loader is a line in `load_node`.
const ASKS_ITSELF: [&str; 1] = ["node"];

/// The fields of every object type.
fn schema() -> BTreeMap<String, BTreeSet<String>> {
    let document = parse_schema(graphql::print_schema()).unwrap();
    let types = document.definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => Some(definition.node),
        _ => None,
    });
    let fields = types.filter_map(|definition| match definition.kind {
        TypeKind::Object(object) => {
            let fields = object.fields.into_iter().map(|field| field.node.name.node.to_string());
            Some((definition.name.node.to_string(), fields.collect()))
        }
        _ => None,
    });
    fields.collect()
}

/// What the operations name: `user`, `tenant.users`, `enrollPhone` …
fn named() -> BTreeSet<&'static str> {
    OPERATIONS.iter().flat_map(|rule| rule.operation.field().split_whitespace()).collect()
}

#[test]
fn the_committed_matrix_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/authorization-matrix.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, render_matrix()).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == render_matrix(),
        "who may call what has changed: UPDATE=1 cargo test -p graphql --test authorization_matrix, and review it"
    );
}

#[test]
fn every_field_of_the_roots_is_some_operation() {
    let (schema, named) = (schema(), named());
    let roots = schema["Query"].iter().chain(&schema["Mutation"]).chain(&schema["Subscription"]);
    let unnamed: Vec<_> =
        roots.filter(|field| !named.contains(field.as_str()) && !ASKS_ITSELF.contains(&field.as_str())).collect();
    assert!(unnamed.is_empty(), "core-access names no operation for {unnamed:?}");
}

#[test]
fn every_operation_is_something_that_can_be_called() {
    let schema = schema();
    let exists = |path: &str| match path.split_once('.') {
        Some(("tenant", field)) => schema["Tenant"].contains(field),
        Some(_) => false,
        None => ["Query", "Mutation", "Subscription"].iter().any(|root| schema[*root].contains(path)),
    };
    let missing: Vec<_> = named().into_iter().filter(|path| !exists(path)).collect();
    assert!(missing.is_empty(), "core-access speaks of {missing:?}, which the schema does not have");
}
