//! What changes an account.

mod change_plan;
mod open_portal;
mod set_spending_cap;
