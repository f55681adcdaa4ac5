//! The ledger: once a message, whoever tells of it, how often and in which order.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod common;

use std::sync::Arc;

use common::{delivered, ledger, number, report, run, sending, settle, sums_are_the_ledgers, text, worker};
use core_kernel::MessageId;
use futures::future::join_all;
use io_postgres::TenantTx;
use sqlx::{Connection, PgConnection};
use svc_billing::correct_charge;
use testkit::{Environment, TestBed};

/// In millionths of a cent.
const TEXT: i64 = 790_000;

fn charge(units: i32, amount: i64) -> (String, i32, i64) {
    ("CHARGE".to_owned(), units, amount)
}

fn correction(units: i32, amount: i64) -> (String, i32, i64) {
    ("CORRECTION".to_owned(), units, amount)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_message_is_charged_at_list_price() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Live).await;
    for (channel, country, units, amount) in [
        ("SMS", Some("US"), 1, TEXT),
        ("SMS", Some("GB"), 2, 15_000_000),
        ("SMS", Some("AU"), 1, 11_000_000),
        // A call is one, however long what is said.
        ("VOICE", Some("CA"), 1, 1_300_000),
        ("EMAIL", None, 1, 40_000),
    ] {
        let message = sending(&bed, tenant, channel, "CODE", country).await;
        settle(&bed, tenant, message, worker("ACCEPTED", units)).await;
        assert_eq!(ledger(&bed, tenant).await.pop().unwrap(), charge(units.into(), amount), "{channel} {country:?}");
    }
    let odd = "select count(*) from usage_ledger where tenant_id = $1 and (period <> this_month() or currency <> 'USD'
                   or price_version <> 1 or entry <> 0 or country_group <> case country when 'US' then 'US_CA' when 'CA' then 'US_CA'
                                                                             when 'GB' then 'EUROPE' else 'REST' end)";
    assert_eq!(number(&bed, tenant, odd).await, 0);
    sums_are_the_ledgers(&bed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_billed_is_charged() {
    let bed = TestBed::new().await;
    let (live, sandbox) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Sandbox).await);
    for (purpose, billed) in [
        ("CODE", true),
        ("ONE_TIME_LINK", true),
        ("ENROLLMENT_REMINDER", true),
        ("ADMIN_INVITATION", false),
        ("SECURITY_NOTICE", false),
        ("TEMPORARY_ACCESS_REQUEST", false),
        ("BILLING_NOTICE", false),
    ] {
        let before = ledger(&bed, live).await.len();
        for tenant in [live, sandbox] {
            let message = sending(&bed, tenant, "EMAIL", purpose, None).await;
            assert!(settle(&bed, tenant, message, worker("DELIVERED", 1)).await);
        }
        assert_eq!(ledger(&bed, live).await.len() - before, usize::from(billed), "{purpose}");
        assert_eq!(svc_delivery::MessagePurpose::from_text(purpose).unwrap().is_billed(), billed, "{purpose}");
    }
    assert_eq!(ledger(&bed, sandbox).await, [], "nothing of a sandbox");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_costs_nothing_unless_it_had_been_accepted() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Live).await;
    let (refused, retried, lost) = (text(&bed, tenant).await, text(&bed, tenant).await, text(&bed, tenant).await);
    settle(&bed, tenant, refused, worker("FAILED", 1)).await;
    settle(&bed, tenant, retried, worker("SENDING", 1)).await;
    assert_eq!(ledger(&bed, tenant).await, []);
    // Given up, and yet it arrived: the report is the last word.
    settle(&bed, tenant, refused, report("DELIVERED")).await;
    assert_eq!(ledger(&bed, tenant).await, [charge(1, TEXT)]);
    // Taken by the provider, who could not deliver it: the provider charges as well.
    settle(&bed, tenant, lost, worker("ACCEPTED", 1)).await;
    settle(&bed, tenant, lost, report("FAILED")).await;
    assert_eq!(ledger(&bed, tenant).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_reports_of_forty_messages_charge_forty_times() {
    let bed = Arc::new(TestBed::new().await);
    let tenant = bed.tenant(Environment::Live).await;
    let mut messages = Vec::new();
    for _ in 0..40 {
        messages.push(text(&bed, tenant).await);
    }
    let reports = (0..1_000_usize).map(|n| {
        let (bed, message) = (bed.clone(), messages[n % 40]);
        let told = [report("ACCEPTED"), report("DELIVERED"), worker("ACCEPTED", 1), report("FAILED")][n / 40 % 4];
        tokio::spawn(async move { settle(&bed, tenant, message, told).await })
    });
    let told = join_all(reports).await;
    assert!(told.into_iter().all(|done| done.is_ok()));
    let entries = ledger(&bed, tenant).await;
    assert_eq!(entries, vec![charge(1, TEXT); 40]);
    sums_are_the_ledgers(&bed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rolled_back_with_the_acceptance_was_never_charged() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Live).await;
    let message = text(&bed, tenant).await;
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query(
        "select settle_messages_batch(array[$1], array[$2], array[$3], array[1::smallint], array[false], array['DELIVERED'], array[false],
             array[0], array['sandbox'], array[null::text], array[null::text], array[null::text], array[false],
             array[null::text], array[1::smallint])",
    )
    .bind(tenant.0)
    .bind(message.month())
    .bind(message.0)
    .execute(tx.connection())
    .await
    .unwrap();
    // The worker's connection is gone before the commit.
    drop(tx);
    assert_eq!(ledger(&bed, tenant).await, []);
    settle(&bed, tenant, message, worker("DELIVERED", 1)).await;
    assert_eq!(ledger(&bed, tenant).await, [charge(1, TEXT)]);
    sums_are_the_ledgers(&bed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn segments_that_a_report_did_not_know_follow_as_a_correction() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Live).await;
    let message = text(&bed, tenant).await;
    settle(&bed, tenant, message, report("DELIVERED")).await;
    assert_eq!(ledger(&bed, tenant).await, [charge(1, TEXT)]);
    for _ in 0..3 {
        assert!(!settle(&bed, tenant, message, worker("ACCEPTED", 3)).await, "it had been delivered before");
    }
    assert_eq!(ledger(&bed, tenant).await, [charge(1, TEXT), correction(2, 2 * TEXT)]);
    sums_are_the_ledgers(&bed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_that_does_not_hold_is_taken_back_once() {
    let bed = TestBed::new().await;
    let (tenant, other) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Live).await);
    let message = delivered(&bed, tenant, 2).await;
    assert!(!correct(&bed, other, message, 0).await, "another tenant's message is none");
    assert!(correct(&bed, tenant, message, 0).await);
    assert!(!correct(&bed, tenant, message, 0).await);
    assert_eq!(ledger(&bed, tenant).await, [charge(2, 2 * TEXT), correction(-2, -2 * TEXT)]);
    // What is told again later changes nothing; what a person finds out does.
    settle(&bed, tenant, message, report("DELIVERED")).await;
    assert!(correct(&bed, tenant, message, 1).await);
    assert_eq!(number(&bed, tenant, "select sum(units) from usage_ledger where tenant_id = $1").await, 1);
    assert!(!correct(&bed, tenant, text(&bed, tenant).await, 1).await, "what was never charged");
    sums_are_the_ledgers(&bed).await;
}

async fn correct(bed: &TestBed, tenant: core_kernel::TenantId, message: MessageId, units: u16) -> bool {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    let corrected = correct_charge(&mut tx, message, units).await.unwrap();
    tx.commit().await.unwrap();
    corrected
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_that_serves_can_only_add_to_it() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Live).await;
    delivered(&bed, tenant, 1).await;
    for statement in [
        "update usage_ledger set amount = 0 where tenant_id = $1",
        "delete from usage_ledger where tenant_id = $1",
        "delete from usage_rollup where tenant_id = $1",
        "delete from billing_account where tenant_id = $1",
        "update plan set monthly = 0 where $1 is not null",
    ] {
        let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
        let refused = sqlx::query(statement).bind(tenant.0).execute(tx.connection()).await.unwrap_err();
        assert_eq!(refused.as_database_error().unwrap().code().unwrap(), "42501", "{statement}");
    }
    let twice = "insert into usage_ledger select l.* from usage_ledger l where l.tenant_id = $1";
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    let refused = sqlx::query(twice).bind(tenant.0).execute(tx.connection()).await.unwrap_err();
    assert_eq!(refused.as_database_error().unwrap().code().unwrap(), "23505", "a second charge");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_sees_its_own_charges_alone() {
    let bed = TestBed::new().await;
    let (tenant, other) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Live).await);
    delivered(&bed, tenant, 1).await;
    run(&bed, tenant, "select set_spending_cap($1, 100000000, 'USD')").await;
    for table in ["usage_ledger", "usage_rollup", "billing_account"] {
        let mut tx = TenantTx::begin(&bed.platform.database, other).await.unwrap();
        let sql = format!("select count(*) from {table}");
        let seen: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(tx.connection()).await.unwrap();
        assert_eq!(seen, 0, "{table}");
    }
    let mut superuser = PgConnection::connect(&bed.database.superuser_url()).await.unwrap();
    let all: i64 = sqlx::query_scalar("select count(*) from usage_ledger").fetch_one(&mut superuser).await.unwrap();
    assert_eq!(all, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_column_of_the_ledger_names_a_person() {
    let bed = TestBed::new().await;
    let mut superuser = PgConnection::connect(&bed.database.superuser_url()).await.unwrap();
    let columns: Vec<String> = sqlx::query_scalar(
        "select attname::text from pg_attribute where attrelid = any ('{usage_ledger, usage_rollup}'::regclass[]) and attnum > 0
          order by 1",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    let about_persons = ["user", "factor", "destination", "login", "challenge", "admin", "ip", "name"];
    let found: Vec<_> =
        columns.iter().filter(|column| about_persons.iter().any(|part| column.contains(part))).collect();
    assert!(columns.len() > 20 && found.is_empty(), "{found:?}");
}
