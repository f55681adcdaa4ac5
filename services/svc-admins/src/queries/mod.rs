//! What is read: sessions, administrators, and who is named by a SUPPORT key.

mod acting;
mod actor;
mod admins;
mod session;
mod sessions;

pub use acting::{Acting, Named};
