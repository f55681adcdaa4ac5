//! What Stripe answers: the fields that are read, and no others.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate};
use core_kernel::Timestamp;
use serde::{Deserialize, Deserializer};

/// A meter.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Meter {
    /// Stripe's identifier.
    pub id: String,
    /// By this totals name it.
    pub event_name: String,
    /// The window within which the last event holds: `day`.
    pub event_time_window: Option<String>,
    default_aggregation: Aggregation,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Aggregation {
    formula: String,
}

impl Meter {
    /// Whether it takes day totals and adds days up. Nothing of a meter but its name can be changed.
    #[must_use]
    pub fn adds_up_days(&self) -> bool {
        self.default_aggregation.formula == "sum" && self.event_time_window.as_deref() == Some("day")
    }
}

/// A price.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Price {
    /// Stripe's identifier.
    pub id: String,
    /// By this it is found.
    pub lookup_key: Option<String>,
    /// ISO 4217, in small letters.
    pub currency: String,
    /// In minor units, as a decimal number.
    pub unit_amount_decimal: Option<String>,
    recurring: Option<Recurring>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Recurring {
    meter: Option<String>,
}

impl Price {
    /// The meter whose units it prices.
    #[must_use]
    pub fn meter(&self) -> Option<&str> {
        self.recurring.as_ref()?.meter.as_deref()
    }
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Subscription {
    /// Stripe's identifier.
    pub id: String,
    /// Stripe's word: `active`, `past_due`, `unpaid`, `canceled` and others.
    pub status: String,
    #[serde(default)]
    metadata: HashMap<String, String>,
    items: List<SubscriptionItem>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct SubscriptionItem {
    #[serde(deserialize_with = "instant")]
    current_period_start: Timestamp,
}

impl Subscription {
    /// The terms that it stands for.
    #[must_use]
    pub fn terms(&self) -> Option<&str> {
        self.metadata.get(crate::requests::TERMS).map(String::as_str)
    }

    /// When the period began that Stripe is in.
    #[must_use]
    pub fn period_start(&self) -> Option<Timestamp> {
        self.items.data.first().map(|item| item.current_period_start)
    }
}

/// What a meter has of a UTC day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayTotal {
    /// The day.
    pub day: NaiveDate,
    /// Units.
    pub units: i64,
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Invoice {
    /// Stripe's identifier.
    pub id: String,
    /// As it is printed; a draft has none.
    pub number: Option<String>,
    /// Stripe's word: `draft`, `open`, `paid`, `void`, `uncollectible`.
    pub status: Option<String>,
    /// ISO 4217, in small letters.
    pub currency: String,
    /// In minor units.
    pub total: i64,
    /// How often somebody tried to collect it.
    #[serde(default)]
    pub attempt_count: i64,
    /// The period that it bills.
    #[serde(deserialize_with = "instant")]
    pub period_start: Timestamp,
    /// See [`Self::period_start`].
    #[serde(deserialize_with = "instant")]
    pub period_end: Timestamp,
    /// Where it can be read and paid.
    pub hosted_invoice_url: Option<String>,
    /// When it was made.
    #[serde(deserialize_with = "instant")]
    pub created: Timestamp,
}

/// What an invoice would say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// ISO 4217, in small letters.
    pub currency: String,
    /// In minor units.
    pub total: i64,
    /// Line by line.
    pub lines: Vec<InvoiceLine>,
}

/// A line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct InvoiceLine {
    /// What it is for.
    pub description: Option<String>,
    /// Units.
    pub quantity: Option<i64>,
    /// In minor units.
    pub amount: i64,
}

/// Stripe's lists.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct List<T> {
    pub(crate) data: Vec<T>,
    #[serde(default)]
    pub(crate) has_more: bool,
}

/// Anything that is asked for its identifier alone.
#[derive(Debug, Deserialize)]
pub(crate) struct Named {
    pub(crate) id: String,
}

/// A session with a page.
#[derive(Debug, Deserialize)]
pub(crate) struct Session {
    pub(crate) url: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct DraftInvoice {
    pub(crate) currency: String,
    pub(crate) total: i64,
    pub(crate) lines: List<InvoiceLine>,
}

/// A sum of a meter's. The value is a JSON number, which Stripe may write with a point.
#[derive(Debug, Deserialize)]
pub(crate) struct Summary {
    pub(crate) id: String,
    #[serde(deserialize_with = "instant")]
    pub(crate) start_time: Timestamp,
    #[serde(deserialize_with = "whole")]
    pub(crate) aggregated_value: i64,
}

/// Stripe's error.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ErrorBody {
    #[serde(default)]
    pub(crate) error: ErrorDetail,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct ErrorDetail {
    #[serde(default)]
    pub(crate) code: Option<String>,
    #[serde(default)]
    pub(crate) message: Option<String>,
}

/// Stripe's times are whole seconds since 1970.
fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let seconds = i64::deserialize(deserializer)?;
    DateTime::from_timestamp(seconds, 0).ok_or_else(|| serde::de::Error::custom("not a time"))
}

/// A whole number, also where it is written `3.0`; read from its text, so that no bit of it is lost.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let text = serde_json::Number::deserialize(deserializer)?.to_string();
    let digits = text
        .split_once('.')
        .map_or(Some(text.as_str()), |(whole, rest)| rest.bytes().all(|digit| digit == b'0').then_some(whole));
    let number = digits.and_then(|digits| digits.parse().ok());
    number.ok_or_else(|| serde::de::Error::custom("not a whole number of units"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(value: &str) -> Result<i64, serde_json::Error> {
        let text = format!(r#"{{"id": "s", "start_time": 1, "aggregated_value": {value}, "more": {{}}}}"#);
        serde_json::from_str::<Summary>(&text).map(|summary| summary.aggregated_value)
    }

    #[test]
    fn sums_are_whole_however_they_are_written() {
        for (text, units) in
            [("0", 0), ("3", 3), ("3.0", 3), ("-2.00", -2), ("4503599627370497", 4_503_599_627_370_497)]
        {
            assert_eq!(summary(text).unwrap(), units, "{text}");
        }
        for text in ["3.5", "1e300", "\"3\"", "null"] {
            assert!(summary(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_meter_that_adds_or_forgets_is_not_ours() {
        let meter = |formula: &str, window: &str| {
            let text = format!(
                r#"{{"id": "m", "event_name": "e", "default_aggregation": {{"formula": "{formula}"}}, "event_time_window": {window}}}"#
            );
            serde_json::from_str::<Meter>(&text).unwrap().adds_up_days()
        };
        assert!(meter("sum", "\"day\""));
        for (formula, window) in [("sum", "null"), ("sum", "\"hour\""), ("last", "\"day\""), ("count", "\"day\"")] {
            assert!(!meter(formula, window), "{formula} {window}");
        }
    }
}
