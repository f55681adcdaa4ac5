//! The four steps: what goes into each SQL function and what comes out.
//!
//! Arguments travel as parallel arrays, one element per caller; answers carry the number of the
//! item they belong to.

pub(crate) mod load;
pub(crate) mod record;
pub(crate) mod start;
pub(crate) mod verify;
