//! What messages cost.
//!
//! [`Money`] is whole millionths of a currency's minor unit, since a text costs less than a cent: sums
//! are exact, and rounding is a step of its own ([`Money::rounded`]) that is taken once per line of a
//! bill. No floating point comes near it.
//!
//! The price list is a file, `prices.toml`, that `postern migrate` writes into the database once per
//! version ([`ensure_price_list`]). A version that is written never changes: whatever was priced by it
//! stays explainable.

mod currency;
mod money;
mod price_file;
mod price_list;
mod store;

pub use currency::Currency;
pub use money::{Money, MoneyError};
pub use price_file::{PRICES, PriceFileError};
pub use price_list::{BilledChannel, CountryGroup, PriceList};
pub use store::{SeedError, current_price_list, ensure_price_list, price_list};
