//! The SQL beside the hot path's functions.

pub(crate) mod challenges;
pub(crate) mod counts;
pub(crate) mod logins;
pub(crate) mod passkeys;
