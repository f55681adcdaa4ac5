//! The reference of the schema: a list of all types, and a page for each, with what every field means.

mod draw;

use std::collections::BTreeMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeDefinition, TypeKind, TypeSystemDefinition};

use crate::frame::escape;
use crate::library::Page;
use crate::table::SCHEMA;

/// Where readers begin.
pub(crate) const ROOTS: [(&str, &str); 4] = [
    ("/docs/schema/Query", "Queries"),
    ("/docs/schema/Mutation", "Mutations"),
    ("/docs/schema/Subscription", "Subscriptions"),
    ("/docs/schema", "All types"),
];

/// The pages by their addresses.
pub(crate) fn pages() -> Vec<(String, Page)> {
    let types = types();
    let mut pages = vec![("/docs/schema".to_owned(), contents(&types))];
    for (name, definition) in &types {
        let title =
            ROOTS.iter().find(|(address, _)| *address == draw::address(name)).map_or(name.as_str(), |(_, title)| title);
        pages.push((draw::address(name), Page::new(title, draw::definition(title, definition, &types))));
    }
    pages
}

/// The types by name. That the schema can be read is a test; it is part of the program.
pub(crate) fn types() -> BTreeMap<String, TypeDefinition> {
    let definitions = parse_schema(SCHEMA.1).map(|document| document.definitions).unwrap_or_default();
    let types = definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => Some(definition.node),
        _ => None,
    });
    types.map(|definition| (definition.name.node.to_string(), definition)).collect()
}

fn contents(types: &BTreeMap<String, TypeDefinition>) -> Page {
    const KINDS: [&str; 6] = ["Objects", "Inputs", "Enumerations", "Interfaces", "Unions", "Scalars"];
    let mut body = "<h1>The schema</h1>\n<p>Everything that <code>POST /graphql</code> and its subscriptions understand.</p>\n<ul>\n".to_owned();
    for (address, name) in &ROOTS[..3] {
        body += &format!("<li><a href=\"{address}\">{name}</a></li>\n");
    }
    body += "</ul>\n";
    for kind in KINDS {
        body += &format!("<h2 id=\"{}\">{kind}</h2>\n<ul class=\"names\">\n", kind.to_lowercase());
        for (name, _) in types.iter().filter(|(_, definition)| kind_of(definition) == kind) {
            body += &format!("<li><a href=\"{}\">{}</a></li>\n", draw::address(name), escape(name));
        }
        body += "</ul>\n";
    }
    Page::new("The schema", body)
}

fn kind_of(definition: &TypeDefinition) -> &'static str {
    match definition.kind {
        TypeKind::Object(_) => "Objects",
        TypeKind::InputObject(_) => "Inputs",
        TypeKind::Enum(_) => "Enumerations",
        TypeKind::Interface(_) => "Interfaces",
        TypeKind::Union(_) => "Unions",
        TypeKind::Scalar => "Scalars",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_the_schema_has_its_page() {
        let defined = SCHEMA.1.lines().filter(|line| {
            ["type ", "input ", "enum ", "interface ", "union ", "scalar "].iter().any(|kind| line.starts_with(kind))
        });
        assert_eq!(types().len(), defined.count());
        assert_eq!(pages().len(), types().len() + 1);
    }

    #[test]
    fn the_roots_are_there() {
        let addresses: Vec<String> = pages().into_iter().map(|(address, _)| address).collect();
        assert!(ROOTS.iter().all(|(root, _)| addresses.iter().any(|address| address == root)));
    }
}
