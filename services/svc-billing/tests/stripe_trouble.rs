//! Crashes, lost answers and random months against the stand-in; webhooks in any order.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{NaiveDate, TimeDelta};
use common::stripe::{House, at};
use core_kernel::{Entropy as _, Redacted, SeededEntropy};
use futures::future::{BoxFuture, FutureExt as _};
use io_stripe::{
    DayTotal, Invoice, Meter, NewCustomer, NewMeter, NewPrice, NewSubscription, Preview, Price, Stripe, StripeClient,
    StripeError, Subscription, Taken, UsageTotal, WebhookKey,
};
use proptest::prelude::*;
use serde_json::json;
use svc_billing::{Collector, CollectorOptions, PaymentStatus, StripeEvents};

/// A client whose process dies at the next call but so many: the call is made, and nobody hears the answer.
struct Dying {
    inner: StripeClient,
    calls_left: AtomicI64,
}

impl Dying {
    async fn unless_dead<T>(&self, call: BoxFuture<'_, Result<T, StripeError>>) -> Result<T, StripeError> {
        let left = self.calls_left.fetch_sub(1, Ordering::SeqCst);
        if left < 0 {
            std::future::pending::<()>().await;
        }
        let answer = call.await;
        if left == 0 {
            std::future::pending::<()>().await;
        }
        answer
    }

    fn call<'a, T: Send + 'a>(
        &'a self,
        call: BoxFuture<'a, Result<T, StripeError>>,
    ) -> BoxFuture<'a, Result<T, StripeError>> {
        self.unless_dead(call).boxed()
    }
}

impl Stripe for Dying {
    fn create_customer<'a>(&'a self, new: NewCustomer<'a>) -> BoxFuture<'a, Result<String, StripeError>> {
        self.call(self.inner.create_customer(new))
    }
    fn find_customer<'a>(&'a self, tenant: &'a str) -> BoxFuture<'a, Result<Option<String>, StripeError>> {
        self.call(self.inner.find_customer(tenant))
    }
    fn meters(&self) -> BoxFuture<'_, Result<Vec<Meter>, StripeError>> {
        self.call(self.inner.meters())
    }
    fn create_meter<'a>(&'a self, new: NewMeter<'a>) -> BoxFuture<'a, Result<Meter, StripeError>> {
        self.call(self.inner.create_meter(new))
    }
    fn prices<'a>(&'a self, keys: &'a [String]) -> BoxFuture<'a, Result<Vec<Price>, StripeError>> {
        self.call(self.inner.prices(keys))
    }
    fn create_price<'a>(&'a self, new: NewPrice<'a>) -> BoxFuture<'a, Result<Price, StripeError>> {
        self.call(self.inner.create_price(new))
    }
    fn create_subscription<'a>(&'a self, new: NewSubscription<'a>) -> BoxFuture<'a, Result<Subscription, StripeError>> {
        self.call(self.inner.create_subscription(new))
    }
    fn subscription<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Subscription, StripeError>> {
        self.call(self.inner.subscription(id))
    }
    fn subscriptions<'a>(&'a self, customer: &'a str) -> BoxFuture<'a, Result<Vec<Subscription>, StripeError>> {
        self.call(self.inner.subscriptions(customer))
    }
    fn cancel_subscription<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Subscription, StripeError>> {
        self.call(self.inner.cancel_subscription(id))
    }
    fn tell_usage<'a>(&'a self, total: UsageTotal<'a>) -> BoxFuture<'a, Result<Taken, StripeError>> {
        self.call(self.inner.tell_usage(total))
    }
    fn usage<'a>(
        &'a self,
        meter: &'a str,
        customer: &'a str,
        first: NaiveDate,
        end: NaiveDate,
    ) -> BoxFuture<'a, Result<Vec<DayTotal>, StripeError>> {
        self.call(self.inner.usage(meter, customer, first, end))
    }
    fn invoices<'a>(&'a self, customer: &'a str) -> BoxFuture<'a, Result<Vec<Invoice>, StripeError>> {
        self.call(self.inner.invoices(customer))
    }
    fn preview<'a>(&'a self, subscription: &'a str) -> BoxFuture<'a, Result<Preview, StripeError>> {
        self.call(self.inner.preview(subscription))
    }
    fn portal<'a>(&'a self, customer: &'a str, url: &'a str) -> BoxFuture<'a, Result<String, StripeError>> {
        self.call(self.inner.portal(customer, url))
    }
}

/// A visit whose process dies after so many calls.
async fn visit_and_die(house: &House, calls: i64) {
    house.hurry().await;
    let stripe = Arc::new(Dying { inner: house.client.clone(), calls_left: AtomicI64::new(calls) });
    let collector = Collector::new(house.platform.clone(), stripe.clone(), CollectorOptions::default());
    let visit = collector.visit(house.tenant);
    let died = async {
        while stripe.calls_left.load(Ordering::SeqCst) >= 0 {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        // Long enough for an answer that nobody takes.
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    };
    tokio::select! {
        _ = visit => {}
        () = died => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_after_any_call_leaves_nothing_twice() {
    let house = House::at("2026-06-10T12:00:00Z").await;
    house.texts(5).await;
    for calls in 0..45 {
        visit_and_die(&house, calls).await;
    }
    house.texts(1).await;
    for calls in 0..6 {
        visit_and_die(&house, calls).await;
    }
    house.visit().await;
    let state = house.stripe.state().await;
    let count = |kind: &str| state[kind].as_array().unwrap().len();
    assert_eq!((count("customers"), count("subscriptions"), count("meters"), count("prices")), (1, 1, 10, 10));
    assert_eq!(house.told("2026-06-10").await, Some(6));
    house.books_agree().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_busy_servers_and_broken_connections_are_waited_out() {
    let house = House::at("2026-06-10T12:00:00Z").await;
    for (path, fault) in [
        ("customers", json!({ "kind": "drop-after" })),
        ("prices", json!({ "kind": "status", "status": 500 })),
        ("subscriptions", json!({ "kind": "drop-after" })),
        ("meter_events", json!({ "kind": "status", "status": 429, "headers": { "retry-after": "0" } })),
        ("meter_events", json!({ "kind": "drop-after" })),
        ("invoices", json!({ "kind": "drop-before" })),
    ] {
        let mut fault = fault;
        fault["path"] = json!(path);
        house.stripe.control("fault", fault).await;
    }
    house.texts(2).await;
    house.visit().await;
    let state = house.stripe.state().await;
    assert_eq!(state["customers"].as_array().unwrap().len(), 1);
    assert_eq!(state["subscriptions"].as_array().unwrap().len(), 1);
    house.books_agree().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_stripe_is_away_nothing_is_lost_and_why_is_kept() {
    let house = House::at("2026-06-10T12:00:00Z").await;
    house.visit().await;
    house.texts(2).await;
    house.stripe.control("fault", json!({ "path": "/v1/", "kind": "status", "status": 503, "times": 1_000 })).await;
    house.hurry().await;
    let trouble = house.collector().visit(house.tenant).await.unwrap_err();
    assert!(trouble.to_string().contains("503"), "{trouble}");
    assert_eq!(
        house.number("select count(*) from stripe_account where tenant_id = $1 and problem like '%503%'").await,
        1
    );
    let report = house.collector().reconcile().await.unwrap();
    assert!(!report.agrees() && report.unknown.len() == 1, "{report}");
    house.stripe.control("calm", json!({})).await;
    house.visit().await;
    house.books_agree().await;
    assert_eq!(
        house.number("select count(*) from stripe_account where tenant_id = $1 and problem is not null").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reconciliation_finds_what_somebody_else_wrote() {
    let house = House::at("2026-06-10T12:00:00Z").await;
    house.texts(2).await;
    house.visit().await;
    house.until("2026-06-11T12:00:00Z").await;
    house.books_agree().await;
    house.run("update stripe_usage set taken = 9 where tenant_id = $1 and channel = 'SMS'").await;
    let report = house.collector().reconcile().await.unwrap();
    let found = report.to_string();
    assert!(found.contains("sms_us_ca on 2026-06-10: told were 9, Stripe has 2"), "{found}");
    assert!(found.contains("due are 2, told 9") && found.contains("next invoice"), "{found}");
    house.run("insert into usage_rollup select tenant_id, day, channel, country_group, 'CA', 3, 1, 790000, currency from usage_rollup where tenant_id = $1").await;
    let found = house.collector().reconcile().await.unwrap().to_string();
    assert!(found.contains("sms_us_ca: the ledger has 2, its sums 3"), "{found}");
}

const SECRET: &str = "whsec_of_the_stand_in";

/// Signs as Stripe documents it, apart from the code that checks it.
fn signed(body: &str, time: i64) -> String {
    use aws_lc_rs::hmac;
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let tag = hmac::sign(&key, format!("{time}.{body}").as_bytes());
    format!("t={time},v1={}", data_encoding::HEXLOWER.encode(tag.as_ref()))
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_replayed_a_thousand_times_and_shuffled_end_in_one_state() {
    let house = House::at("2026-06-10T00:00:00Z").await;
    house.visit().await;
    house.texts(1_000).await;
    house.visit().await;
    house.until("2026-07-01T02:00:00Z").await;
    let invoice = house.invoices().await[0]["id"].clone();
    house.stripe.control("pay", json!({ "invoice": invoice })).await;
    let told: Vec<String> =
        house.stripe.state().await["told"].as_array().unwrap().iter().map(ToString::to_string).collect();
    assert!(told.len() >= 5 && told.iter().any(|event| event.contains("invoice.payment_failed")), "{}", told.len());
    let events = StripeEvents::new(house.platform.clone(), WebhookKey::new(&Redacted::new(SECRET.to_owned())));
    let entropy = SeededEntropy::new(7);
    let before = house.stripe.state().await["requests"].as_array().unwrap().len();
    for round in 0..1_000 {
        let mut byte = [0; 2];
        entropy.fill(&mut byte);
        let body = &told[usize::from(u16::from_le_bytes(byte)) % told.len()];
        let header = signed(body, house.platform.now().timestamp());
        assert!(events.note(&header, body.as_bytes()).await.unwrap());
        if round % 250 == 0 {
            house.collector().visit(house.tenant).await.unwrap();
        }
    }
    house.collector().visit(house.tenant).await.unwrap();
    let account = house.account().await;
    assert_eq!(
        (account.payment, account.invoices.len()),
        (PaymentStatus::Active, 1),
        "whatever failed before, it is paid"
    );
    assert_eq!(
        house.number("select count(*) from stripe_account where tenant_id = $1 and failing_since is not null").await,
        0
    );
    let asked = house.stripe.state().await["requests"].as_array().unwrap().len() - before;
    assert!(asked < 60, "a thousand hints are few visits: {asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_stripes_or_about_nobody_changes_nothing() {
    let house = House::at("2026-06-10T00:00:00Z").await;
    house.visit().await;
    let events = StripeEvents::new(house.platform.clone(), WebhookKey::new(&Redacted::new(SECRET.to_owned())));
    let now = house.platform.now().timestamp();
    let body = r#"{"data":{"object":{"object":"invoice","customer":"cus_00000000000001"}}}"#;
    assert!(!events.note(&signed(body, now - 301), body.as_bytes()).await.unwrap(), "an old one");
    assert!(!events.note("", body.as_bytes()).await.unwrap());
    let other = body.replace("01\"", "02\"");
    assert!(!events.note(&signed(body, now), other.as_bytes()).await.unwrap(), "one changed byte");
    for fine in [other.as_str(), "{}", "[]", "no JSON"] {
        assert!(events.note(&signed(fine, now), fine.as_bytes()).await.unwrap(), "{fine}");
    }
    let stale = "select count(*) from stripe_account where tenant_id = $1 and stale_at is not null";
    assert_eq!(house.number(stale).await, 0);
    assert!(events.note(&signed(body, now), body.as_bytes()).await.unwrap());
    assert_eq!(house.number(stale).await, 1);
}

/// What happens in a random month.
#[derive(Debug, Clone)]
enum Step {
    Use(&'static str, Option<&'static str>, i32),
    Wait(i64),
    Visit,
    Die(i64),
    Lose(&'static str),
    Plan(&'static str),
}

fn step() -> impl Strategy<Value = Step> {
    let line = prop_oneof![
        Just(("SMS", Some("US"))),
        Just(("SMS", Some("GB"))),
        Just(("VOICE", Some("BR"))),
        Just(("EMAIL", None)),
    ];
    prop_oneof![
        4 => (line, -40..3_000_i32).prop_map(|((channel, country), units)| Step::Use(channel, country, units)),
        4 => (1..72_i64).prop_map(Step::Wait),
        3 => Just(Step::Visit),
        2 => (0..14_i64).prop_map(Step::Die),
        1 => prop_oneof![Just("drop-before"), Just("drop-after")].prop_map(Step::Lose),
        1 => prop_oneof![Just("team"), Just("pay_as_you_go"), Just("enterprise")].prop_map(Step::Plan),
    ]
}

async fn live(steps: Vec<Step>) {
    let house = House::at("2026-06-17T09:30:00Z").await;
    house.visit().await;
    house.card(true).await;
    for step in steps {
        match step {
            Step::Use(channel, country, units) => house.used(house.platform.now(), channel, country, units).await,
            Step::Wait(hours) => {
                // Not past a month's end without a visit around it: that another test does.
                let (now, then) = (house.platform.now(), house.platform.now() + TimeDelta::hours(hours));
                let end = at("2026-07-01T00:00:00Z");
                if now < end && then >= end {
                    turn_of_the_month(&house).await;
                }
                house.pass(then.max(house.platform.now())).await;
            }
            // One that fails is gone on with by the next.
            Step::Visit => {
                house.hurry().await;
                let _ = house.collector().visit(house.tenant).await;
            }
            Step::Die(calls) => visit_and_die(&house, calls).await,
            Step::Lose(kind) => {
                _ = house.stripe.control("fault", json!({ "path": "meter_events", "kind": kind, "times": 2 })).await
            }
            Step::Plan(code) => house.change_plan(code).await,
        }
    }
    house.stripe.control("calm", json!({})).await;
    house.visit().await;
    house.books_agree().await;
    if house.platform.now() < at("2026-07-01T00:00:00Z") {
        turn_of_the_month(&house).await;
    }
    // All that was used in whichever month, less what was included, is on an invoice or upcoming.
    house.visit().await;
    house.books_agree().await;
}

/// The last visit of June, and what Stripe makes of it, to the cent.
async fn turn_of_the_month(house: &House) {
    house.stripe.control("calm", json!({})).await;
    let last = at("2026-06-30T23:30:00Z");
    if house.platform.now() < last {
        house.pass(last).await;
    }
    house.visit().await;
    house.books_agree().await;
    let shown = house.account().await.upcoming.total;
    house.until("2026-07-01T00:00:30Z").await;
    house.visit().await;
    house.until("2026-07-01T01:30:00Z").await;
    house.visit().await;
    let invoices = house.invoices().await;
    let june = invoices.last().unwrap();
    assert_eq!(i128::from(june["total"].as_i64().unwrap()) * 1_000_000, shown.millionths(), "{june}");
    assert_eq!(invoices.len(), 1, "one invoice a month");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn in_random_months_ledger_totals_and_invoice_agree_to_the_cent(steps in prop::collection::vec(step(), 3..30)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(live(steps));
    }
}
