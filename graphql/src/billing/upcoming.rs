//! The invoice of the running period, as it stands.

use async_graphql::SimpleObject;
use svc_billing::{BilledChannel, DraftInvoice, DraftLine, InvoiceLine};

use crate::enums::MessageChannel;
use crate::money::Money;

/// What would be to pay if the billing period ended now: the plan's fee, and the messages beyond the included ones.
#[derive(SimpleObject)]
pub struct UpcomingInvoice {
    /// The fee, then the dearest messages first.
    pub lines: Vec<UpcomingInvoiceLine>,
    /// All lines together, before taxes.
    pub total: Money,
}

/// A line of it: the plan's fee, or a channel in a group of countries that cost the same.
#[derive(SimpleObject)]
pub struct UpcomingInvoiceLine {
    /// How it was sent; null for the plan's fee.
    pub channel: Option<MessageChannel>,
    /// By its name in the price list; null for the plan's fee.
    pub country_group: Option<String>,
    /// Units that were used in the period; of the plan's fee, months.
    pub used: i32,
    /// What of them the plan includes.
    pub included: i32,
    /// Units of earlier periods that were not on their invoices; below zero: that were corrected since.
    pub carried: i32,
    /// What is billed.
    pub billed: i32,
    /// What one costs.
    pub price: Money,
    /// Rounded half up to the minor unit, once.
    pub amount: Money,
}

impl From<DraftInvoice> for UpcomingInvoice {
    fn from(draft: DraftInvoice) -> Self {
        Self { lines: draft.lines.into_iter().map(UpcomingInvoiceLine::from).collect(), total: draft.total.into() }
    }
}

impl From<DraftLine> for UpcomingInvoiceLine {
    fn from(line: DraftLine) -> Self {
        let (channel, country_group) = match line.line {
            InvoiceLine::Plan => (None, None),
            InvoiceLine::Usage(channel, group) => (Some(channel_of(channel)), Some(group)),
        };
        Self {
            channel,
            country_group,
            used: clamped(line.used),
            included: clamped(line.included),
            carried: clamped(line.carried),
            billed: clamped(line.billed),
            price: line.price.into(),
            amount: line.amount.into(),
        }
    }
}

const fn channel_of(channel: BilledChannel) -> MessageChannel {
    match channel {
        BilledChannel::Sms => MessageChannel::Sms,
        BilledChannel::Voice => MessageChannel::Voice,
        BilledChannel::Email => MessageChannel::Email,
    }
}

/// GraphQL's whole numbers are short; no tenant sends so many messages in a month.
fn clamped(units: i64) -> i32 {
    i32::try_from(units).unwrap_or(if units < 0 { i32::MIN } else { i32::MAX })
}
