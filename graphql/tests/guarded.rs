//! Nothing can be called without asking the table: whoever has no scope at all is refused everything, field by field.

#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod common;

use std::collections::BTreeMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
};
use common::{Fixture, key, of, partner};
use core_access::{ApiScope, Caller};
use core_kernel::{Entropy as _, PartnerId, SystemEntropy};
use graphql::Authority;
use serde_json::json;
use testkit::{Environment, on_a_servers_stack, partner_caller};

/// What asks the operation of whatever it finds, and finds nothing for a made-up identifier.
const ASKS_ITSELF: [&str; 1] = ["node"];
/// What takes a file, which only a form brings: `services/app/tests/imports.rs` and tests/isolation ask these.
const TAKES_A_FILE: [&str; 2] = ["importUsers", "importTenants"];

/// The schema, by the names of its types.
struct Types(BTreeMap<String, TypeDefinition>);

impl Types {
    fn read() -> Self {
        let document = parse_schema(graphql::print_schema()).unwrap();
        let types = document.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some((definition.node.name.node.to_string(), definition.node)),
            _ => None,
        });
        Self(types.collect())
    }

    fn fields(&self, of: &str) -> Vec<FieldDefinition> {
        match &self.0[of].kind {
            TypeKind::Object(object) => object.fields.iter().map(|field| field.node.clone()).collect(),
            _ => Vec::new(),
        }
    }

    /// The least that can be written for a value of this type.
    fn literal(&self, kind: &Type) -> String {
        match &kind.base {
            BaseType::List(inner) => format!("[{}]", self.literal(inner)),
            BaseType::Named(name) => match self.0.get(name.as_str()).map(|definition| (definition, &definition.kind)) {
                Some((_, TypeKind::Enum(values))) => values.values[0].node.value.node.to_string(),
                Some((definition, TypeKind::InputObject(input))) => {
                    let mut fields = input.fields.iter().map(|field| &field.node);
                    let is_one_of = definition.directives.iter().any(|one| one.node.name.node.as_str() == "oneOf");
                    let one = if is_one_of { fields.next().map(|field| self.argument(field)) } else { None };
                    format!("{{ {} }}", one.unwrap_or_else(|| self.arguments(fields)))
                }
                _ => plain(name).to_owned(),
            },
        }
    }

    fn arguments<'a>(&self, given: impl Iterator<Item = &'a InputValueDefinition>) -> String {
        let needed = given.filter(|one| !one.ty.node.nullable && one.default_value.is_none());
        needed.map(|one| self.argument(one)).collect::<Vec<_>>().join(", ")
    }

    fn argument(&self, one: &InputValueDefinition) -> String {
        format!("{}: {}", one.name.node, self.literal(&one.ty.node))
    }

    /// The call of a field, with no more of its answer than that there is one.
    fn call(&self, field: &FieldDefinition) -> String {
        let arguments = self.arguments(field.arguments.iter().map(|argument| &argument.node));
        let arguments = if arguments.is_empty() { arguments } else { format!("({arguments})") };
        let below = if self.is_composite(&field.ty.node) { "{ __typename }" } else { "" };
        format!("{}{arguments} {below}", field.name.node)
    }

    fn is_composite(&self, kind: &Type) -> bool {
        match &kind.base {
            BaseType::List(inner) => self.is_composite(inner),
            BaseType::Named(name) => {
                let kind = self.0.get(name.as_str()).map(|definition| &definition.kind);
                matches!(kind, Some(TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_)))
            }
        }
    }
}

fn plain(scalar: &str) -> &'static str {
    match scalar {
        "Int" | "Float" => "1",
        "Boolean" => "true",
        "DateTime" => "\"2026-01-01T00:00:00Z\"",
        "Cidr" => "\"203.0.113.0/24\"",
        "IpAddress" => "\"203.0.113.7\"",
        "CountryCode" => "\"US\"",
        "PhoneNumber" => "\"+14155550132\"",
        _ => "\"x\"",
    }
}

/// Everybody who may nothing: a tenant's key and a partner's, each without a scope.
async fn nobodies(f: &Fixture) -> [(&'static str, Authority); 2] {
    let tenant = f.bed.tenant(Environment::Sandbox).await;
    let id = PartnerId(SystemEntropy.uuid_v7(f.bed.platform.now()));
    [("a key", key(tenant, &[])), ("a partner's key", partner(&partner_caller(id, &[])))]
}

#[test]
fn whoever_has_no_scope_is_refused_every_field_of_the_roots() {
    on_a_servers_stack(async || {
        let (f, types) = (Fixture::new().await, Types::read());
        let mut open = Vec::new();
        for (who, authority) in nobodies(&f).await {
            for (root, verb) in [("Query", "query"), ("Mutation", "mutation")] {
                for field in types.fields(root) {
                    let name = field.name.node.as_str();
                    if ASKS_ITSELF.contains(&name) || TAKES_A_FILE.contains(&name) {
                        continue;
                    }
                    let query = format!("{verb} {{ {} }}", types.call(&field));
                    let answer = f.ask(authority.clone(), &query, json!({})).await;
                    let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("an answer");
                    let is_nothing = answer["data"][name].is_null() && answer.get("errors").is_none();
                    if code != "FORBIDDEN" && !is_nothing {
                        open.push(format!("{root}.{name} is unguarded: {who} without a scope got {code}"));
                    }
                }
            }
        }
        assert!(open.is_empty(), "{}", open.join("\n"));
    });
}

/// Fields of a tenant that say no more than `tenant` itself, which every scope may read.
const OF_THE_TENANT_ITSELF: [&str; 13] = [
    "id",
    "slug",
    "name",
    "environment",
    "status",
    "createdAt",
    "branding",
    "language",
    "timeZone",
    "webauthn",
    "returnUrls",
    "clock",
    // Beginnings of numbers, nobody's.
    "blockedPrefixes",
];

/// Which scope may read which field of a tenant: a LOGIN key reads the policy, and nothing of anybody.
const OF_A_LOGIN_KEY: [&str; 2] = ["policy", "policyVersions"];

#[test]
fn a_login_key_is_refused_every_field_of_a_tenant_but_the_policy() {
    on_a_servers_stack(async || {
        let (f, types) = (Fixture::new().await, Types::read());
        let tenant = f.bed.tenant(Environment::Sandbox).await;
        let mut open = Vec::new();
        for field in types.fields("Tenant") {
            let name = field.name.node.as_str();
            if OF_THE_TENANT_ITSELF.contains(&name) || OF_A_LOGIN_KEY.contains(&name) {
                continue;
            }
            let query = format!("{{ tenant {{ {} }} }}", types.call(&field));
            let code = f.error(key(tenant, &[ApiScope::Login]), &query, json!({})).await;
            if code != "FORBIDDEN" {
                open.push(format!("Tenant.{name} is unguarded: a key with LOGIN got {code}"));
            }
        }
        assert!(open.is_empty(), "{}", open.join("\n"));
    });
}

#[test]
fn the_system_itself_is_refused_nothing_so_that_a_refusal_means_something() {
    on_a_servers_stack(async || {
        let f = Fixture::new().await;
        let tenant = f.bed.tenant(Environment::Sandbox).await;
        let viewer = f.data(key(tenant, &ApiScope::ALL), "{ tenant { id } }", json!({})).await;
        assert!(viewer["tenant"]["id"].is_string());
        assert_eq!(f.error(of(Caller::system(tenant)), "{ tenant { users { totalCount } } }", json!({})).await, "none");
    });
}
