//! All SQL of this service; each tenant's own rows.

pub(crate) mod flows;
pub(crate) mod links;
pub(crate) mod providers;
