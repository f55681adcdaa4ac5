//! What is measured of operations, by their root field: a vocabulary of the schema's. What a document calls
//! its operation, and whatever else a client writes, names nothing here.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Response, ServerError, Value};
use core_kernel::Clock;
use io_meters::{Counter, Histogram, Meters, Sample, Word};
use io_traces::spans;
use tracing::{Instrument as _, Span};

use crate::errors::Rejection;

/// Of a document with several root fields, which are run as one.
const SEVERAL: &str = "several";
/// Of questions about the schema.
const INTROSPECTION: &str = "introspection";
/// Of what the schema has not; such a request is refused before it runs.
const UNKNOWN: &str = "unknown";

/// One root field and what is counted of it.
pub(crate) struct Measured {
    kind: &'static str,
    field: Box<str>,
    ok: Counter,
    refused: Counter,
    fault: Counter,
    duration: Histogram,
}

impl Measured {
    fn new(meters: &Meters, kind: &'static str, field: &str) -> Arc<Self> {
        let result =
            |result: &'static str| meters.graphql_operations.with([Word::fixed_at_start(field), result.into()]);
        Arc::new(Self {
            kind,
            field: field.into(),
            ok: result("ok"),
            refused: result("refused"),
            fault: result("fault"),
            duration: meters.graphql_operation_duration.with([Word::fixed_at_start(field)]),
        })
    }

    /// Runs it, in a span of its own, and takes note of how it ended.
    pub(crate) async fn run(
        &self,
        clock: &dyn Clock,
        work: impl Future<Output = Result<Response, Rejection>>,
    ) -> Result<Response, Rejection> {
        let (span, begun) = (spans::operation(self.kind, &self.field), Instant::now());
        let result = work.instrument(span.clone()).await;
        self.duration.observe_in(begun.elapsed().as_secs_f64(), sample(&span, clock));
        self.counter(&result, &span).add_one();
        result
    }

    fn counter(&self, result: &Result<Response, Rejection>, span: &Span) -> &Counter {
        let (errors, refused) = match result {
            Ok(response) => (&response.errors, has_user_errors(&response.data)),
            Err(Rejection(errors)) => (errors, true),
        };
        if errors.iter().any(is_fault) {
            spans::failed(span);
            return &self.fault;
        }
        if refused || !errors.is_empty() { &self.refused } else { &self.ok }
    }
}

/// An exemplar, where the trace is kept.
fn sample(span: &Span, clock: &dyn Clock) -> Option<Sample> {
    let trace = spans::trace_of(span).filter(|trace| trace.is_kept)?;
    Some(Sample { trace_id: trace.id, at: clock.now().into() })
}

fn is_fault(error: &ServerError) -> bool {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    matches!(code, Some(Value::String(code)) if code == "INTERNAL" || code == "UNAVAILABLE")
}

/// Whether a payload at the root says no.
fn has_user_errors(data: &Value) -> bool {
    let Value::Object(fields) = data else { return false };
    fields.values().any(|payload| {
        let Value::Object(payload) = payload else { return false };
        matches!(payload.get("userErrors"), Some(Value::List(errors)) if !errors.is_empty())
    })
}

/// Every root field of the schema, known by its name.
pub(crate) struct Operations {
    queries: HashMap<Box<str>, Arc<Measured>>,
    mutations: HashMap<Box<str>, Arc<Measured>>,
    several: Arc<Measured>,
    introspection: Arc<Measured>,
    unknown: Arc<Measured>,
}

impl Operations {
    /// Those of a printed schema: the registry is not public, and this runs once.
    pub(crate) fn of(sdl: &str, meters: &Meters) -> Self {
        let other = |name| Measured::new(meters, "query", name);
        Self {
            queries: measured(sdl, meters, "Query", "query"),
            mutations: measured(sdl, meters, "Mutation", "mutation"),
            several: other(SEVERAL),
            introspection: other(INTROSPECTION),
            unknown: other(UNKNOWN),
        }
    }

    /// What an operation is measured as.
    pub(crate) fn find(&self, document: &ExecutableDocument, operation: &OperationDefinition) -> &Arc<Measured> {
        let mut names = Vec::new();
        root_fields(document, &operation.selection_set.node, &mut names);
        names.dedup();
        match (names.as_slice(), operation.ty) {
            ([name], _) if name.starts_with("__") => &self.introspection,
            ([name], OperationType::Query) => self.queries.get(*name).unwrap_or(&self.unknown),
            ([name], OperationType::Mutation) => self.mutations.get(*name).unwrap_or(&self.unknown),
            ([_, _, ..], _) => &self.several,
            _ => &self.unknown,
        }
    }
}

fn measured(sdl: &str, meters: &Meters, root: &str, kind: &'static str) -> HashMap<Box<str>, Arc<Measured>> {
    let names = fields_of(sdl, root);
    names.into_iter().map(|name| (name.clone().into_boxed_str(), Measured::new(meters, kind, &name))).collect()
}

/// The fields of a type; a schema that was printed can be read.
fn fields_of(sdl: &str, root: &str) -> Vec<String> {
    let Ok(schema) = parse_schema(sdl) else { return Vec::new() };
    let types = schema.definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(found) => Some(found.node),
        _ => None,
    });
    let objects = types.filter(|found| found.name.node == root).filter_map(|found| match found.kind {
        TypeKind::Object(object) => Some(object.fields),
        _ => None,
    });
    objects.flatten().map(|field| field.node.name.node.to_string()).collect()
}

/// The names at the root, those in fragments too, which are known not to contain themselves; two are enough.
fn root_fields<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet, names: &mut Vec<&'a str>) {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) if names.len() < 2 && !names.contains(&field.node.name.node.as_str()) => {
                names.push(&field.node.name.node);
            }
            Selection::Field(_) => {}
            Selection::InlineFragment(inline) => root_fields(document, &inline.node.selection_set.node, names),
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    root_fields(document, &fragment.node.selection_set.node, names);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::value;
    use core_kernel::{Fault, SystemClock};

    use super::*;
    use crate::errors::fault_error;

    fn operations(meters: &Meters) -> Operations {
        Operations::of(&crate::print_schema(), meters)
    }

    fn name_of(operations: &Operations, query: &str) -> String {
        let document = parse_query(query).unwrap();
        let operation = document.operations.iter().next().unwrap().1;
        operations.find(&document, &operation.node).field.to_string()
    }

    #[test]
    fn an_operation_is_known_by_its_root_field_alone() {
        let operations = operations(&Meters::new());
        for (query, name) in [
            ("mutation Alice_4155550132 { x: evaluateLogin { userErrors { code } } }", "evaluateLogin"),
            ("query { ...F } fragment F on Query { tenant { name } }", "tenant"),
            ("{ tenant { a } tenant { b } }", "tenant"),
            ("{ tenant { a } partner { b } }", SEVERAL),
            ("{ ... on Query { tenant { a } ... on Query { partner { b } } } }", SEVERAL),
            ("{ __schema { types { name } } }", INTROSPECTION),
            ("{ evaluateLogin }", UNKNOWN),
            ("mutation { tenant }", UNKNOWN),
            ("{ tenantfourtyseven }", UNKNOWN),
        ] {
            assert_eq!(name_of(&operations, query), name, "{query}");
        }
    }

    #[test]
    fn whatever_is_asked_there_are_no_more_series_than_the_schema_has_fields() {
        let meters = Meters::new();
        let operations = operations(&meters);
        let series = || meters.expose(io_meters::Exposition::Prometheus).unwrap().lines().count();
        let before = series();
        for number in 0..500 {
            name_of(&operations, &format!("query Q{number} {{ a{number}: field{number} }}"));
        }
        assert_eq!(series(), before);
        assert!(before > 500, "every root field is there from the start: {before}");
    }

    async fn noted(result: Result<Response, Rejection>) -> [u64; 3] {
        let measured = Measured::new(&Meters::new(), "query", "users");
        let _ = measured.run(&SystemClock, async { result }).await;
        [measured.ok.get(), measured.refused.get(), measured.fault.get()]
    }

    #[tokio::test]
    async fn a_no_is_no_fault_and_a_fault_is_no_no() {
        assert_eq!(noted(Ok(Response::new(value!({ "users": { "userErrors": [] } })))).await, [1, 0, 0]);
        let refusal = value!({ "startChallenge": { "userErrors": [{ "code": "TOO_SOON" }] } });
        assert_eq!(noted(Ok(Response::new(refusal))).await, [0, 1, 0]);
        assert_eq!(noted(Err(Rejection::from(Fault::Unauthenticated))).await, [0, 1, 0]);
        assert_eq!(noted(Err(Rejection::from(Fault::Unavailable))).await, [0, 0, 1]);
        let mut partly = Response::new(value!({ "users": null }));
        partly.errors.push(fault_error(&Fault::internal("broken")));
        assert_eq!(noted(Ok(partly)).await, [0, 0, 1]);
    }
}
