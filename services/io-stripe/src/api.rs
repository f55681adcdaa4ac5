//! What is asked of Stripe.

use chrono::NaiveDate;
use core_kernel::Timestamp;
use futures::future::BoxFuture;

use crate::{DayTotal, Invoice, Meter, Preview, Price, StripeError, Subscription};

/// Somebody who pays.
#[derive(Debug, Clone, Copy)]
pub struct NewCustomer<'a> {
    /// Who it is with us; kept in its metadata, and found by it.
    pub tenant: &'a str,
    /// As it stands on invoices.
    pub name: &'a str,
    /// Where invoices are mailed.
    pub email: Option<&'a str>,
}

/// A meter of day totals: within a UTC day the last one holds, and days are added up.
#[derive(Debug, Clone, Copy)]
pub struct NewMeter<'a> {
    /// By this totals name it.
    pub event_name: &'a str,
    /// For people.
    pub display_name: &'a str,
}

/// What a unit on a meter costs.
#[derive(Debug, Clone, Copy)]
pub struct NewPrice<'a> {
    /// By this it is found again.
    pub lookup_key: &'a str,
    /// What stands on the invoice's line.
    pub product_name: &'a str,
    /// ISO 4217, in capitals.
    pub currency: &'a str,
    /// In minor units of the currency, as a decimal number.
    pub unit_amount: &'a str,
    /// The meter's identifier.
    pub meter: &'a str,
}

/// What is billed to a customer.
#[derive(Debug, Clone, Copy)]
pub struct NewSubscription<'a> {
    /// The customer's identifier.
    pub customer: &'a str,
    /// The prices' identifiers.
    pub prices: &'a [String],
    /// From when on usage counts: the first instant of the running period.
    pub from: Timestamp,
    /// The first instant of the next period, when it is billed for the first time.
    pub next_period: Timestamp,
    /// The terms that it stands for; kept in its metadata.
    pub terms: &'a str,
    /// The same for every attempt at making this one.
    pub idempotency_key: &'a str,
}

/// How much was used on a day, all in all.
#[derive(Debug, Clone, Copy)]
pub struct UsageTotal<'a> {
    /// The meter's name of events.
    pub event_name: &'a str,
    /// The customer's identifier.
    pub customer: &'a str,
    /// The day's total so far, in whole units; below zero where corrections prevail.
    pub units: i64,
    /// An instant of that day.
    pub at: Timestamp,
    /// The same for every attempt at telling this total, another for another one.
    pub identifier: &'a str,
}

/// What became of a total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It holds now.
    Now,
    /// It was told before.
    Before,
}

/// What an account at Stripe does for us.
pub trait Stripe: Send + Sync {
    /// Makes a customer; its identifier.
    fn create_customer<'a>(&'a self, new: NewCustomer<'a>) -> BoxFuture<'a, Result<String, StripeError>>;
    /// The customer that was made for a tenant. One made in the last minute may be overlooked.
    fn find_customer<'a>(&'a self, tenant: &'a str) -> BoxFuture<'a, Result<Option<String>, StripeError>>;
    /// All active meters.
    fn meters(&self) -> BoxFuture<'_, Result<Vec<Meter>, StripeError>>;
    /// Makes a meter.
    fn create_meter<'a>(&'a self, new: NewMeter<'a>) -> BoxFuture<'a, Result<Meter, StripeError>>;
    /// The active prices that have one of these lookup keys.
    fn prices<'a>(&'a self, lookup_keys: &'a [String]) -> BoxFuture<'a, Result<Vec<Price>, StripeError>>;
    /// Makes a price and its product.
    fn create_price<'a>(&'a self, new: NewPrice<'a>) -> BoxFuture<'a, Result<Price, StripeError>>;
    /// Makes a subscription that bills in arrears, by calendar month.
    fn create_subscription<'a>(&'a self, new: NewSubscription<'a>) -> BoxFuture<'a, Result<Subscription, StripeError>>;
    /// A subscription as it stands.
    fn subscription<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Subscription, StripeError>>;
    /// The subscriptions of a customer that have not ended.
    fn subscriptions<'a>(&'a self, customer: &'a str) -> BoxFuture<'a, Result<Vec<Subscription>, StripeError>>;
    /// Ends a subscription at once; what was used and not billed is not billed by it.
    fn cancel_subscription<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Subscription, StripeError>>;
    /// Tells a day's total so far.
    fn tell_usage<'a>(&'a self, total: UsageTotal<'a>) -> BoxFuture<'a, Result<Taken, StripeError>>;
    /// What a meter has of a customer, by UTC day, from the first to before the end. Days without usage
    /// may be left out, and what was told a moment ago may be missing.
    fn usage<'a>(
        &'a self,
        meter: &'a str,
        customer: &'a str,
        first: NaiveDate,
        end: NaiveDate,
    ) -> BoxFuture<'a, Result<Vec<DayTotal>, StripeError>>;
    /// The customer's invoices, newest first, at most a hundred.
    fn invoices<'a>(&'a self, customer: &'a str) -> BoxFuture<'a, Result<Vec<Invoice>, StripeError>>;
    /// What a subscription's next invoice would say now.
    fn preview<'a>(&'a self, subscription: &'a str) -> BoxFuture<'a, Result<Preview, StripeError>>;
    /// Opens Stripe's page for a customer (means of payment, invoices); its address.
    fn portal<'a>(&'a self, customer: &'a str, return_url: &'a str) -> BoxFuture<'a, Result<String, StripeError>>;
}
