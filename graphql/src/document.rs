//! Parsed documents, kept by their text. Integrators send the same few texts all day, and parsing is
//! the dearest part of an empty request.
//!
//! The cache is not split by tenant: a document holds nothing but the text that found it.

use std::sync::Arc;

use async_graphql::ServerError;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType};
use moka::future::Cache;

use crate::errors::{Rejection, coded_error};
use crate::limits::refuse_shape;
use crate::nesting::nesting;
use crate::shape::shapes;

/// The parser descends once per bracket; this is far beyond any query that would be accepted.
const MAX_NESTING: usize = 64;
/// A longer text is parsed every time, so that a few of them do not empty the cache.
const MAX_CACHED_TEXT: usize = 32 * 1024;
/// A parsed document takes about this many bytes per byte of text.
const BYTES_PER_BYTE: usize = 16;

/// A parsed document whose operations are all within the limits.
#[derive(Debug)]
pub(crate) struct Document {
    pub parsed: ExecutableDocument,
}

impl Document {
    /// Parses and weighs a text.
    pub(crate) fn parse(text: &str) -> Result<Self, Rejection> {
        if nesting(text) > MAX_NESTING {
            return Err(too_complex(format!("Brackets nest deeper than {MAX_NESTING}.")));
        }
        let parsed = parse_query(text).map_err(|error| bad_request(ServerError::from(error)))?;
        let operations = shapes(&parsed).map_err(|cycle| {
            bad_request(ServerError::new(format!("Fragment \"{}\" contains itself.", cycle.0), None))
        })?;
        if let Some(message) = operations.iter().find_map(refuse_shape) {
            return Err(too_complex(message));
        }
        Ok(Self { parsed })
    }

    /// The operation that a request means: the named one, or the only one.
    pub(crate) fn operation(&self, name: Option<&str>) -> Option<(&OperationDefinition, OperationType)> {
        let wanted = |known: Option<&str>| name.is_none_or(|name| known == Some(name));
        let mut operations = self.parsed.operations.iter().filter(|(known, _)| wanted(known.map(|name| name.as_str())));
        let (_, operation) = operations.next()?;
        operations.next().is_none().then_some((&operation.node, operation.node.ty))
    }
}

fn bad_request(mut error: ServerError) -> Rejection {
    error.extensions.get_or_insert_default().set("code", "BAD_REQUEST");
    Rejection(vec![error])
}

fn too_complex(message: String) -> Rejection {
    Rejection(vec![coded_error("QUERY_TOO_COMPLEX", message)])
}

/// The cache, bounded by bytes.
pub(crate) struct Documents(Cache<Arc<str>, Arc<Document>>);

impl Documents {
    /// A cache of about so many bytes; zero keeps nothing.
    pub(crate) fn new(bytes: u64) -> Self {
        let weigh =
            |text: &Arc<str>, _: &Arc<Document>| u32::try_from(512 + text.len() * BYTES_PER_BYTE).unwrap_or(u32::MAX);
        Self(Cache::builder().weigher(weigh).max_capacity(bytes).build())
    }

    /// The parsed document of this text.
    pub(crate) async fn get(&self, text: &str) -> Result<Arc<Document>, Rejection> {
        if let Some(known) = self.0.get(text).await {
            return Ok(known);
        }
        let document = Arc::new(Document::parse(text)?);
        if text.len() <= MAX_CACHED_TEXT {
            self.0.insert(Arc::from(text), document.clone()).await;
        }
        Ok(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        let Rejection(errors) = Document::parse(text).unwrap_err();
        errors[0].extensions.as_ref().unwrap().get("code").unwrap().to_string()
    }

    #[test]
    fn what_cannot_be_parsed_is_a_bad_request() {
        for text in ["", "{", "query {", "{ a(b: 08) }", "{ ...A } fragment A on T { ...A }"] {
            assert_eq!(code(text), "\"BAD_REQUEST\"", "{text}");
        }
    }

    #[test]
    fn what_would_exhaust_the_stack_is_too_complex() {
        for bracket in ["{a", "{a(b:[", "query($a:[", "{a(b:{c:"] {
            assert_eq!(code(&bracket.repeat(50_000)), "\"QUERY_TOO_COMPLEX\"", "{bracket}");
        }
    }

    #[test]
    fn the_operation_is_the_named_one_or_the_only_one() {
        let document = Document::parse("query A { a } mutation B { b }").unwrap();
        assert!(document.operation(None).is_none());
        assert_eq!(document.operation(Some("B")).unwrap().1, OperationType::Mutation);
        assert!(document.operation(Some("C")).is_none());
        assert!(Document::parse("{ a }").unwrap().operation(None).is_some());
    }

    #[tokio::test]
    async fn a_document_is_parsed_once() {
        let documents = Documents::new(1 << 20);
        let first = documents.get("{ a }").await.unwrap();
        assert!(Arc::ptr_eq(&first, &documents.get("{ a }").await.unwrap()));
        assert!(!Arc::ptr_eq(&first, &documents.get("{ b }").await.unwrap()));
    }
}
