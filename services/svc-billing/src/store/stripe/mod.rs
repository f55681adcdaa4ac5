//! The SQL of what is billed through Stripe.

mod accounts;
mod invoices;
mod standing;
mod usage;

pub(crate) use accounts::{
    StripeAccount, claim, find_account, find_payer, mark_stale, note_alone, note_customer, note_subscription, release,
    tenant_of_customer, tenants_to_bill, tenants_with_stripe,
};
pub(crate) use invoices::{InvoiceRow, list_invoices, replace_invoices};
pub(crate) use standing::{note_standing, resume, suspend};
pub(crate) use usage::{
    PeriodRow, ToldDay, carry, close_period, find_period, ledger_units, list_carried, list_open_periods, list_told,
    note_period, note_taken, upsert_intent,
};
