//! What of a document's cost does not depend on its variables: computed once, when it is parsed, and
//! without expanding a fragment twice, since a few lines of fragments can stand for more fields than
//! there are atoms.

use std::collections::HashMap;

use async_graphql::parser::types::{
    ExecutableDocument, FragmentDefinition, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned};

/// Fields that check a code: one request may hold one of them, however it is written.
const CODE_FIELDS: [&str; 2] = ["verifyChallenge", "confirmFactor"];
/// Lists of the introspection types, by which a short query walks the whole schema again and again.
const INTROSPECTION_LISTS: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// The shape of one operation, fragments expanded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    /// How many fields, each fragment counted as often as it is spread.
    pub fields: u64,
    /// How deep fields nest.
    pub depth: u32,
    /// How deep selection sets nest, those of fragments included.
    pub recursion: u32,
    /// How many fields check a code.
    pub codes: u64,
    /// How deep introspection's lists nest.
    pub introspection_lists: u32,
    /// How many directives.
    pub directives: u64,
}

impl Shape {
    fn beside(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            depth: self.depth.max(other.depth),
            recursion: self.recursion.max(other.recursion),
            codes: self.codes.saturating_add(other.codes),
            introspection_lists: self.introspection_lists.max(other.introspection_lists),
            directives: self.directives.saturating_add(other.directives),
        }
    }

    fn within_field(mut self, name: &str) -> Self {
        self.fields = self.fields.saturating_add(1);
        self.depth += 1;
        self.codes += u64::from(CODE_FIELDS.contains(&name));
        self.introspection_lists += u32::from(INTROSPECTION_LISTS.contains(&name));
        self
    }
}

/// A fragment that contains itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cycle(pub String);

/// The shapes of all operations of a document.
pub(crate) fn shapes(document: &ExecutableDocument) -> Result<Vec<OperationShape>, Cycle> {
    let mut walk = Walk { fragments: &document.fragments, known: HashMap::new() };
    let mut shapes = Vec::new();
    for (_, operation) in document.operations.iter() {
        let shape = walk.selection_set(&operation.node.selection_set.node)?;
        shapes.push(OperationShape::of(&operation.node, shape));
    }
    Ok(shapes)
}

/// An operation's shape, and what it is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OperationShape {
    pub shape: Shape,
    /// Whether it asks for nothing but the schema.
    pub introspection_only: bool,
}

impl OperationShape {
    fn of(operation: &OperationDefinition, shape: Shape) -> Self {
        let introspection_only =
            operation.ty == OperationType::Query && only_introspection(&operation.selection_set.node);
        Self { shape, introspection_only }
    }
}

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

fn only_introspection(set: &SelectionSet) -> bool {
    set.items.iter().all(|item| match &item.node {
        Selection::Field(field) => matches!(field.node.name.node.as_str(), "__schema" | "__type" | "__typename"),
        Selection::InlineFragment(inline) => only_introspection(&inline.node.selection_set.node),
        // Spread at the root: rare enough to be weighed like everything else.
        Selection::FragmentSpread(_) => false,
    })
}

struct Walk<'a> {
    fragments: &'a Fragments,
    /// `None` while a fragment is being walked: who meets it then has found a cycle.
    known: HashMap<&'a str, Option<Shape>>,
}

impl<'a> Walk<'a> {
    fn selection_set(&mut self, set: &'a SelectionSet) -> Result<Shape, Cycle> {
        let mut total = Shape::default();
        for item in &set.items {
            total = total.beside(self.selection(&item.node)?);
        }
        total.recursion += u32::from(!set.items.is_empty());
        Ok(total)
    }

    fn selection(&mut self, selection: &'a Selection) -> Result<Shape, Cycle> {
        let mut shape = match selection {
            Selection::Field(field) => {
                let inner = self.selection_set(&field.node.selection_set.node)?;
                inner.within_field(field.node.name.node.as_str())
            }
            Selection::InlineFragment(inline) => self.selection_set(&inline.node.selection_set.node)?,
            Selection::FragmentSpread(spread) => self.fragment(spread.node.fragment_name.node.as_str())?,
        };
        shape.directives = shape.directives.saturating_add(selection.directives().len() as u64);
        Ok(shape)
    }

    fn fragment(&mut self, name: &str) -> Result<Shape, Cycle> {
        let Some((key, fragment)) = self.fragments.get_key_value(name) else { return Ok(Shape::default()) };
        match self.known.get(key.as_str()) {
            Some(Some(shape)) => return Ok(*shape),
            Some(None) => return Err(Cycle(name.to_owned())),
            None => {}
        }
        self.known.insert(key.as_str(), None);
        let mut shape = self.selection_set(&fragment.node.selection_set.node)?;
        shape.directives = shape.directives.saturating_add(fragment.node.directives.len() as u64);
        self.known.insert(key.as_str(), Some(shape));
        Ok(shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;

    fn shape(query: &str) -> Shape {
        shapes(&parse_query(query).unwrap()).unwrap()[0].shape
    }

    #[test]
    fn fields_and_depth_count_through_fragments() {
        let shape = shape("{ a { b ...F ... on T { c } } } fragment F on T { d { e } }");
        assert_eq!((shape.fields, shape.depth), (5, 3));
    }

    #[test]
    fn a_bomb_of_fragments_is_counted_without_being_expanded() {
        let mut query = String::from("{ ...F0 }");
        for level in 0..60 {
            query += &format!(" fragment F{level} on T {{ ...F{0} ...F{0} }}", level + 1);
        }
        query += " fragment F60 on T { a }";
        assert_eq!(shape(&query).fields, 1 << 60);
    }

    #[test]
    fn cycles_are_found() {
        for query in [
            "{ ...A } fragment A on T { ...A }",
            "{ ...A } fragment A on T { a { ...B ...B } } fragment B on T { ...A ...A }",
        ] {
            assert!(shapes(&parse_query(query).unwrap()).is_err(), "{query}");
        }
    }

    #[test]
    fn fields_that_check_codes_are_counted_however_they_are_written() {
        assert_eq!(shape("mutation { verifyChallenge a: verifyChallenge confirmFactor }").codes, 3);
        assert_eq!(shape("mutation { ...F ...F } fragment F on Mutation { confirmFactor }").codes, 2);
        assert_eq!(shape("mutation { ... on Mutation { a: verifyChallenge @skip(if: true) } }").codes, 1);
    }

    #[test]
    fn only_the_schema_is_only_introspection() {
        for (query, only) in [
            ("{ __schema { types { name } } __type(name: \"T\") { name } }", true),
            ("{ __schema { types { name } } viewer }", false),
            ("{ ... { __schema { types { name } } viewer } }", false),
            ("mutation { __typename }", false),
        ] {
            let operation = &shapes(&parse_query(query).unwrap()).unwrap()[0];
            assert_eq!(operation.introspection_only, only, "{query}");
        }
    }

    #[test]
    fn directives_and_walks_of_the_schema_are_counted() {
        assert_eq!(shape("{ a @x @y ...F @z } fragment F on T { b @w }").directives, 4);
        assert_eq!(shape("{ __type { fields { type { interfaces { fields { name } } } } } }").introspection_lists, 3);
    }
}
