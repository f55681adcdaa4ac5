//! What is shown of accounts and usage.

mod account;
mod usage;

pub(crate) use account::{load_account, load_plans};
