//! How the database is spoken to where PgBouncer stands before it, tried on the database itself: what is within a
//! transaction, what is forgotten, what is in nobody's way. The real one is in tests/replicas.
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

use std::time::Duration;

use io_postgres::{Change, ChangeEvent, Database, DatabaseOptions, NoTenant, TenantTx, Topic, listen, pooler, publish};
use sqlx::{Connection as _, Executor as _, PgConnection};
use testkit::{Environment, TestBed};
use tokio::sync::mpsc;

fn pooled(bed: &TestBed) -> Database {
    let url = bed.database.app_url();
    let options = DatabaseOptions { direct_url: Some(url.clone()), ..DatabaseOptions::new(url) };
    Database::connect_lazy(&options).unwrap()
}

/// Statements that the session of this transaction has prepared.
const PREPARED: &str = "select count(*) from pg_prepared_statements";

#[tokio::test]
async fn whoever_writes_without_a_commit_has_written_nothing() {
    let bed = TestBed::new().await;
    let mut superuser = PgConnection::connect(&bed.database.superuser_url()).await.unwrap();
    superuser.execute("create table noted (number integer); grant all on noted to public").await.unwrap();
    let database = pooled(&bed);
    for (number, commits) in [(1, false), (2, true)] {
        let mut connection = NoTenant::acquire(&database).await.unwrap();
        let insert = sqlx::query("insert into noted values ($1)").bind(number);
        insert.execute(connection.connection()).await.unwrap();
        if commits {
            connection.commit().await.unwrap();
        }
    }
    let mut own = database.dedicated().await.unwrap();
    for (number, commits) in [(3, false), (4, true)] {
        let mut alone = database.alone(&mut own).await.unwrap();
        sqlx::query("insert into noted values ($1)").bind(number).execute(alone.connection()).await.unwrap();
        if commits {
            alone.commit().await.unwrap();
        }
    }
    let noted: Vec<i32> =
        sqlx::query_scalar("select number from noted order by number").fetch_all(&mut superuser).await.unwrap();
    assert_eq!(noted, [2, 4]);
}

#[tokio::test]
async fn names_of_statements_that_others_left_are_in_nobodys_way() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Live).await;
    let database = pooled(&bed);
    let mut own = database.dedicated().await.unwrap();
    // What a client with the same driver had in this session before.
    let left = "prepare sqlx_s_1 as select 1; prepare sqlx_s_2 as select 2; prepare sqlx_s_3 as select 3";
    own.execute(sqlx::raw_sql(left)).await.unwrap();
    let mut alone = database.alone(&mut own).await.unwrap();
    for number in 0..3 {
        let same: i32 = sqlx::query_scalar("select $1").bind(number).fetch_one(alone.connection()).await.unwrap();
        assert_eq!(same, number);
    }
    alone.commit().await.unwrap();
    // The next use knows no statement of the last one either, and asks for none.
    let mut alone = database.alone(&mut own).await.unwrap();
    let left: i64 = sqlx::query_scalar(PREPARED).fetch_one(alone.connection()).await.unwrap();
    assert_eq!(left, 1, "this one alone");
    drop(alone);
    let mut tx = TenantTx::begin(&database, tenant).await.unwrap();
    assert!(tx.tenant_now().await.is_ok(), "the tenant is set in the round trip that begins");
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_statement_that_fails_leaves_the_connection_whole() {
    let bed = TestBed::new().await;
    let database = pooled(&bed);
    let mut own = database.dedicated().await.unwrap();
    let mut alone = database.alone(&mut own).await.unwrap();
    assert!(sqlx::query("select $1 / 0").bind(1).execute(alone.connection()).await.is_err());
    drop(alone);
    let mut alone = database.alone(&mut own).await.unwrap();
    assert!(sqlx::query("select $1").bind(1).execute(alone.connection()).await.is_ok());
    alone.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_is_heard_by_the_direct_way() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Live).await;
    let database = pooled(&bed);
    let (sender, mut heard) = mpsc::unbounded_channel();
    let listening = tokio::spawn(listen(database.clone(), move |event| _ = sender.send(event)));
    assert_eq!(heard.recv().await, Some(ChangeEvent::Missed), "it listens from here on");
    let change = Change::of_tenant(Topic::Policy, tenant);
    publish(&database, change).await.unwrap();
    let next = tokio::time::timeout(Duration::from_secs(20), heard.recv()).await.unwrap();
    assert_eq!(next, Some(ChangeEvent::Changed(change)));
    listening.abort();
}

#[tokio::test]
async fn a_database_by_itself_shares_no_session_and_two_roles_are_told_apart() {
    let bed = TestBed::new().await;
    let url = bed.database.app_url();
    assert!(!pooler::look(&url).await.unwrap().shares_sessions);
    assert_eq!(pooler::faults(&url, None).await.unwrap(), [""; 0]);
    assert_eq!(pooler::faults(&url, Some(&url)).await.unwrap(), [""; 0]);
    let faults = pooler::faults(&url, Some(&bed.database.owner_url())).await.unwrap();
    assert!(faults.len() == 1 && faults[0].contains("must be the same role"), "{faults:?}");
}
