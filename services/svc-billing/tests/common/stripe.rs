//! A tenant that is billed through the stand-in, and a month that passes as fast as a test likes.

use std::sync::Arc;
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use core_kernel::{ManualClock, Redacted, SystemEntropy, TenantId, Timestamp};
use io_postgres::TenantTx;
use io_stripe::{StripeClient, StripeOptions};
use serde_json::{Value, json};
use svc_billing::{Billing, Collector, CollectorOptions};
use svc_platform::Platform;
use testkit::{Environment, STRIPE_KEY, StripeStandIn, TestBed};

use super::{may_manage, may_read};

/// One tenant, its bill, and Stripe.
pub struct House {
    pub bed: TestBed,
    pub stripe: StripeStandIn,
    pub client: StripeClient,
    pub clock: Arc<ManualClock>,
    pub platform: Platform,
    pub tenant: TenantId,
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl House {
    /// Its clocks stand at `now`.
    pub async fn at(now: &str) -> Self {
        let bed = TestBed::new().await;
        let stripe = StripeStandIn::start(at(now));
        let tenant = bed.tenant(Environment::Live).await;
        let clock = Arc::new(ManualClock::starting_at(at(now)));
        let platform = Platform { clock: clock.clone(), ..bed.platform.clone() };
        let options = StripeOptions {
            secret_key: Redacted::new(STRIPE_KEY.to_owned()),
            base_url: stripe.url(),
            first_pause: Duration::from_millis(1),
        };
        let client = StripeClient::new(options, Arc::new(SystemEntropy)).unwrap();
        Self { bed, stripe, client, clock, platform, tenant }
    }

    pub fn billing(&self) -> Billing {
        Billing::new(self.platform.clone()).with_stripe(Some(Arc::new(self.client.clone())))
    }

    pub fn collector(&self) -> Collector {
        Collector::new(self.platform.clone(), Arc::new(self.client.clone()), CollectorOptions::default())
    }

    /// Lets time pass, here and at Stripe.
    pub async fn until(&self, now: &str) {
        self.pass(at(now)).await;
    }

    pub async fn pass(&self, now: Timestamp) {
        self.set_clock(now);
        self.stripe.advance(now).await;
    }

    /// Ours alone.
    pub fn set_clock(&self, now: Timestamp) {
        self.clock.advance(now - self.platform.now());
    }

    /// A visit, whether one is due or not.
    pub async fn visit(&self) {
        self.hurry().await;
        self.collector().visit(self.tenant).await.unwrap();
    }

    /// Makes a visit due, and forgets the lease of one that crashed.
    pub async fn hurry(&self) {
        self.run("update stripe_account set due_at = '-infinity', leased_until = null where tenant_id = $1").await;
    }

    pub async fn run(&self, sql: &'static str) {
        super::run(&self.bed, self.tenant, sql).await;
    }

    pub async fn number(&self, sql: &'static str) -> i64 {
        super::number(&self.bed, self.tenant, sql).await
    }

    pub async fn change_plan(&self, code: &str) {
        self.billing().change_plan(&may_manage(self.tenant), code).await.unwrap();
    }

    pub async fn account(&self) -> svc_billing::Account {
        self.billing().account(&may_read(self.tenant)).await.unwrap()
    }

    /// The upcoming invoice's total, as it is shown.
    pub async fn upcoming(&self) -> String {
        self.account().await.upcoming.total.to_string()
    }

    /// Writes usage into the ledger as a charge of that instant does, at list price.
    pub async fn used(&self, when: Timestamp, channel: &str, country: Option<&str>, units: i32) {
        let mut tx = TenantTx::begin(&self.platform.database, self.tenant).await.unwrap();
        sqlx::query(
            "with entry as (
                 insert into usage_ledger (tenant_id, month, message_id, entry, kind, charged_at, period, channel, purpose,
                                           country, country_group, units, price, amount, currency, price_version)
                 select $1, this_month(), uuid_v7(), 0, 'CHARGE', $2, date_trunc('month', $2 at time zone 'UTC')::date, $3, 'CODE',
                        $4, p.country_group, $5, p.amount, $5 * p.amount, p.currency, p.version
                   from list_price($3, $4) p
                 returning *
             )
             insert into usage_rollup as u (tenant_id, day, channel, country_group, country, part, units, amount, currency)
             select tenant_id, (charged_at at time zone 'UTC')::date, channel, country_group, coalesce(country, ''), 0, units,
                    amount, currency from entry
                 on conflict (tenant_id, day, channel, country, currency, country_group, part)
                 do update set units = u.units + excluded.units, amount = u.amount + excluded.amount",
        )
        .bind(self.tenant.0)
        .bind(when)
        .bind(channel)
        .bind(country)
        .bind(units)
        .execute(tx.connection())
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// Texts to the United States, now.
    pub async fn texts(&self, units: i32) {
        self.used(self.platform.now(), "SMS", Some("US"), units).await;
    }

    /// That everything agrees, to the unit and to the cent.
    pub async fn books_agree(&self) {
        let report = self.collector().reconcile().await.unwrap();
        assert!(report.agrees() && report.tenants == 1 && report.compared > 0, "{report}");
    }

    /// Stripe's invoices, the oldest first.
    pub async fn invoices(&self) -> Vec<Value> {
        self.stripe.state().await["invoices"].as_array().unwrap().clone()
    }

    /// The card works from now on, or does not.
    pub async fn card(&self, works: bool) {
        let state = self.stripe.state().await;
        let customer = &state["customers"][0]["id"];
        self.stripe.control("payment", json!({ "customer": customer, "works": works })).await;
    }

    /// What the meter of texts to the United States has of a day.
    pub async fn told(&self, day: &str) -> Option<i64> {
        let day: NaiveDate = day.parse().unwrap();
        let state = self.stripe.state().await;
        let meters = state["meters"].as_array().unwrap();
        let meter = meters.iter().find(|meter| meter["event_name"] == "postern_sms_us_ca").unwrap()["id"].clone();
        let is_it = |event: &&Value| {
            let at = Timestamp::from_timestamp(event["timestamp"].as_i64().unwrap(), 0).unwrap();
            event["meter"] == meter && at.date_naive() == day
        };
        let last = state["events"].as_array().unwrap().iter().rfind(is_it)?.clone();
        last["units"].as_str().unwrap().parse().ok()
    }
}

/// So many days after an instant.
pub fn days(from: Timestamp, days: i64) -> Timestamp {
    from + TimeDelta::days(days)
}
