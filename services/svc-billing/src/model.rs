//! A tenant's account, as it is shown.

use core_kernel::Timestamp;

use crate::{BillingPeriod, DraftInvoice, Money, Plan};

/// What a tenant owes, and how far it lets it go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The plan in force.
    pub plan: Plan,
    /// Those that may be chosen.
    pub offered: Vec<Plan>,
    /// The period that runs.
    pub period: BillingPeriod,
    /// What its messages cost so far, at list price.
    pub amount: Money,
    /// What they will have cost at its end, if it goes on so.
    pub projected: Money,
    /// What would be to pay if the period ended now: the fee, and the messages beyond the included ones.
    pub upcoming: DraftInvoice,
    /// Beyond this nothing is sent that costs.
    pub spending_cap: Option<Money>,
    /// Whether it is paid.
    pub payment: PaymentStatus,
    /// Of the payment provider, newest first.
    pub invoices: Vec<InvoiceRecord>,
}

/// Whether a tenant pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentStatus {
    /// Nothing is collected: the tenant has no account with a payment provider.
    None,
    /// Payments arrive.
    Active,
    /// A payment failed.
    PastDue,
    /// The subscription has ended.
    Canceled,
}

/// How far an invoice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvoiceStatus {
    /// It is being written.
    Draft,
    /// It is to be paid.
    Open,
    /// It is paid.
    Paid,
    /// It does not hold.
    Void,
    /// It will not be paid.
    Uncollectible,
}

/// One invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceRecord {
    /// As it is printed on it; of a draft, which has none, the word `draft`.
    pub number: String,
    /// What is to be paid.
    pub amount: Money,
    /// How far it is.
    pub status: InvoiceStatus,
    /// Of which period.
    pub period_start: Timestamp,
    /// See [`Self::period_start`].
    pub period_end: Timestamp,
    /// Where it can be read and paid.
    pub hosted_url: Option<String>,
}
