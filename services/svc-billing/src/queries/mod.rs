//! What is shown of accounts and usage.

mod account;
mod standing;
mod usage;

pub(crate) use account::{chosen_plan, load_account, load_plans, terms};
