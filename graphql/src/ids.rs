//! Identifiers in and out.

use async_graphql::ID;
use core_kernel::{Refusal, TypedId};

/// The identifier of an input field. Malformed, of another type, foreign or absent are one answer,
/// given alone: use `?` on this before anything else of the input is looked at.
///
/// # Errors
/// NOT_FOUND at `path`; `what` is the thing's name in a sentence, e.g. `login`.
pub fn read_id<T: TypedId>(id: &ID, what: &str, path: &str) -> Result<T, Refusal> {
    T::from_text(id.as_str()).ok_or_else(|| Refusal::not_found(what).at(path))
}

/// The identifier of an optional input field.
///
/// # Errors
/// As [`read_id`].
pub fn read_id_opt<T: TypedId>(id: Option<&ID>, what: &str, path: &str) -> Result<Option<T>, Refusal> {
    id.map(|id| read_id(id, what, path)).transpose()
}

/// The public identifier.
pub fn id<T: TypedId>(id: T) -> ID {
    ID(id.to_text())
}
