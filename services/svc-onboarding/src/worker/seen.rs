//! Which identifiers a file has had so far: nine bytes for each row.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Digests of 64 bits: among a million rows two strangers are taken for one once in thirty million
/// files, and the row is named then.
#[derive(Debug, Default)]
pub(crate) struct Seen(HashSet<u64>);

impl Seen {
    /// With room for a file of so many rows.
    pub(crate) fn for_rows(rows: u32) -> Self {
        Self(HashSet::with_capacity(rows as usize))
    }

    /// Notes a folded identifier; false where it was there.
    pub(crate) fn insert(&mut self, folded: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        folded.hash(&mut hasher);
        self.0.insert(hasher.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_is_known() {
        let mut seen = Seen::for_rows(2);
        assert!(seen.insert("a") && seen.insert("b"));
        assert!(!seen.insert("a") && !seen.insert("b"));
    }
}
