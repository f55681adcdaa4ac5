//! What changes simulations.

mod cancel;
pub(crate) mod start;
