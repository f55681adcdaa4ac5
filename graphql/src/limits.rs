//! What a request may cost. async-graphql limits nothing by itself, and what it can limit it checks
//! after walking the document in full; here the walk is of what [`shape`](crate::shape) has bounded.

use std::collections::HashMap;

use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Value, Variables};
use core_kernel::MAX_PAGE_SIZE;

use crate::shape::OperationShape;

/// Fields within fields.
pub(crate) const MAX_DEPTH: u32 = 12;
/// The same, for a request that asks for the schema alone: the standard introspection query is 15 deep.
const MAX_INTROSPECTION_DEPTH: u32 = 16;
/// Lists within lists of the schema; beyond it a short query costs millions of rows.
const MAX_INTROSPECTION_LISTS: u32 = 3;
/// The most that a request may cost.
pub(crate) const MAX_COMPLEXITY: u64 = 20_000;
/// What a mutation costs, beside the fields of its payload.
const MUTATION_COST: u64 = 10;
const MAX_RECURSION: u32 = 32;
const MAX_DIRECTIVES: u64 = 50;
const MAX_CODE_FIELDS: u64 = 1;

/// What a list costs by default, where the query does not say how many: the schema's default of `first`.
const DEFAULT_FIRST: u64 = 25;

/// The names of fields that take `first`.
pub(crate) type Lists = HashMap<String, u64>;

/// Why this operation is refused whatever its variables are.
pub(crate) fn refuse_shape(operation: &OperationShape) -> Option<String> {
    let shape = operation.shape;
    let max_depth = if operation.introspection_only { MAX_INTROSPECTION_DEPTH } else { MAX_DEPTH };
    let rules = [
        (u64::from(shape.recursion), u64::from(MAX_RECURSION), "selection sets nest"),
        (u64::from(shape.depth), u64::from(max_depth), "fields nest"),
        (shape.fields, MAX_COMPLEXITY, "fields add up to"),
        (shape.directives, MAX_DIRECTIVES, "directives add up to"),
        (u64::from(shape.introspection_lists), u64::from(MAX_INTROSPECTION_LISTS), "lists of the schema nest"),
        (shape.codes, MAX_CODE_FIELDS, "fields that check a code add up to"),
    ];
    let (value, limit, what) = rules.into_iter().find(|(value, limit, _)| value > limit)?;
    Some(format!("The query is too complex: {what} {value}, and {limit} is the most."))
}

/// What an operation costs with these variables: 1 a field, children times `first`, 10 a mutation.
pub(crate) fn complexity(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
    lists: &Lists,
) -> u64 {
    let walk = Walk { document, operation, variables, lists };
    let extra = if operation.ty == OperationType::Mutation { MUTATION_COST - 1 } else { 0 };
    walk.cost(&operation.selection_set.node, extra)
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    lists: &'a Lists,
}

impl Walk<'_> {
    fn cost(&self, set: &SelectionSet, extra: u64) -> u64 {
        let costs = set.items.iter().map(|item| match &item.node {
            Selection::Field(field) => (1 + extra).saturating_add(self.children(&field.node)),
            Selection::InlineFragment(inline) => self.cost(&inline.node.selection_set.node, extra),
            Selection::FragmentSpread(spread) => {
                let fragment = self.document.fragments.get(&spread.node.fragment_name.node);
                fragment.map_or(0, |fragment| self.cost(&fragment.node.selection_set.node, extra))
            }
        });
        costs.fold(0, u64::saturating_add)
    }

    fn children(&self, field: &Field) -> u64 {
        let children = self.cost(&field.selection_set.node, 0);
        match self.lists.get(field.name.node.as_str()) {
            Some(default) => children.saturating_mul(self.first(field).unwrap_or(*default)),
            None => children,
        }
    }

    /// What `first` says, as far as a page can be long; nothing where it says nothing that can be read.
    fn first(&self, field: &Field) -> Option<u64> {
        let given = field.get_argument("first")?.node.clone();
        let Ok(Value::Number(first)) = given.into_const_with(|name| self.variable(name.as_str()).ok_or(())) else {
            return None;
        };
        Some(first.as_u64()?.clamp(1, u64::from(MAX_PAGE_SIZE)))
    }

    fn variable(&self, name: &str) -> Option<Value> {
        if let Some((_, value)) = self.variables.iter().find(|(given, _)| given.as_str() == name) {
            return Some(value.clone());
        }
        let mut definitions = self.operation.variable_definitions.iter();
        definitions.find(|definition| definition.node.name.node == name)?.node.default_value().cloned()
    }
}

/// The fields of a schema that take `first`, with its default.
pub(crate) fn lists_of(sdl: &str) -> Lists {
    // From the printed schema: the registry is not public, and this runs once.
    let fields = sdl.lines().filter_map(|line| line.trim_start().split_once('('));
    fields
        .filter(|(_, arguments)| arguments.contains("first: Int"))
        .map(|(name, _)| (name.to_owned(), DEFAULT_FIRST))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::shapes;
    use async_graphql::parser::parse_query;
    use async_graphql::{Variables, value};

    fn cost(query: &str, variables: async_graphql::Value) -> u64 {
        let document = parse_query(query).unwrap();
        let lists = Lists::from([("users".into(), 25), ("logins".into(), 25)]);
        let operation = document.operations.iter().next().unwrap().1;
        complexity(&document, &operation.node, &Variables::from_value(variables), &lists)
    }

    #[test]
    fn a_field_costs_one_and_a_mutation_ten() {
        assert_eq!(cost("{ a b { c } }", value!({})), 3);
        assert_eq!(cost("mutation { a { b c } d }", value!({})), 22);
        assert_eq!(cost("mutation { ...F } fragment F on Mutation { a { b } }", value!({})), 11);
    }

    #[test]
    fn children_of_a_list_cost_as_often_as_it_is_long() {
        assert_eq!(cost("{ users(first: 10) { id } }", value!({})), 11);
        assert_eq!(cost("{ users { id } }", value!({})), 26);
        assert_eq!(cost("query ($n: Int!) { users(first: $n) { id } }", value!({"n": 3})), 4);
        assert_eq!(cost("query ($n: Int = 7) { users(first: $n) { id } }", value!({})), 8);
        assert_eq!(
            cost("query ($n: Int) { users(first: $n) { logins(first: 100) { id } } }", value!({"n": 100})),
            10_101
        );
    }

    #[test]
    fn nonsense_costs_what_the_longest_page_does_and_no_more() {
        assert_eq!(cost("{ users(first: 999999999) { id } }", value!({})), 101);
        assert_eq!(cost("{ users(first: -5) { id } }", value!({})), 26);
        assert_eq!(cost("query ($n: Int) { users(first: $n) { id } }", value!({"n": "x"})), 26);
    }

    fn refused(query: &str) -> Option<String> {
        refuse_shape(&shapes(&parse_query(query).unwrap()).unwrap()[0])
    }

    #[test]
    fn depth_is_bounded_and_introspection_may_be_deeper() {
        let nested =
            |root: &str, depth: usize| format!("{{ {root}{}{} }}", " { a".repeat(depth - 1), " }".repeat(depth - 1));
        assert_eq!(refused(&nested("a", 12)), None);
        assert!(refused(&nested("a", 13)).is_some());
        assert_eq!(refused(&nested("__schema", 16)), None);
        assert!(refused(&nested("__schema", 17)).is_some());
    }

    #[test]
    fn at_most_one_code_a_request() {
        assert_eq!(refused("mutation { verifyChallenge }"), None);
        assert!(refused("mutation { a: verifyChallenge b: verifyChallenge }").is_some());
        assert!(refused("mutation { verifyChallenge ...F } fragment F on Mutation { confirmFactor }").is_some());
    }

    #[test]
    fn directives_are_bounded() {
        assert_eq!(refused(&format!("{{ a {} }}", "@x ".repeat(50))), None);
        assert!(refused(&format!("{{ a {} }}", "@x ".repeat(51))).is_some());
        assert!(refused(&format!("{{ {} }}", "a @x ".repeat(51))).is_some());
    }

    #[test]
    fn lists_are_found_in_the_printed_schema() {
        let lists = lists_of("  users(first: Int! = 25, after: String): UserConnection!\n  node(id: ID!): Node\n");
        assert_eq!(lists, Lists::from([("users".into(), 25)]));
    }
}
