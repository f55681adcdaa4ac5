//! One type as a page.

use std::collections::BTreeMap;

use async_graphql::Positioned;
use async_graphql::parser::types::{
    BaseType, EnumValueDefinition, FieldDefinition, InputValueDefinition, Type, TypeDefinition, TypeKind,
};

use crate::frame::escape;
use crate::markdown::draw_sentence;

type Types = BTreeMap<String, TypeDefinition>;

/// The address of a type's page.
pub(crate) fn address(name: &str) -> String {
    format!("/docs/schema/{name}")
}

/// The page of a type.
pub(crate) fn definition(title: &str, definition: &TypeDefinition, types: &Types) -> String {
    let mut html = format!("<h1>{}</h1>\n{}", escape(title), described(definition.description.as_ref()));
    match &definition.kind {
        TypeKind::Object(object) => html += &fields(&object.fields, types),
        TypeKind::Interface(interface) => html += &fields(&interface.fields, types),
        TypeKind::InputObject(input) => html += &inputs(&input.fields, types),
        TypeKind::Enum(values) => html += &enum_values(&values.values),
        TypeKind::Union(union) => {
            let members = union.members.iter().map(|member| format!("<li>{}</li>\n", named(&member.node, types)));
            html += &format!("<p>One of:</p>\n<ul>\n{}</ul>\n", members.collect::<String>());
        }
        TypeKind::Scalar => {}
    }
    html + &used_by(&definition.name.node, types)
}

fn described(description: Option<&Positioned<String>>) -> String {
    description.map(|text| draw_sentence(&text.node)).unwrap_or_default()
}

fn fields(fields: &[Positioned<FieldDefinition>], types: &Types) -> String {
    let one = |field: &FieldDefinition| {
        let arguments = match &*field.arguments {
            [] => String::new(),
            arguments => format!("<div class=\"arguments\">\n{}</div>\n", inputs(arguments, types)),
        };
        entry(&field.name.node, &typed(&field.ty.node, types), field.description.as_ref(), &arguments)
    };
    list(fields.iter().map(|field| one(&field.node)))
}

fn inputs(inputs: &[Positioned<InputValueDefinition>], types: &Types) -> String {
    let one = |input: &InputValueDefinition| {
        let default =
            input.default_value.as_ref().map(|value| format!(" = <code>{}</code>", escape(&value.node.to_string())));
        let ty = typed(&input.ty.node, types) + &default.unwrap_or_default();
        // The names of arguments come again and again on a page: they are no places to point at.
        format!(
            "<dt><code>{}</code>: {ty}</dt>\n<dd>{}</dd>\n",
            escape(&input.name.node),
            described(input.description.as_ref())
        )
    };
    list(inputs.iter().map(|input| one(&input.node)))
}

fn enum_values(values: &[Positioned<EnumValueDefinition>]) -> String {
    list(values.iter().map(|value| entry(&value.node.value.node, "", value.node.description.as_ref(), "")))
}

fn list(entries: impl Iterator<Item = String>) -> String {
    format!("<dl>\n{}</dl>\n", entries.collect::<String>())
}

fn entry(name: &str, ty: &str, description: Option<&Positioned<String>>, more: &str) -> String {
    let name = escape(name);
    let colon = if ty.is_empty() { "" } else { ": " };
    format!(
        "<dt id=\"{name}\"><a href=\"#{name}\"><code>{name}</code></a>{colon}{ty}</dt>\n<dd>{}{more}</dd>\n",
        described(description)
    )
}

/// A type as it is written, its name a link.
fn typed(ty: &Type, types: &Types) -> String {
    let needed = if ty.nullable { "" } else { "!" };
    match &ty.base {
        BaseType::Named(name) => named(name, types) + needed,
        BaseType::List(inner) => format!("[{}]{needed}", typed(inner, types)),
    }
}

fn named(name: &str, types: &Types) -> String {
    let name = escape(name);
    if types.contains_key(&name) { format!("<a href=\"{}\">{name}</a>", address(&name)) } else { name }
}

/// Which types hold this one, so that a reader who came by a link finds back.
fn used_by(name: &str, types: &Types) -> String {
    let users: String = types
        .iter()
        .filter(|(_, other)| mentions(other, name))
        .map(|(user, _)| format!("<li>{}</li>\n", named(user, types)))
        .collect();
    if users.is_empty() { users } else { format!("<h2>Where it stands</h2>\n<ul class=\"names\">\n{users}</ul>\n") }
}

fn mentions(definition: &TypeDefinition, name: &str) -> bool {
    let of_inputs =
        |inputs: &[Positioned<InputValueDefinition>]| inputs.iter().any(|input| base(&input.node.ty.node) == name);
    let of_fields = |fields: &[Positioned<FieldDefinition>]| {
        fields.iter().any(|field| base(&field.node.ty.node) == name || of_inputs(&field.node.arguments))
    };
    match &definition.kind {
        TypeKind::Object(object) => of_fields(&object.fields),
        TypeKind::Interface(interface) => of_fields(&interface.fields),
        TypeKind::InputObject(input) => of_inputs(&input.fields),
        TypeKind::Union(union) => union.members.iter().any(|member| member.node == name),
        TypeKind::Enum(_) | TypeKind::Scalar => false,
    }
}

fn base(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => base(inner),
    }
}

#[cfg(test)]
mod tests {
    use crate::schema::types;

    use super::*;

    fn drawn(name: &str) -> String {
        let types = types();
        definition(name, &types[name], &types)
    }

    #[test]
    fn a_field_has_its_type_its_arguments_and_what_it_means() {
        let page = drawn("Mutation");
        assert!(page.contains("<dt id=\"evaluateLogin\">"));
        assert!(page.contains("<a href=\"/docs/schema/EvaluateLoginInput\">EvaluateLoginInput</a>!"));
        let admin = drawn("Admin");
        assert!(
            admin.contains(
                "<dt id=\"email\"><a href=\"#email\"><code>email</code></a>: <a href=\"/docs/schema/String\">"
            ) || admin.contains("<code>email</code></a>: String!")
        );
        assert!(admin.contains("Where mail reaches the person"));
    }

    #[test]
    fn values_of_an_enumeration_are_explained_and_used() {
        let page = drawn("AdminRole");
        assert!(page.contains("<dt id=\"OWNER\">") && page.contains("Everything, billing"));
        assert!(page.contains("Where it stands") && page.contains("<a href=\"/docs/schema/Admin\">Admin</a>"));
    }

    #[test]
    fn no_place_is_there_twice() {
        let types = types();
        for (name, one) in &types {
            let page = definition(name, one, &types);
            let places: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            for (number, place) in places.iter().enumerate() {
                assert!(!places[..number].contains(place), "{name} has {place} twice");
            }
        }
    }
}
