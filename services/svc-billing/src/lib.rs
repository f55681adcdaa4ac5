//! What messages cost, and who pays how much.
//!
//! [`Money`] is whole millionths of a currency's minor unit, since a text costs less than a cent: sums
//! are exact, and rounding is a step of its own ([`Money::rounded`]) that is taken once per line of a
//! bill. No floating point comes near it.
//!
//! The price list is a file, `prices.toml`, that `postern migrate` writes into the database once per
//! version ([`ensure_price_list`]). A version that is written never changes: whatever was priced by it
//! stays explainable.
//!
//! A message is charged in the ledger (`usage_ledger`): one entry, unique on the message, in the
//! transaction that records its acceptance, whoever learns of it first. Corrections are further
//! entries ([`correct_charge`]). Beside the ledger its daily sums are kept, from which usage and bills
//! are read. The *spending cap* is held where messages are queued: what each will cost is set aside in
//! the tenant's account, one conditional UPDATE, so that any number of parallel sends pass it by no more
//! than one message. All of that is SQL (`migrations/hot_path/80_ledger.sql`), where sending is.
//!
//! What a period costs is decided in one place, by pure functions ([`bill`], [`DraftInvoice`]): what is
//! shown as the upcoming invoice and what Stripe is told are the same numbers. [`Collector`] is the one
//! who tells it, and reads from it who has paid. Without it everything else works.
//!
//! Plans (`plans.toml`) are what is paid beside messages; their terms never change either
//! ([`ensure_plans`]). A billing period is a calendar month in UTC.

mod billing;
mod commands;
mod currency;
mod invoice;
mod model;
mod money;
mod period;
mod plan;
mod plan_file;
mod price_file;
mod price_list;
mod queries;
mod refusals;
mod store;
mod stripe;
mod survey;
mod usage;

pub use billing::Billing;
pub use currency::Currency;
pub use invoice::{BilledDay, DayUnits, DraftInvoice, DraftLine, InvoiceLine, Terms, TermsCode, bill};
pub use model::{Account, InvoiceRecord, InvoiceStatus, PaymentStatus};
pub use money::{Money, MoneyError};
pub use period::BillingPeriod;
pub use plan::{Plan, PlanList, PlanTerms};
pub use plan_file::{PLANS, PlanFileError};
pub use price_file::{PRICES, PriceFileError};
pub use price_list::{BilledChannel, CountryGroup, PriceList};
pub use store::{SeedError, correct_charge, current_price_list, ensure_plans, ensure_price_list, price_list};
pub use stripe::{Collector, CollectorOptions, Difference, Report, StripeEvents, Trouble};
pub use survey::{Survey, survey};
pub use usage::{UsageBucket, UsagePoint, UsageRange};
