//! Identifiers, as clients see them. What clients send goes to the services as text: they answer
//! malformed, foreign and absent ones alike.

use async_graphql::ID;
use core_kernel::TypedId;

/// The public identifier.
pub fn id<T: TypedId>(id: T) -> ID {
    ID(id.to_text())
}
