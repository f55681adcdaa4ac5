//! Meters and prices: what has to be at Stripe before anything can be billed.
//!
//! A meter belongs to a line (channel and country group, or the plan), a price to a line under some terms.
//! Neither ever changes, so that both are found by name and made where they are missing.

use std::collections::HashMap;
use std::sync::Arc;

use core_kernel::Fault;
use io_postgres::{DbError, NoTenant};
use io_stripe::{Meter, NewMeter, NewPrice, Price, StripeError};

use super::{Collector, Trouble};
use crate::{BilledChannel, InvoiceLine, Money, PlanTerms, Terms, TermsCode, store};

/// What is at Stripe for some terms.
#[derive(Debug)]
pub(crate) struct Catalog {
    /// By line, in no order.
    pub(super) meters: HashMap<InvoiceLine, Meter>,
    /// The prices' identifiers.
    pub(super) prices: Vec<String>,
}

impl Collector {
    /// Makes the meters and prices of every plan that is offered, under the price list in force, where they
    /// are missing; how many prices there are.
    ///
    /// # Errors
    /// When the database or Stripe fails, or something under one of our names is not what it should be.
    pub async fn set_up(&self) -> Result<usize, Trouble> {
        let mut prices = 0;
        for terms in self.offered_terms().await? {
            prices += self.catalog(&terms).await?.prices.len();
        }
        Ok(prices)
    }

    async fn offered_terms(&self) -> Result<Vec<Terms>, Fault> {
        let mut connection = NoTenant::acquire(&self.platform.database).await?;
        let list = store::load_price_list(connection.connection(), None).await?;
        let plans = store::list_plans(connection.connection()).await.map_err(DbError::from)?;
        let mut all = Vec::new();
        for stored in plans.map_err(Fault::internal)?.into_iter().filter(|stored| stored.offered) {
            let prices = store::list_plan_prices(connection.connection(), &stored.plan).await.map_err(DbError::from)?;
            let prices = prices.map_err(Fault::internal)?;
            all.push(Terms::of(&PlanTerms { plan: stored.plan, prices }, &list));
        }
        Ok(all)
    }

    /// What is at Stripe for these terms, made where it is missing.
    pub(super) async fn catalog(&self, terms: &Terms) -> Result<Arc<Catalog>, StripeError> {
        let code = terms.code();
        if let Some(known) = self.known(&code) {
            return Ok(known);
        }
        let meters = self.ensure_meters(terms).await?;
        let prices = self.ensure_prices(terms, &meters).await?;
        let made = Arc::new(Catalog { meters, prices });
        if let Ok(mut catalogs) = self.catalogs.lock() {
            catalogs.insert(code, made.clone());
        }
        Ok(made)
    }

    fn known(&self, code: &TermsCode) -> Option<Arc<Catalog>> {
        self.catalogs.lock().ok()?.get(code).cloned()
    }

    async fn ensure_meters(&self, terms: &Terms) -> Result<HashMap<InvoiceLine, Meter>, StripeError> {
        let there = self.stripe.meters().await?;
        let mut meters = HashMap::new();
        for (line, _) in terms.lines() {
            let event_name = event_name(&line);
            let meter = match there.iter().find(|meter| meter.event_name == event_name) {
                Some(meter) => meter.clone(),
                None => {
                    let new = NewMeter { event_name: &event_name, display_name: &title(&line) };
                    self.stripe.create_meter(new).await?
                }
            };
            if !meter.adds_up_days() {
                let message = format!("the meter {event_name} at Stripe does not add up day totals; deactivate it");
                return Err(StripeError::Configuration(message));
            }
            meters.insert(line, meter);
        }
        Ok(meters)
    }

    async fn ensure_prices(
        &self,
        terms: &Terms,
        meters: &HashMap<InvoiceLine, Meter>,
    ) -> Result<Vec<String>, StripeError> {
        let keys: Vec<String> = terms.lines().map(|(line, _)| lookup_key(&terms.code(), &line)).collect();
        let there = self.stripe.prices(&keys).await?;
        let mut ids = Vec::new();
        for ((line, amount), key) in terms.lines().zip(&keys) {
            let meter = meters.get(&line).map_or("", |meter| meter.id.as_str());
            let price = match there.iter().find(|price| price.lookup_key.as_ref() == Some(key)) {
                Some(price) => price.clone(),
                None => self.create_price(terms, &line, amount, key, meter).await?,
            };
            if !says(&price, amount, meter) {
                let message = format!("the price {key} at Stripe is not {amount} on its meter; archive it");
                return Err(StripeError::Configuration(message));
            }
            ids.push(price.id);
        }
        Ok(ids)
    }

    async fn create_price(
        &self,
        terms: &Terms,
        line: &InvoiceLine,
        amount: Money,
        key: &str,
        meter: &str,
    ) -> Result<Price, StripeError> {
        let product_name = match line {
            InvoiceLine::Plan => format!("{}, a month", terms.plan().name),
            InvoiceLine::Usage(..) => format!("{} ({})", title(line), terms.plan().name),
        };
        let currency = amount.currency();
        let new = NewPrice {
            lookup_key: key,
            product_name: &product_name,
            currency: currency.code(),
            unit_amount: &amount.minor_units(),
            meter,
        };
        self.stripe.create_price(new).await
    }
}

/// Whether a price is what it should be; decimals may be written in several ways.
fn says(price: &Price, amount: Money, meter: &str) -> bool {
    let plain = |text: &str| match text.split_once('.') {
        Some((whole, fraction)) => {
            format!("{whole}.{}", fraction.trim_end_matches('0')).trim_end_matches('.').to_owned()
        }
        None => text.to_owned(),
    };
    price.unit_amount_decimal.as_deref().map(plain) == Some(amount.minor_units())
        && price.currency.eq_ignore_ascii_case(amount.currency().code())
        && price.meter() == Some(meter)
}

/// By this name usage of a line is told.
pub(super) fn event_name(line: &InvoiceLine) -> String {
    format!("postern_{}", line.slug())
}

fn lookup_key(terms: &TermsCode, line: &InvoiceLine) -> String {
    format!("postern_{}_{}_{}", terms.plan, terms.version, line.slug())
}

/// As it stands on invoices and in Stripe's dashboard.
fn title(line: &InvoiceLine) -> String {
    let (what, group) = match line {
        InvoiceLine::Plan => return "Plan".to_owned(),
        InvoiceLine::Usage(BilledChannel::Sms, group) => ("Text message segments", group),
        InvoiceLine::Usage(BilledChannel::Voice, group) => ("Voice calls", group),
        InvoiceLine::Usage(BilledChannel::Email, group) => ("Mails", group),
    };
    format!("{what}, {}", group.replace('_', "/"))
}
