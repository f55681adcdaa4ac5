//! A database that falls silent, without closing anything: callers are told in time, nothing keeps
//! its place in the pool, and who listens notices.
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

mod common;

use std::time::{Duration, Instant};

use common::Road;
use core_kernel::{PLATFORM_TENANT, TenantId};
use io_postgres::{
    Change, ChangeEvent, Database, DatabaseOptions, DbError, NoTenant, TenantTx, Topic, listen, publish,
};
use testkit::{TestDatabase, settled};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use uuid::Uuid;

const TENANT: TenantId = TenantId(Uuid::from_u128(1));
const CHANGE: Change = Change { topic: Topic::Policy, subject: TENANT.0 };
/// Within which a caller is told (2 s is promised), and how much longer a busy machine may take.
const TOLD_WITHIN: Duration = Duration::from_millis(1_500 + 1_500);

/// A pool of two connections by a road of its own.
async fn world() -> (TestDatabase, Road, Database) {
    let database = TestDatabase::create().await;
    let road = Road::to(&database.app_url()).await;
    let options = DatabaseOptions { max_connections: 2, ..DatabaseOptions::new(&road.url) };
    let pool = Database::connect_lazy(&options).unwrap();
    (database, road, pool)
}

async fn ask(tx: &mut TenantTx) -> i32 {
    sqlx::query_scalar("select 1").fetch_one(tx.connection()).await.unwrap()
}

/// Both connections in use at once, so that the pool is full.
async fn both(pool: &Database) -> [TenantTx; 2] {
    let mut both = [TenantTx::begin(pool, TENANT).await.unwrap(), TenantTx::begin(pool, TENANT).await.unwrap()];
    for tx in &mut both {
        assert_eq!(ask(tx).await, 1);
    }
    both
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_fell_silent_in_use_do_not_keep_their_place() {
    let (_database, road, pool) = world().await;
    let in_use = both(&pool).await;
    road.silence();
    drop(in_use);
    let began = Instant::now();
    while TenantTx::begin(&pool, TENANT).await.is_err() {
        assert!(began.elapsed() < TOLD_WITHIN * 3, "the pool is full of connections that lead nowhere");
    }
    both(&pool).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_that_fell_silent_cost_nobody_the_call() {
    let (_database, road, pool) = world().await;
    for tx in both(&pool).await {
        tx.commit().await.unwrap();
    }
    // They are cleaned in the background before they are idle.
    settled(&pool).await;
    road.silence();
    both(&pool).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_is_told_in_time_wherever_the_silence_begins() {
    let (_database, road, pool) = world().await;
    let mut tx = TenantTx::begin(&pool, TENANT).await.unwrap();
    road.silence();
    road.block(true);
    let began = Instant::now();
    let in_mid_statement =
        pool.in_time::<i32, DbError>(async { Ok(sqlx::query_scalar("select 1").fetch_one(tx.connection()).await?) });
    let at_the_beginning = async { TenantTx::begin(&pool, TENANT).await.map(drop) };
    let without_a_tenant = async { NoTenant::acquire(&pool).await.map(drop) };
    let (first, second, third) = tokio::join!(in_mid_statement, at_the_beginning, without_a_tenant);
    assert!(began.elapsed() < TOLD_WITHIN, "{:?}", began.elapsed());
    for error in [first.unwrap_err(), second.unwrap_err(), third.unwrap_err()] {
        assert!(error.is_unavailable(), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_does_not_wait_for_a_connection_that_fell_silent() {
    let (_database, road, pool) = world().await;
    let in_use = TenantTx::begin(&pool, TENANT).await.unwrap();
    road.silence();
    tokio::time::timeout(Duration::from_secs(20), pool.close()).await.expect("an end");
    drop(in_use);
}

async fn next(hears: &mut UnboundedReceiver<ChangeEvent>) -> ChangeEvent {
    tokio::time::timeout(Duration::from_secs(30), hears.recv()).await.expect("a listener that says something").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_notices_that_nobody_speaks_and_listens_anew() {
    let (database, road, pool) = world().await;
    let (heard, mut hears) = unbounded_channel();
    let listener = tokio::spawn(listen(pool, move |event| {
        let _ = heard.send(event);
    }));
    assert_eq!(next(&mut hears).await, ChangeEvent::Missed, "it listens");
    let elsewhere = Database::connect_lazy(&DatabaseOptions::new(database.app_url())).unwrap();
    publish(&elsewhere, CHANGE).await.unwrap();
    assert_eq!(next(&mut hears).await, ChangeEvent::Changed(CHANGE));

    road.silence();
    publish(&elsewhere, CHANGE).await.unwrap();
    assert_eq!(next(&mut hears).await, ChangeEvent::Missed, "it lost its connection");
    assert_eq!(next(&mut hears).await, ChangeEvent::Missed, "it listens again");
    publish(&elsewhere, CHANGE).await.unwrap();
    assert_eq!(next(&mut hears).await, ChangeEvent::Changed(CHANGE));
    listener.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_alone_is_no_loss() {
    let (database, _road, pool) = world().await;
    let (heard, mut hears) = unbounded_channel();
    let listener = tokio::spawn(listen(pool, move |event| {
        let _ = heard.send(event);
    }));
    assert_eq!(next(&mut hears).await, ChangeEvent::Missed, "it listens");
    // Longer than a heartbeat.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let elsewhere = Database::connect_lazy(&DatabaseOptions::new(database.app_url())).unwrap();
    publish(&elsewhere, Change::of_tenant(Topic::Keys, PLATFORM_TENANT)).await.unwrap();
    assert!(matches!(next(&mut hears).await, ChangeEvent::Changed(_)), "nothing was forgotten in between");
    listener.abort();
}
