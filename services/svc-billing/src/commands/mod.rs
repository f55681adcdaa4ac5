//! What changes an account.

mod change_plan;
mod set_spending_cap;
