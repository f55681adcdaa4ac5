//! How requests are read, apart from any server: what the crate `fuzz` sends its texts to.

use serde_json::{Map, Value};

use crate::filter::{Filter, compile, matches, parse_filter};
use crate::patch::Patch;

/// A filter that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadFilter(Filter);

impl ReadFilter {
    /// Reads a filter.
    ///
    /// # Errors
    /// The sentence that a client gets.
    pub fn read(text: &str) -> Result<Self, String> {
        parse_filter(text).map(Self).map_err(|error| error.to_string())
    }

    /// Whether a value of a list satisfies it.
    #[must_use]
    pub fn holds_for(&self, value: &Value) -> bool {
        matches(&self.0, value)
    }

    /// Whether users can be searched by it.
    #[must_use]
    pub fn is_searchable(&self) -> bool {
        compile(&self.0).is_ok()
    }
}

/// In its one spelling.
impl std::fmt::Display for ReadFilter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What a PATCH makes of a user.
///
/// # Errors
/// The sentence that a client gets.
pub fn patched(mut user: Map<String, Value>, body: &Value) -> Result<Map<String, Value>, String> {
    Patch::read(body).and_then(|patch| patch.apply(&mut user)).map_err(|error| error.detail)?;
    Ok(user)
}
