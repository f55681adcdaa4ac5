//! What changes imports.

mod cancel;
pub(crate) mod receive;
mod upload;
