//! All the SQL of this crate, one function a query.

pub(crate) mod backup;
pub(crate) mod challenges;
pub(crate) mod confirm;
pub(crate) mod devices;
pub(crate) mod factors;
pub(crate) mod subject;
pub(crate) mod supplied;
pub(crate) mod users;

use core_kernel::Fault;

/// A stored word that this version does not know is a fault, never a guess.
pub(crate) fn word<T>(parsed: Option<T>, what: &'static str) -> Result<T, Fault> {
    parsed.ok_or_else(|| Fault::internal(format!("the stored {what} is unknown")))
}
