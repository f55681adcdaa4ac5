//! The client of an account at Stripe.

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use core_kernel::{Entropy, Redacted};
use futures::future::{BoxFuture, FutureExt as _};
use stripe_billing::billing_meter::ListBillingMeter;
use stripe_billing::billing_portal_session::CreateBillingPortalSession;
use stripe_billing::invoice::{CreatePreviewInvoice, ListInvoice};
use stripe_billing::subscription::{CancelSubscription, ListSubscription, RetrieveSubscription};
use stripe_billing::{BillingMeterStatus, SubscriptionId};
use stripe_core::customer::SearchCustomer;
use stripe_product::price::ListPrice;
use url::Url;

use crate::answers::{DraftInvoice, List, Named, Session, Summary};
use crate::requests::{self, TENANT};
use crate::transport::Transport;
use crate::{
    DayTotal, Invoice, Meter, NewCustomer, NewMeter, NewPrice, NewSubscription, Preview, Price, Stripe, StripeError,
    Subscription, Taken, UsageTotal,
};

/// The most lookup keys of one question.
const KEYS: usize = 10;
/// The most of a list's page.
const PAGE: i64 = 100;
/// Stripe's sentence about an identifier that it knows begins so; it has no word of its own for it.
const KNOWN: &str = "An event already exists with identifier";

/// Where the account is, and how it is reached.
#[derive(Debug, Clone)]
pub struct StripeOptions {
    /// The account's secret key.
    pub secret_key: Redacted<String>,
    /// Stripe's address.
    pub base_url: Url,
    /// How long to wait before the second attempt; after it twice as long each time.
    pub first_pause: Duration,
}

/// [`Stripe`] over HTTP. Cheap to clone.
#[derive(Clone)]
pub struct StripeClient(Transport);

impl StripeClient {
    /// Prepares a client; nothing is connected yet.
    ///
    /// # Errors
    /// For a key or an address that cannot be one.
    pub fn new(options: StripeOptions, entropy: Arc<dyn Entropy>) -> Result<Self, StripeError> {
        Ok(Self(Transport::new(options.base_url, options.secret_key, entropy, options.first_pause)?))
    }

    async fn summaries(
        &self,
        meter: &str,
        customer: &str,
        (first, end): (NaiveDate, NaiveDate),
    ) -> Result<Vec<DayTotal>, StripeError> {
        let mut totals = Vec::new();
        let mut request = requests::usage_by_day(meter, customer, first, end);
        loop {
            let page: List<Summary> = self.0.ask(&request, None).await?;
            let of =
                |summary: &Summary| DayTotal { day: summary.start_time.date_naive(), units: summary.aggregated_value };
            totals.extend(page.data.iter().map(of));
            match page.data.last() {
                Some(last) if page.has_more => request = request.starting_after(last.id.clone()),
                _ => return Ok(totals),
            }
        }
    }
}

impl Stripe for StripeClient {
    fn create_customer<'a>(&'a self, new: NewCustomer<'a>) -> BoxFuture<'a, Result<String, StripeError>> {
        async move {
            // A key belongs to one body: who was renamed between two attempts is looked for instead.
            let key = format!("postern-customer-{}", new.tenant);
            let made: Named = self.0.ask(&requests::customer(new), Some(&key)).await?;
            Ok(made.id)
        }
        .boxed()
    }

    fn find_customer<'a>(&'a self, tenant: &'a str) -> BoxFuture<'a, Result<Option<String>, StripeError>> {
        async move {
            let query = format!("metadata['{TENANT}']:'{tenant}'");
            let found: List<Named> = self.0.ask(&SearchCustomer::new(query), None).await?;
            Ok(found.data.into_iter().next().map(|named| named.id))
        }
        .boxed()
    }

    fn meters(&self) -> BoxFuture<'_, Result<Vec<Meter>, StripeError>> {
        async move {
            let mut meters: Vec<Meter> = Vec::new();
            let mut request = ListBillingMeter::new().status(BillingMeterStatus::Active).limit(PAGE);
            loop {
                let page: List<Meter> = self.0.ask(&request, None).await?;
                let last = page.data.last().map(|meter| meter.id.clone());
                meters.extend(page.data);
                match last {
                    Some(last) if page.has_more => request = request.starting_after(last),
                    _ => return Ok(meters),
                }
            }
        }
        .boxed()
    }

    fn create_meter<'a>(&'a self, new: NewMeter<'a>) -> BoxFuture<'a, Result<Meter, StripeError>> {
        async move {
            let key = format!("postern-meter-{}", new.event_name);
            self.0.ask(&requests::meter(new), Some(&key)).await
        }
        .boxed()
    }

    fn prices<'a>(&'a self, lookup_keys: &'a [String]) -> BoxFuture<'a, Result<Vec<Price>, StripeError>> {
        async move {
            let mut prices = Vec::new();
            for keys in lookup_keys.chunks(KEYS) {
                let request = ListPrice::new().active(true).lookup_keys(keys.to_vec()).limit(PAGE);
                let page: List<Price> = self.0.ask(&request, None).await?;
                prices.extend(page.data);
            }
            Ok(prices)
        }
        .boxed()
    }

    fn create_price<'a>(&'a self, new: NewPrice<'a>) -> BoxFuture<'a, Result<Price, StripeError>> {
        async move {
            let key = format!("postern-price-{}", new.lookup_key);
            self.0.ask(&requests::price(new)?, Some(&key)).await
        }
        .boxed()
    }

    fn create_subscription<'a>(&'a self, new: NewSubscription<'a>) -> BoxFuture<'a, Result<Subscription, StripeError>> {
        async move { self.0.ask(&requests::subscription(new), Some(new.idempotency_key)).await }.boxed()
    }

    fn subscription<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Subscription, StripeError>> {
        async move { self.0.ask(&RetrieveSubscription::new(SubscriptionId::from(id)), None).await }.boxed()
    }

    fn subscriptions<'a>(&'a self, customer: &'a str) -> BoxFuture<'a, Result<Vec<Subscription>, StripeError>> {
        async move {
            let request = ListSubscription::new().customer(customer).limit(PAGE);
            let page: List<Subscription> = self.0.ask(&request, None).await?;
            Ok(page.data)
        }
        .boxed()
    }

    fn cancel_subscription<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Subscription, StripeError>> {
        async move {
            let request = CancelSubscription::new(SubscriptionId::from(id)).invoice_now(false).prorate(false);
            self.0.ask(&request, None).await
        }
        .boxed()
    }

    fn tell_usage<'a>(&'a self, total: UsageTotal<'a>) -> BoxFuture<'a, Result<Taken, StripeError>> {
        async move {
            let told = self.0.ask::<serde_json::Value>(&requests::usage(total), None).await;
            match told {
                Ok(_) => Ok(Taken::Now),
                Err(StripeError::Refused { message, .. }) if message.starts_with(KNOWN) => Ok(Taken::Before),
                Err(error) => Err(error),
            }
        }
        .boxed()
    }

    fn usage<'a>(
        &'a self,
        meter: &'a str,
        customer: &'a str,
        first: NaiveDate,
        end: NaiveDate,
    ) -> BoxFuture<'a, Result<Vec<DayTotal>, StripeError>> {
        self.summaries(meter, customer, (first, end)).boxed()
    }

    fn invoices<'a>(&'a self, customer: &'a str) -> BoxFuture<'a, Result<Vec<Invoice>, StripeError>> {
        async move {
            let page: List<Invoice> = self.0.ask(&ListInvoice::new().customer(customer).limit(PAGE), None).await?;
            Ok(page.data)
        }
        .boxed()
    }

    fn preview<'a>(&'a self, subscription: &'a str) -> BoxFuture<'a, Result<Preview, StripeError>> {
        async move {
            let draft: DraftInvoice = self.0.ask(&CreatePreviewInvoice::new().subscription(subscription), None).await?;
            Ok(Preview { currency: draft.currency, total: draft.total, lines: draft.lines.data })
        }
        .boxed()
    }

    fn portal<'a>(&'a self, customer: &'a str, return_url: &'a str) -> BoxFuture<'a, Result<String, StripeError>> {
        async move {
            let request = CreateBillingPortalSession::new().customer(customer).return_url(return_url);
            let session: Session = self.0.ask(&request, None).await?;
            Ok(session.url)
        }
        .boxed()
    }
}
