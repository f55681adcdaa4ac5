//! The API's schema, as far as queries are made from it.

use std::collections::{BTreeMap, BTreeSet};

/// A field that can be asked for without saying more than its name.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    /// The name of its type, of a list that of its elements.
    pub of: String,
}

/// Objects and interfaces with their fields.
pub struct Schema(BTreeMap<String, Vec<Field>>);

impl Schema {
    pub fn of_the_api() -> Self {
        Self::parse(include_str!("../../../graphql/schema.graphql"))
    }

    fn parse(sdl: &str) -> Self {
        let (mut types, mut owner, mut in_text) = (BTreeMap::new(), None, false);
        for line in sdl.lines().map(str::trim) {
            if line.starts_with("\"\"\"") {
                // A description of several lines begins and ends with a line of its own.
                in_text = !in_text;
            } else if in_text || line.starts_with('"') {
            } else if let Some(rest) = line.strip_prefix("type ").or_else(|| line.strip_prefix("interface ")) {
                let name = rest.split([' ', '{']).next().unwrap().to_owned();
                types.insert(name.clone(), Vec::new());
                owner = Some(name);
            } else if line == "}" {
                owner = None;
            } else if let Some(owner) = &owner {
                types.get_mut(owner).unwrap().extend(field(line));
            }
        }
        Self(types)
    }

    /// What the pages of lists are of.
    pub fn nodes(&self) -> BTreeSet<&str> {
        let edges = self.0.iter().filter(|(name, _)| name.ends_with("Edge")).flat_map(|(_, fields)| fields);
        edges.filter(|field| field.name == "node").map(|field| field.of.as_str()).collect()
    }

    /// Everything that can be asked of a type, and of what its fields lead to what is not deeper still.
    pub fn selection(&self, of: &str) -> String {
        let selections = self.0[of].iter().map(|field| {
            let name = &field.name;
            match self.0.get(&field.of) {
                None => name.clone(),
                Some(_) if field.of.ends_with("Connection") => format!("{name} {{ edges {{ node {{ id }} }} }}"),
                Some(fields) => format!("{name} {{ __typename {} }}", self.plain(fields)),
            }
        });
        selections.collect::<Vec<_>>().join(" ")
    }

    fn plain(&self, fields: &[Field]) -> String {
        let plain = fields.iter().filter(|field| !self.0.contains_key(&field.of)).map(|field| field.name.as_str());
        plain.collect::<Vec<_>>().join(" ")
    }
}

/// Nothing where an argument must be given.
fn field(line: &str) -> Option<Field> {
    let (signature, of) = line.rsplit_once(": ")?;
    let (name, arguments) = signature.split_once('(').unwrap_or((signature, ""));
    let must_be_given = |argument: &str| argument.contains('!') && !argument.contains('=');
    if arguments.trim_end_matches(')').split(", ").any(must_be_given) {
        return None;
    }
    let of = of.split(' ').next()?;
    Some(Field { name: name.to_owned(), of: of.trim_matches(['[', ']', '!']).to_owned() })
}

#[test]
fn everything_is_asked_for_but_what_needs_arguments_or_lies_deeper() {
    let schema = Schema::parse(
        "type UserEdge {\n  cursor: String!\n  node: User!\n}\n\n\"\"\"\nA user:\n  nobody: None\n\"\"\"\ntype User implements Node {\n  \
         \"Not a field: a text.\"\n  id: ID!\n  names: [String!]!\n  counts(from: DateTime!, to: DateTime): Int!\n  \
         logins(first: Int! = 25, after: String): LoginConnection!\n  advisor: Admin\n}\n\ntype Admin {\n  id: ID!\n  user: User\n}\n\n\
         type LoginConnection {\n  totalCount: Int!\n}\n",
    );
    assert_eq!(schema.nodes(), BTreeSet::from(["User"]));
    assert_eq!(schema.selection("User"), "id names logins { edges { node { id } } } advisor { __typename id }");
}
