//! What each page shows.

pub(crate) mod advisor;
pub(crate) mod enroll;
pub(crate) mod login;
pub(crate) mod settings;
