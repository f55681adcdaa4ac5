//! What a doctor finds, on databases that are well and on such as were broken for it.
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

use chrono::TimeDelta;
use core_kernel::{Clock as _, SystemClock, Timestamp};
use io_postgres::health::{Finding, Gravity, distribution_faults, examine};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use testkit::TestDatabase;

fn now() -> Timestamp {
    SystemClock.now()
}

async fn superuser(database: &TestDatabase) -> PgConnection {
    PgConnection::connect(&database.superuser_url()).await.unwrap()
}

async fn run(connection: &mut PgConnection, sql: &str) {
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.unwrap();
}

async fn examined(url: &str) -> Vec<Finding> {
    examine(&mut PgConnection::connect(url).await.unwrap(), now).await.unwrap()
}

fn of(findings: &[Finding], gravity: Gravity) -> Vec<&str> {
    findings.iter().filter(|finding| finding.gravity == gravity).map(|finding| finding.text.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migrated_database_has_no_faults_whoever_looks() {
    let database = TestDatabase::create().await;
    for url in [database.app_url(), database.owner_url()] {
        let findings = examined(&url).await;
        assert_eq!(of(&findings, Gravity::Fault), Vec::<&str>::new());
        let notes = of(&findings, Gravity::Note).join("\n");
        assert!(notes.contains("fit to be distributed") && notes.contains("PostgreSQL 1"), "{notes}");
    }
    let unseen = of(&examined(&database.app_url()).await, Gravity::Note).join("\n");
    assert!(unseen.contains("migration_database_url alone"), "{unseen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_wrong_is_a_fault() {
    let database = TestDatabase::create().await;
    let mut connection = PgConnection::connect(&database.app_url()).await.unwrap();
    for (off, word) in [(TimeDelta::minutes(5), "behind"), (TimeDelta::minutes(-5), "ahead of")] {
        let findings = examine(&mut connection, || now() + off).await.unwrap();
        assert!(of(&findings, Gravity::Fault).iter().any(|fault| fault.contains(word)), "{findings:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_and_partitions_that_are_missing_are_found() {
    let database = TestDatabase::create().await;
    let mut root = superuser(&database).await;
    let month = |ahead: i32| {
        format!(
            "execute 'drop table login_' || to_char(now() at time zone 'utc' + interval '{ahead} month', 'YYYY_MM')"
        )
    };
    run(&mut root, &format!("do $$ begin {}; end $$", month(1))).await;
    let warned = examined(&database.app_url()).await;
    assert!(of(&warned, Gravity::Warning).iter().any(|text| text.starts_with("login has no partition for next month")));
    assert!(of(&warned, Gravity::Fault).is_empty());
    run(&mut root, &format!("do $$ begin {}; end $$", month(0))).await;
    run(&mut root, "delete from _sqlx_migrations where version = 5").await;
    let faults = examined(&database.owner_url()).await;
    let faults = of(&faults, Gravity::Fault).join("\n");
    assert!(faults.contains("login has no partition for this month") && faults.contains("[5]"), "{faults}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_be_written_to_is_a_fault() {
    let database = TestDatabase::create().await;
    run(&mut superuser(&database).await, "do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$").await;
    let faults = examined(&database.app_url()).await;
    assert!(
        of(&faults, Gravity::Fault).iter().any(|fault| fault.contains("default_transaction_read_only")),
        "{faults:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_that_nobody_uses_is_found() {
    let database = TestDatabase::create().await;
    let mut root = superuser(&database).await;
    // The server is shared: a slot of one's own, which a session that ends takes along. It holds back no log.
    let slot = "doctor_sees_this";
    let made = format!("select pg_create_physical_replication_slot('{slot}', false, true)");
    run(&mut root, &made).await;
    let findings = examined(&database.app_url()).await;
    assert!(!findings.iter().any(|finding| finding.text.contains(slot) && finding.gravity == Gravity::Fault));
    root.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_thing_that_citus_refuses_is_found() {
    let database = TestDatabase::create().await;
    let mut root = superuser(&database).await;
    assert_eq!(distribution_faults(&mut root).await.unwrap(), Vec::<String>::new());
    for (breach, told) in [
        ("create table loose (tenant_id uuid, id uuid primary key)", "unique without tenant_id"),
        ("create table loose (tenant_id uuid, id uuid)", "has no primary key"),
        ("create unique index loose on login_count (outcome, quarter, completed_with)", "unique without tenant_id"),
        (
            "create table loose (tenant_id uuid, user_id uuid, id bigint generated always as identity, primary key (tenant_id, id))",
            "counts by a sequence",
        ),
        (
            "create table loose (tenant_id uuid, other uuid, user_id uuid, primary key (tenant_id, user_id),
                                 foreign key (other, user_id) references tenant_user (tenant_id, user_id))",
            "another tenant's rows",
        ),
        (
            "create table loose (id uuid primary key, other uuid, user_id uuid,
                                 foreign key (other, user_id) references tenant_user (tenant_id, user_id))",
            "which is the same everywhere",
        ),
        ("create view loose as select 1", "is a view"),
    ] {
        let mut tx = root.begin().await.unwrap();
        tx.execute(breach).await.unwrap();
        let faults = distribution_faults(&mut tx).await.unwrap();
        assert!(faults.iter().any(|fault| fault.contains(told)), "{breach}: {faults:?}");
        tx.rollback().await.unwrap();
    }
}
