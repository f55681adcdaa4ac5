//! All of this crate's SQL, but for the exports' queries and the table of rules, which are its data.

pub(crate) mod partitions;
pub(crate) mod persons;
pub(crate) mod tenants;
