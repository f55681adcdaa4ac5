//! What a period costs, exactly: from the ledger's daily sums to the lines of an invoice.
//!
//! Pure, and the only place where it is decided. What goes to Stripe and what is shown as the upcoming
//! invoice are the same numbers, taken at two places of one computation.

mod billed;
mod draft;
mod line;
mod terms;

pub use billed::{BilledDay, DayUnits, bill};
pub use draft::{DraftInvoice, DraftLine};
pub use line::InvoiceLine;
pub use terms::{Terms, TermsCode};
