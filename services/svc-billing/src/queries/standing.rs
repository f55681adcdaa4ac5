//! How a tenant stands with the payment provider, in our words.

use core_kernel::Fault;

use crate::model::{InvoiceRecord, InvoiceStatus, PaymentStatus};
use crate::store::stripe::{InvoiceRow, StripeAccount};
use crate::{Currency, Money};

/// Millionths in a minor unit.
const MILLIONTHS: i128 = 1_000_000;

pub(super) fn payment_of(account: Option<&StripeAccount>) -> PaymentStatus {
    let Some(account) = account else { return PaymentStatus::None };
    match account.status.as_deref() {
        None => PaymentStatus::None,
        Some("canceled" | "incomplete_expired") => PaymentStatus::Canceled,
        _ if account.failing_since.is_some() => PaymentStatus::PastDue,
        Some("active" | "trialing") => PaymentStatus::Active,
        Some(_) => PaymentStatus::PastDue,
    }
}

pub(super) fn invoices_of(rows: &[InvoiceRow]) -> Result<Vec<InvoiceRecord>, Fault> {
    rows.iter().map(|row| read(row).ok_or_else(|| Fault::internal("an invoice that cannot be read"))).collect()
}

fn read(row: &InvoiceRow) -> Option<InvoiceRecord> {
    let status = match row.status.as_str() {
        "draft" => InvoiceStatus::Draft,
        "open" => InvoiceStatus::Open,
        "paid" => InvoiceStatus::Paid,
        "void" => InvoiceStatus::Void,
        "uncollectible" => InvoiceStatus::Uncollectible,
        _ => return None,
    };
    Some(InvoiceRecord {
        number: row.number.clone().unwrap_or_else(|| "draft".to_owned()),
        amount: Money::from_millionths(i128::from(row.total) * MILLIONTHS, Currency::parse(&row.currency)?),
        status,
        period_start: row.period_start,
        period_end: row.period_end,
        hosted_url: row.hosted_url.clone(),
    })
}
