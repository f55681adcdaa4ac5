//! Accounts, plans, and sums across the end of a month.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod common;

use std::sync::Arc;

use chrono::NaiveDate;
use common::{billing, delivered, may_manage, may_read, number, sending, settle, sums_are_the_ledgers, worker};
use core_kernel::{ManualClock, RefusalCode, TenantId, Timestamp};
use io_postgres::TenantTx;
use sqlx::{Connection, PgConnection};
use svc_billing::{
    Account, Billing, BillingPeriod, PLANS, PaymentStatus, PlanList, PriceList, SeedError, UsageBucket, UsagePoint,
    UsageRange, ensure_plans,
};
use svc_platform::Platform;
use testkit::{Environment, TestBed};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Billing at another time.
fn billing_at(bed: &TestBed, now: &str) -> Billing {
    Billing::new(Platform { clock: Arc::new(ManualClock::starting_at(at(now))), ..bed.platform.clone() })
}

/// What a day cost, in millionths of a cent.
async fn cost(bed: &TestBed, tenant: TenantId, day: &str, part: i16, (channel, country): (&str, &str), amount: i64) {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query(
        "insert into usage_rollup (tenant_id, day, channel, country_group, country, part, units, amount, currency)
         values ($1, $2, $3, 'REST', $4, $5, 1, $6, 'USD')",
    )
    .bind(tenant.0)
    .bind(day.parse::<NaiveDate>().unwrap())
    .bind(channel)
    .bind(country)
    .bind(part)
    .bind(amount)
    .execute(tx.connection())
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

fn shown(point: &UsagePoint) -> String {
    let country = point.country.as_deref().unwrap_or("-");
    let at = point.at.format("%Y-%m-%dT%H");
    format!("{at} {} {country} {} {}", point.channel.as_str(), point.units, point.amount)
}

async fn usage(bed: &TestBed, tenant: TenantId, from: &str, to: &str, bucket: UsageBucket) -> Vec<String> {
    let range = UsageRange::new(at(from), at(to), bucket).unwrap();
    billing(bed).usage(&may_read(tenant), &range).await.unwrap().iter().map(shown).collect()
}

async fn account_at(bed: &TestBed, tenant: TenantId, now: &str) -> Account {
    billing_at(bed, now).account(&may_read(tenant)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_are_right_to_the_millionth_across_the_end_of_a_month() {
    let bed = TestBed::new().await;
    let (tenant, other) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Live).await);
    for (day, part, to, amount) in [
        ("2026-01-31", 0, ("SMS", "US"), 790_000),
        ("2026-01-31", 3, ("SMS", "US"), 790_000),
        ("2026-02-01", 0, ("SMS", "US"), 790_000),
        ("2026-02-01", 0, ("SMS", "GB"), 7_500_000),
        ("2026-02-01", 0, ("EMAIL", ""), 40_000),
        ("2026-02-28", 1, ("VOICE", "US"), 1_300_001),
        ("2026-03-01", 0, ("SMS", "US"), 790_000),
    ] {
        cost(&bed, tenant, day, part, to, amount).await;
        cost(&bed, other, day, part, to, 999_999_999).await;
    }
    for (now, amount) in [
        ("2026-01-31T23:59:59Z", "0.0158"),
        ("2026-02-01T00:00:00Z", "0.09630001"),
        ("2026-02-28T23:59:59Z", "0.09630001"),
        ("2026-03-01T00:00:00Z", "0.0079"),
        ("2026-04-01T00:00:00Z", "0.00"),
    ] {
        let account = account_at(&bed, tenant, now).await;
        assert_eq!(account.amount.to_string(), amount, "{now}");
        assert_eq!(account.period, BillingPeriod::of(at(now)));
    }
    let half = account_at(&bed, tenant, "2026-02-15T00:00:00Z").await;
    assert_eq!(half.projected.to_string(), "0.19", "twice 0.0963 and a bit");

    let days = usage(&bed, tenant, "2026-01-31T23:30:00Z", "2026-02-01T00:00:01Z", UsageBucket::Day).await;
    let first = ["2026-02-01T00 EMAIL - 1 0.0004", "2026-02-01T00 SMS GB 1 0.075", "2026-02-01T00 SMS US 1 0.0079"];
    assert_eq!(days[0], "2026-01-31T00 SMS US 2 0.0158");
    assert_eq!(days[1..], first);
    let months = usage(&bed, tenant, "2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z", UsageBucket::Month).await;
    assert_eq!(months[0], "2026-01-01T00 SMS US 2 0.0158");
    assert_eq!(months.len(), 5, "March is left out: {months:?}");
    assert_eq!(months[4], "2026-02-01T00 VOICE US 1 0.01300001");
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_days_and_months_say_what_the_ledger_says() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Live).await;
    delivered(&bed, tenant, 3).await;
    delivered(&bed, tenant, 1).await;
    let mail = sending(&bed, tenant, "EMAIL", "ONE_TIME_LINK", None).await;
    settle(&bed, tenant, mail, worker("ACCEPTED", 1)).await;
    sums_are_the_ledgers(&bed).await;
    let now = bed.platform.now();
    let span = chrono::TimeDelta::hours(1);
    for bucket in [UsageBucket::Hour, UsageBucket::Day, UsageBucket::Month] {
        let range = UsageRange::new(now - span, now + span, bucket).unwrap();
        let points = billing(&bed).usage(&may_read(tenant), &range).await.unwrap();
        let units: i64 = points.iter().map(|point| point.units).sum();
        let amount: i128 = points.iter().map(|point| point.amount.millionths()).sum();
        assert_eq!((units, amount), (5, 4 * 790_000 + 40_000), "{bucket:?}: {points:?}");
    }
    let account = billing(&bed).account(&may_read(tenant)).await.unwrap();
    assert_eq!(account.amount.to_string(), "0.032");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_chose_nothing_is_on_the_default_plan_without_a_cap() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Live).await;
    let account = billing(&bed).account(&may_read(tenant)).await.unwrap();
    assert_eq!((account.plan.code.as_str(), account.plan.monthly.to_string().as_str()), ("pay_as_you_go", "0.00"));
    assert_eq!((account.spending_cap, account.payment), (None, PaymentStatus::None));
    assert_eq!((account.amount.to_string(), account.invoices.len()), ("0.00".to_owned(), 0));
    let codes: Vec<_> = account.offered.iter().map(|plan| plan.code.as_str()).collect();
    assert_eq!(codes, ["pay_as_you_go", "team", "enterprise"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_changed_on_record_and_the_cap_stays() {
    let bed = TestBed::new().await;
    let (tenant, other) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Live).await);
    let billing = billing(&bed);
    billing.set_spending_cap(&may_manage(tenant), Some("99.90")).await.unwrap();
    let changed = billing.change_plan(&may_manage(tenant), "team").await.unwrap();
    assert_eq!((changed.plan.code.as_str(), changed.plan.included_units), ("team", 4000));
    assert_eq!(changed.spending_cap.unwrap().to_string(), "99.90");
    for code in ["", "Team", "free"] {
        let stop = billing.change_plan(&may_manage(tenant), code).await.unwrap_err();
        assert_eq!(stop.refusal_code(), Some(RefusalCode::NotFound), "{code:?}");
    }
    assert_eq!(billing.account(&may_read(tenant)).await.unwrap(), Account { projected: changed.projected, ..changed });
    assert_eq!(billing.account(&may_read(other)).await.unwrap().plan.code, "pay_as_you_go");
    let audited = "select count(*) from audit_entry where tenant_id = $1 and action = 'billing.plan_changed'
                      and detail = '{\"from\": \"pay_as_you_go\", \"to\": \"team\"}'";
    assert_eq!(number(&bed, tenant, audited).await, 1);
    // A plan first, and then the cap.
    billing.change_plan(&may_manage(other), "enterprise").await.unwrap();
    let capped = billing.set_spending_cap(&may_manage(other), Some("1")).await.unwrap();
    assert_eq!((capped.plan.code.as_str(), capped.spending_cap.unwrap().to_string().as_str()), ("enterprise", "1.00"));
}

#[tokio::test(flavor = "multi_thread")]
async fn terms_never_change_and_a_plan_that_is_offered_no_more_stays_for_who_is_on_it() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Live).await;
    let billing = billing(&bed);
    billing.change_plan(&may_manage(tenant), "team").await.unwrap();
    let mut owner = PgConnection::connect(&bed.database.owner_url()).await.unwrap();
    let prices = PriceList::shipped().unwrap();
    let read = |from: &str, to: &str| {
        assert!(PLANS.contains(from));
        PlanList::read(&PLANS.replace(from, to), &prices).unwrap()
    };
    ensure_plans(&mut owner, &PlanList::shipped(&prices).unwrap()).await.unwrap();
    for (from, to) in [
        ("monthly = \"49.00\"", "monthly = \"59.00\""),
        ("included_units = 4000", "included_units = 3000"),
        ("US_CA = \"0.0075\"", "US_CA = \"0.0076\""),
        ("US_CA = \"0.0075\"", "US_CA = \"0.0075\"\nREST = \"0.1\""),
    ] {
        let refused = ensure_plans(&mut owner, &read(from, to)).await.unwrap_err();
        assert!(matches!(&refused, SeedError::PlanChanged(code) if code == "team"), "{from}: {refused}");
    }
    let next = read("\"team\"", "\"team_2027\"");
    ensure_plans(&mut owner, &next).await.unwrap();
    let account = billing.account(&may_read(tenant)).await.unwrap();
    assert_eq!((account.plan.code.as_str(), account.plan.name.as_str()), ("team", "Team"));
    let codes: Vec<_> = account.offered.iter().map(|plan| plan.code.as_str()).collect();
    assert_eq!(codes, ["pay_as_you_go", "team_2027", "enterprise"]);
    let stop = billing.change_plan(&may_manage(tenant), "team").await.unwrap_err();
    assert_eq!(stop.refusal_code(), Some(RefusalCode::NotFound));
    // Names are no terms.
    ensure_plans(&mut owner, &read("name = \"Team\"", "name = \"Teams\"")).await.unwrap();
    assert_eq!(billing.account(&may_read(tenant)).await.unwrap().plan.name, "Teams");
}
