//! Who may do what.
//!
//! One table ([`OPERATIONS`]) says for every operation which scopes of an API key and which roles
//! of an administrator allow it; the printed matrix is committed and compared. A command takes a
//! [`Permit`] as an argument, and only [`Caller::permit`] can make one: a write without the check
//! does not compile.

mod caller;
mod matrix;
mod operations;
mod partner;
mod routes;
mod scopes;

pub use caller::{Actor, Caller, Permit, Principal};
pub use matrix::render_matrix;
pub use operations::{OPERATIONS, Operation, OperationRule};
pub use partner::{PartnerCaller, PartnerPermit, PartnerPrincipal};
pub use routes::{Proof, ROUTES, RouteRule};
pub use scopes::{AdminRole, ApiScope, RoleSet, ScopeSet};
