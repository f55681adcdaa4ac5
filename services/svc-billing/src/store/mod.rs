//! All SQL of billing. What is charged is written by `migrations/hot_path/80_ledger.sql`, in the
//! transaction that records a message's acceptance.

mod accounts;
mod ledger;
mod plans;
mod prices;
pub(crate) mod stripe;
mod survey;
mod usage;

pub(crate) use accounts::{AccountRow, find_account, list_return_urls, set_cap, set_plan};
pub use ledger::correct_charge;
pub use plans::ensure_plans;
pub(crate) use plans::{StoredPlan, list_plan_prices, list_plans};
pub(crate) use prices::load_price_list;
pub use prices::{SeedError, current_price_list, ensure_price_list, price_list};
pub(crate) use survey::{SpendingRow, find_spending};
pub(crate) use usage::{list_day_units, list_usage, sum_of_days};

use crate::Currency;

/// A stored code.
fn currency(code: &str) -> Result<Currency, String> {
    Currency::parse(code).ok_or_else(|| format!("{code} is no currency"))
}
