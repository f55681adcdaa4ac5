//! Our requests in async-stripe's words.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveTime};
use core_kernel::Timestamp;
use stripe_billing::billing_meter::{
    CreateBillingMeter, CreateBillingMeterDefaultAggregation, CreateBillingMeterDefaultAggregationFormula,
};
use stripe_billing::billing_meter_event::CreateBillingMeterEvent;
use stripe_billing::billing_meter_event_summary::{
    ListIdBillingMeterEventSummary, ListIdBillingMeterEventSummaryValueGroupingWindow,
};
use stripe_billing::subscription::{
    CreateSubscription, CreateSubscriptionBillingMode, CreateSubscriptionBillingModeType, CreateSubscriptionItems,
    CreateSubscriptionProrationBehavior,
};
use stripe_billing::{BillingMeterEventTimeWindow, BillingMeterId};
use stripe_core::customer::CreateCustomer;
use stripe_product::price::{
    CreatePrice, CreatePriceProductData, CreatePriceRecurring, CreatePriceRecurringInterval,
    CreatePriceRecurringUsageType,
};
use stripe_types::Currency;

use crate::{NewCustomer, NewMeter, NewPrice, NewSubscription, StripeError, UsageTotal};

/// Under these names our own facts are kept in Stripe's metadata.
pub(crate) const TENANT: &str = "postern_tenant";
pub(crate) const TERMS: &str = "postern_terms";

pub(crate) fn customer(new: NewCustomer<'_>) -> CreateCustomer {
    let request = CreateCustomer::new().name(new.name).metadata(fact(TENANT, new.tenant));
    match new.email {
        Some(email) => request.email(email),
        None => request,
    }
}

pub(crate) fn meter(new: NewMeter<'_>) -> CreateBillingMeter {
    let sum = CreateBillingMeterDefaultAggregation::new(CreateBillingMeterDefaultAggregationFormula::Sum);
    CreateBillingMeter::new(sum, new.display_name, new.event_name).event_time_window(BillingMeterEventTimeWindow::Day)
}

/// # Errors
/// For a currency that Stripe does not know.
pub(crate) fn price(new: NewPrice<'_>) -> Result<CreatePrice, StripeError> {
    let Ok(currency) = new.currency.to_lowercase().parse::<Currency>();
    if matches!(currency, Currency::Unknown(_)) {
        return Err(StripeError::Configuration(format!("Stripe does not bill in {}", new.currency)));
    }
    let mut recurring = CreatePriceRecurring::new(CreatePriceRecurringInterval::Month);
    recurring.meter = Some(new.meter.to_owned());
    recurring.usage_type = Some(CreatePriceRecurringUsageType::Metered);
    Ok(CreatePrice::new(currency)
        .lookup_key(new.lookup_key)
        .product_data(CreatePriceProductData::new(new.product_name))
        .unit_amount_decimal(new.unit_amount)
        .recurring(recurring))
}

/// Classic billing, in which nothing is prorated or billed before the period's end unless it is asked for.
pub(crate) fn subscription(new: NewSubscription<'_>) -> CreateSubscription {
    let item = |price: &String| {
        let mut item = CreateSubscriptionItems::new();
        item.price = Some(price.clone());
        item
    };
    CreateSubscription::new()
        .customer(new.customer)
        .items(new.prices.iter().map(item).collect::<Vec<_>>())
        .backdate_start_date(new.from.timestamp())
        .billing_cycle_anchor(new.next_period.timestamp())
        .proration_behavior(CreateSubscriptionProrationBehavior::None)
        .billing_mode(CreateSubscriptionBillingMode::new(CreateSubscriptionBillingModeType::Classic))
        .off_session(true)
        .metadata(fact(TERMS, new.terms))
}

pub(crate) fn usage(total: UsageTotal<'_>) -> CreateBillingMeterEvent {
    let payload = HashMap::from([
        ("stripe_customer_id".to_owned(), total.customer.to_owned()),
        ("value".to_owned(), total.units.to_string()),
    ]);
    CreateBillingMeterEvent::new(total.event_name, payload).identifier(total.identifier).timestamp(total.at.timestamp())
}

pub(crate) fn usage_by_day(
    meter: &str,
    customer: &str,
    first: NaiveDate,
    end: NaiveDate,
) -> ListIdBillingMeterEventSummary {
    let id = BillingMeterId::from(meter);
    ListIdBillingMeterEventSummary::new(id, customer, midnight(end), midnight(first))
        .value_grouping_window(ListIdBillingMeterEventSummaryValueGroupingWindow::Day)
        .limit(100)
}

fn fact(name: &str, value: &str) -> HashMap<String, String> {
    HashMap::from([(name.to_owned(), value.to_owned())])
}

fn midnight(day: NaiveDate) -> i64 {
    Timestamp::from_naive_utc_and_offset(day.and_time(NaiveTime::MIN), chrono::Utc).timestamp()
}
