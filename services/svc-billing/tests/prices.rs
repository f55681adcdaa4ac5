//! The price list in a database: written once, read by the role that serves, never changed.
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

use sqlx::{Connection, PgConnection};
use svc_billing::{PRICES, PriceList, SeedError, current_price_list, ensure_price_list, price_list};
use testkit::TestBed;

async fn owner(bed: &TestBed) -> PgConnection {
    PgConnection::connect(&bed.database.owner_url()).await.unwrap()
}

fn edited(from: &str, to: &str) -> PriceList {
    assert!(PRICES.contains(from));
    PriceList::read(&PRICES.replacen(from, to, 1)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_file_says_is_what_is_read_from_the_database() {
    let bed = TestBed::new().await;
    let shipped = PriceList::shipped().unwrap();
    assert_eq!(current_price_list(&bed.platform.database).await.unwrap(), shipped);
    ensure_price_list(&mut owner(&bed).await, &shipped).await.unwrap();
    assert_eq!(price_list(&bed.platform.database, shipped.version()).await.unwrap(), shipped);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_never_changes() {
    let bed = TestBed::new().await;
    for (from, to) in
        [("0.0079", "0.0080"), ("default_group = \"REST\"", "default_group = \"EUROPE\""), ("\"VA\"", "\"VA\", \"TR\"")]
    {
        let refused = ensure_price_list(&mut owner(&bed).await, &edited(from, to)).await.unwrap_err();
        assert!(matches!(refused, SeedError::Changed(_)), "{from}: {refused}");
    }
    assert_eq!(current_price_list(&bed.platform.database).await.unwrap(), PriceList::shipped().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_version_prices_from_the_next_period_on_and_the_last_one_stays_readable() {
    let bed = TestBed::new().await;
    let shipped = PriceList::shipped().unwrap();
    let next =
        PriceList::read(&PRICES.replacen("version = 1", "version = 2", 1).replacen("0.0079", "0.0081", 1)).unwrap();
    let mut owner = owner(&bed).await;
    ensure_price_list(&mut owner, &next).await.unwrap();
    ensure_price_list(&mut owner, &next).await.unwrap();
    assert_eq!(current_price_list(&bed.platform.database).await.unwrap(), shipped, "a period has one list");
    let by_list = "select (list_price('SMS', 'US')).amount";
    assert_eq!(sqlx::query_scalar::<_, i64>(by_list).fetch_one(&mut owner).await.unwrap(), 790_000);
    assert_eq!(price_list(&bed.platform.database, 2).await.unwrap(), next);
    sqlx::query("update price_list set in_force_from = this_month() where version = 2")
        .execute(&mut owner)
        .await
        .unwrap();
    assert_eq!(current_price_list(&bed.platform.database).await.unwrap(), next);
    assert_eq!(sqlx::query_scalar::<_, i64>(by_list).fetch_one(&mut owner).await.unwrap(), 810_000);
    assert_eq!(price_list(&bed.platform.database, 1).await.unwrap(), shipped);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_that_serves_may_only_read_prices() {
    let bed = TestBed::new().await;
    let mut app = PgConnection::connect(&bed.database.app_url()).await.unwrap();
    for statement in [
        "update price set amount = 0",
        "delete from price_country",
        "insert into price_list (version, currency, default_group) values (9, 'USD', 'REST')",
    ] {
        let refused = sqlx::query(statement).execute(&mut app).await.unwrap_err();
        assert_eq!(refused.as_database_error().unwrap().code().unwrap(), "42501", "{statement}");
    }
}
