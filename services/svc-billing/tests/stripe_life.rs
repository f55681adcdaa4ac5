//! A tenant's life as a customer of Stripe, against the stand-in.

mod common;

use common::stripe::{House, at};
use common::{may_manage, may_read};
use core_kernel::RefusalCode;
use serde_json::{Value, json};
use svc_billing::{InvoiceStatus, PaymentStatus};
use testkit::Environment;

#[tokio::test(flavor = "multi_thread")]
async fn a_live_tenant_becomes_a_customer_with_a_subscription() {
    let house = House::at("2026-06-10T12:00:00Z").await;
    house.bed.tenant(Environment::Sandbox).await;
    house.collector().round().await.unwrap();
    let state = house.stripe.state().await;
    assert_eq!(state["customers"].as_array().unwrap().len(), 1, "a sandbox is never billed");
    assert_eq!(state["customers"][0]["name"], "Test Tenant");
    let subscription = &state["subscriptions"][0];
    assert_eq!(subscription["start_date"], at("2026-06-01T00:00:00Z").timestamp());
    assert_eq!(subscription["billing_cycle_anchor"], at("2026-07-01T00:00:00Z").timestamp());
    assert_eq!(subscription["billing_mode"]["type"], "classic");
    assert_eq!(
        subscription["items"]["data"].as_array().unwrap().len(),
        10,
        "three channels, three groups, and the fee"
    );
    assert_eq!(state["meters"].as_array().unwrap().len(), 10);
    assert!(state["meters"].as_array().unwrap().iter().all(|meter| meter["event_time_window"] == "day"));
    assert_eq!(house.account().await.payment, PaymentStatus::Active);
    // Again, and again after what was made is forgotten.
    house.visit().await;
    house.run("update stripe_account set customer_id = null, subscription_id = null where tenant_id = $1").await;
    house.visit().await;
    let after = house.stripe.state().await;
    for kind in ["customers", "subscriptions", "meters", "prices"] {
        assert_eq!(after[kind].as_array().unwrap().len(), state[kind].as_array().unwrap().len(), "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn setting_up_is_safe_to_repeat_and_notices_what_is_wrong() {
    let house = House::at("2026-06-10T12:00:00Z").await;
    assert_eq!(house.collector().set_up().await.unwrap(), 30);
    let before = house.stripe.state().await;
    assert_eq!(house.collector().set_up().await.unwrap(), 30);
    assert_eq!(house.stripe.state().await["prices"], before["prices"]);
    let price = |key: &str| {
        let found = before["prices"].as_array().unwrap().iter().find(|price| price["lookup_key"] == key);
        found.unwrap()["unit_amount_decimal"].clone()
    };
    assert_eq!(price("postern_team_1_sms_us_ca"), "0.75");
    assert_eq!(price("postern_team_1_sms_europe"), "7.5");
    assert_eq!(price("postern_team_1_plan"), "4900");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_days_total_overwrites_itself_and_days_are_added_up() {
    let house = House::at("2026-06-10T12:00:00Z").await;
    house.texts(3).await;
    house.visit().await;
    assert_eq!(house.told("2026-06-10").await, Some(3));
    house.texts(4).await;
    house.until("2026-06-10T18:00:00Z").await;
    house.visit().await;
    house.visit().await;
    assert_eq!(house.told("2026-06-10").await, Some(7));
    let events = house.stripe.state().await["events"].as_array().unwrap().len();
    assert_eq!(events, 2, "what did not change is not told again");
    house.until("2026-06-11T00:00:10Z").await;
    // A transaction that began before midnight.
    house.used(at("2026-06-10T23:59:59Z"), "SMS", Some("US"), 1).await;
    house.texts(2).await;
    house.visit().await;
    assert_eq!((house.told("2026-06-10").await, house.told("2026-06-11").await), (Some(8), Some(2)));
    assert_eq!(house.upcoming().await, "0.08", "ten texts at 0.0079");
    house.books_agree().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invoice_ledger_and_what_was_told_agree_to_the_cent_across_a_months_end() {
    let house = House::at("2026-06-20T00:00:00Z").await;
    house.change_plan("team").await;
    // Before Stripe knew the tenant; the plan includes 4,000.
    house.used(at("2026-06-05T00:00:00Z"), "SMS", Some("US"), 3_990).await;
    house.used(at("2026-06-19T00:00:00Z"), "VOICE", Some("GB"), 7).await;
    house.visit().await;
    house.card(true).await;
    house.texts(33).await;
    house.used(house.platform.now(), "EMAIL", None, 11).await;
    house.until("2026-06-30T23:59:58Z").await;
    house.used(house.platform.now(), "SMS", Some("BR"), 1).await;
    house.visit().await;
    house.books_agree().await;
    let shown = house.upcoming().await;
    // 49.00 + 30 texts at 0.0075 + 11 mails at 0.0004 + 1 text at 0.11, each rounded once.
    assert_eq!(shown, "49.34");
    house.until("2026-07-01T00:05:00Z").await;
    house.visit().await;
    assert_eq!(house.upcoming().await, "49.00", "a new month has begun");
    house.until("2026-07-01T02:00:00Z").await;
    house.visit().await;
    let invoices = house.invoices().await;
    assert_eq!((invoices.len(), &invoices[0]["total"], &invoices[0]["status"]), (1, &json!(4_934), &json!("paid")));
    let account = house.account().await;
    assert_eq!(account.invoices.len(), 1);
    let invoice = &account.invoices[0];
    assert_eq!((invoice.amount.to_string().as_str(), invoice.status), ("49.34", InvoiceStatus::Paid));
    assert_eq!((invoice.period_start, invoice.period_end), (at("2026-06-01T00:00:00Z"), at("2026-07-01T00:00:00Z")));
    assert!(invoice.hosted_url.as_ref().unwrap().starts_with("https://"));
    house.books_agree().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_plan_bills_the_whole_period_and_the_old_one_nothing() {
    let house = House::at("2026-06-10T00:00:00Z").await;
    house.texts(1_000).await;
    house.visit().await;
    assert_eq!(house.upcoming().await, "7.90");
    house.until("2026-06-20T00:00:00Z").await;
    house.change_plan("team").await;
    house.texts(3_100).await;
    house.visit().await;
    let state = house.stripe.state().await;
    let statuses: Vec<_> = state["subscriptions"].as_array().unwrap().iter().map(|it| it["status"].clone()).collect();
    assert_eq!(statuses, ["canceled", "active"]);
    assert_eq!(house.upcoming().await, "49.75", "the fee, and 100 texts beyond 4,000 at 0.0075");
    house.books_agree().await;
    house.until("2026-07-01T02:00:00Z").await;
    let totals: Vec<_> = house.invoices().await.iter().map(|invoice| invoice["total"].clone()).collect();
    assert_eq!(totals, [4_975], "one invoice, of the plan at the period's end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_changed_as_the_month_turns_waits_for_stripe_to_turn_it() {
    let house = House::at("2026-06-30T23:50:00Z").await;
    house.texts(1_000).await;
    house.visit().await;
    house.change_plan("team").await;
    house.until("2026-06-30T23:59:00Z").await;
    house.visit().await;
    assert_eq!(house.stripe.state().await["subscriptions"].as_array().unwrap().len(), 1, "not now");
    // Ours is in July; Stripe is still writing June's invoice.
    house.set_clock(at("2026-07-01T00:00:01Z"));
    house.visit().await;
    assert_eq!(house.stripe.state().await["subscriptions"].as_array().unwrap().len(), 1, "not yet");
    // The invoice is a draft, then it is to be paid: Stripe would give it up.
    for (now, paid) in
        [("2026-07-01T00:01:00Z", false), ("2026-07-01T02:00:00Z", false), ("2026-07-02T00:00:00Z", true)]
    {
        house.until(now).await;
        if paid {
            let invoice = house.invoices().await[0]["id"].clone();
            house.stripe.control("pay", json!({ "invoice": invoice })).await;
            house.card(true).await;
        }
        house.visit().await;
        let count = house.stripe.state().await["subscriptions"].as_array().unwrap().len();
        assert_eq!(count, if paid { 2 } else { 1 }, "{now}");
    }
    house.books_agree().await;
    assert_eq!(house.invoices().await[0]["total"], 790, "June by the old plan");
    house.until("2026-08-01T03:00:00Z").await;
    assert_eq!(house.invoices().await[1]["total"], 4_900, "July by the new one");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_was_not_told_in_its_month_is_billed_in_the_next() {
    let house = House::at("2026-06-10T00:00:00Z").await;
    house.visit().await;
    house.card(true).await;
    house.texts(1_000).await;
    // The worker is away for longer than Stripe's window.
    house.until("2026-07-25T00:00:00Z").await;
    house.texts(10).await;
    house.visit().await;
    assert_eq!(house.told("2026-07-25").await, Some(1_010));
    let account = house.account().await;
    let line = &account.upcoming.lines[0];
    assert_eq!((line.used, line.carried, line.billed, line.amount.to_string()), (10, 1_000, 1_010, "7.98".to_owned()));
    house.books_agree().await;
    house.until("2026-08-01T02:00:00Z").await;
    let totals: Vec<Value> = house.invoices().await.iter().map(|invoice| invoice["total"].clone()).collect();
    assert_eq!(totals, [0, 798], "nothing is lost, and nothing billed twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_pay_is_suspended_after_the_grace_and_served_again_on_payment() {
    let house = House::at("2026-06-10T00:00:00Z").await;
    house.visit().await;
    house.texts(1_000).await;
    house.visit().await;
    house.until("2026-07-01T02:00:00Z").await;
    house.visit().await;
    assert_eq!(house.account().await.payment, PaymentStatus::PastDue);
    let suspended = "select count(*) from tenant where tenant_id = $1 and status = 'SUSPENDED'";
    assert_eq!(house.number(suspended).await, 0, "within the grace");
    house.until("2026-07-15T01:00:00Z").await;
    house.visit().await;
    assert_eq!(house.number(suspended).await, 0);
    house.until("2026-07-15T02:00:01Z").await;
    house.visit().await;
    assert_eq!(house.number(suspended).await, 1);
    let invoice = house.invoices().await[0]["id"].clone();
    house.stripe.control("pay", json!({ "invoice": invoice })).await;
    house.until("2026-07-15T04:00:00Z").await;
    house.visit().await;
    assert_eq!(house.number(suspended).await, 0);
    assert_eq!(house.account().await.payment, PaymentStatus::Active);
    let entries = "select count(*) from audit_entry where tenant_id = $1 and actor = 'billing'";
    assert_eq!(house.number(entries).await, 2, "both are on record");
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_operator_suspended_a_payment_does_not_serve_again() {
    let house = House::at("2026-06-10T00:00:00Z").await;
    house.visit().await;
    house.run("update tenant set status = 'SUSPENDED' where tenant_id = $1").await;
    house.run("update stripe_account set failing_since = '2026-05-01' where tenant_id = $1").await;
    house.visit().await;
    house.run("update stripe_account set stale_at = now() where tenant_id = $1").await;
    house.visit().await;
    assert_eq!(house.account().await.payment, PaymentStatus::Active);
    assert_eq!(house.number("select count(*) from tenant where tenant_id = $1 and status = 'SUSPENDED'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_portal_is_opened_for_a_customer_and_leads_back_to_us() {
    let house = House::at("2026-06-10T00:00:00Z").await;
    let open = |url: &'static str| {
        let (billing, permit) = (house.billing(), common::may_open(house.tenant));
        async move { billing.open_portal(&permit, url).await }
    };
    let none = open("http://localhost:8080/billing").await.unwrap_err();
    assert_eq!(none.refusal_code(), Some(RefusalCode::NotFound), "no customer yet");
    house.visit().await;
    assert!(open("http://localhost:8080/billing").await.unwrap().starts_with("https://billing.example/"));
    assert!(open("https://client.example/x").await.is_ok(), "where the tenant returns to");
    let foreign = open("https://evil.example/").await.unwrap_err();
    assert_eq!(foreign.refusal_code(), Some(RefusalCode::Invalid));
    let sessions = house.stripe.state().await["sessions"].clone();
    assert_eq!(sessions[0]["return_url"], "http://localhost:8080/billing");
    assert_eq!(sessions.as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_stripe_everything_but_the_transfer_works() {
    let house = House::at("2026-06-10T00:00:00Z").await;
    let billing = svc_billing::Billing::new(house.platform.clone());
    billing.change_plan(&may_manage(house.tenant), "team").await.unwrap();
    house.texts(4_100).await;
    let account = billing.account(&may_read(house.tenant)).await.unwrap();
    assert_eq!((account.upcoming.total.to_string().as_str(), account.payment), ("49.75", PaymentStatus::None));
    let stop = billing.open_portal(&common::may_open(house.tenant), "http://localhost:8080/").await.unwrap_err();
    assert_eq!(stop.refusal_code(), Some(RefusalCode::NotFound));
}
