//! Filters (RFC 7644 §3.4.2.2): parsed, asked of a value of a list, and turned into a condition on users.
//!
//! The grammar is a page; a parser of our own keeps its two bounds where a client's text is first met,
//! and reads paths of PATCH with the same code.

mod compile;
mod lexer;
mod matches;
mod parse;
mod print;

pub(crate) use compile::compile;
pub(crate) use matches::matches;
pub(crate) use parse::{ParseError, parse_filter, parse_path};

use serde_json::Value;

/// The longest filter or path.
pub(crate) const MAX_BYTES: usize = 4096;
/// How deep `not`, groups and value paths may stand in one another.
const MAX_DEPTH: usize = 16;
/// How many tests a filter may have: each is a condition of the statement.
const MAX_TESTS: usize = 64;

/// A filter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    /// All of these; two at least.
    And(Vec<Filter>),
    /// Any of these; two at least.
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// A test of an attribute.
    Test(AttributePath, Operator),
    /// `attribute[filter]`: whether one value of a list satisfies a filter on its sub-attributes.
    Values(AttributePath, Box<Filter>),
}

/// `[schema:]attribute[.part]`, as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct AttributePath {
    /// The schema's URI.
    pub(crate) schema: Option<String>,
    /// The attribute.
    pub(crate) name: String,
    /// The sub-attribute.
    pub(crate) part: Option<String>,
}

/// How an attribute is tested.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operator {
    /// `pr`.
    Present,
    /// Any other, with the value that it compares with.
    Compare(Comparison, Value),
}

/// The operators that compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Contains,
    StartsWith,
    EndsWith,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Comparison {
    fn read(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "eq" => Self::Equal,
            "ne" => Self::NotEqual,
            "co" => Self::Contains,
            "sw" => Self::StartsWith,
            "ew" => Self::EndsWith,
            "gt" => Self::Greater,
            "ge" => Self::GreaterOrEqual,
            "lt" => Self::Less,
            "le" => Self::LessOrEqual,
            _ => return None,
        })
    }
}

/// A path of PATCH (RFC 7644 §3.5.2): `attribute`, `attribute[filter]` or `attribute[filter].part`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Path {
    /// The attribute, and the part where no filter stands between.
    pub(crate) attribute: AttributePath,
    /// Which of its values.
    pub(crate) filter: Option<Filter>,
}
