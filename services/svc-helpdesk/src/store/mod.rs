//! All SQL of the help desk; one function a query.

pub(crate) mod admins;
pub(crate) mod codes;
pub(crate) mod links;
pub(crate) mod logins;
pub(crate) mod requests;
pub(crate) mod users;
