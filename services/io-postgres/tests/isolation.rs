//! The catalog test: the rules of isolation hold, and each breach of them is seen.
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

use std::pin::pin;
use std::task::{Context, Waker};

use core_kernel::PLATFORM_TENANT;
use io_postgres::{Database, DatabaseOptions, NoTenant, TenantTx, fitness, isolation_faults};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use testkit::{Environment, TestBed, TestDatabase};

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migrated_database_is_fit_for_the_unprivileged_role() {
    let database = TestDatabase::create().await;
    let faults = fitness::faults(&mut connect(&database.app_url()).await).await.unwrap();
    assert_eq!(faults, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_row_security_does_not_bind_is_refused() {
    let database = TestDatabase::create().await;
    for url in [database.superuser_url(), database.owner_url()] {
        let faults = fitness::faults(&mut connect(&url).await).await.unwrap();
        assert!(faults.iter().any(|fault| fault.starts_with("the role")), "{faults:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_breach_on_any_one_table_is_seen() {
    let database = TestDatabase::create().await;
    let mut superuser = connect(&database.superuser_url()).await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where n.nspname = 'public' and relkind in ('r', 'p')
            and relname not in ('crypto_key', 'signing_key', 'price_list', 'price_country', 'price', 'plan', 'plan_price',
                                '_sqlx_migrations')",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    assert!(tables.len() > 20, "{tables:?}");
    for table in tables {
        for breach in ["disable row level security", "no force row level security"] {
            let mut tx = superuser.begin().await.unwrap();
            tx.execute(sqlx::raw_sql(AssertSqlSafe(format!("alter table {table} {breach}")))).await.unwrap();
            let faults = isolation_faults(&mut tx).await.unwrap();
            assert!(faults.iter().any(|fault| fault.contains(&table)), "{table} {breach}: {faults:?}");
            tx.rollback().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn views_keys_grants_policies_and_functions_that_leak_are_seen() {
    let database = TestDatabase::create().await;
    let mut superuser = connect(&database.superuser_url()).await;
    for breach in [
        "create view everybody as select * from tenant_user",
        "create materialized view everybody as select * from tenant_user",
        "create table loose (id uuid primary key)",
        "alter table factor add unique (factor_id)",
        "create unique index on tenant_user (external_id_folded)",
        "grant truncate on login to postern_app",
        "grant select on tenant_user to public",
        "grant update on price to postern_app",
        "grant select on login_2026_11 to postern_app",
        "create policy open on tenant_user for select using (true)",
        "create policy open on tenant_user using (true)",
        "drop policy tenant_isolation on message",
        "create function leak() returns bigint language sql security definer as 'select count(*) from tenant_user'",
        "alter table api_key owner to postern_cross",
    ] {
        let mut tx = superuser.begin().await.unwrap();
        let breach = breach.replace("login_2026_11", &current_partition(&mut tx).await);
        tx.execute(sqlx::raw_sql(AssertSqlSafe(breach.clone()))).await.unwrap();
        assert!(!isolation_faults(&mut tx).await.unwrap().is_empty(), "not seen: {breach}");
        tx.rollback().await.unwrap();
    }
}

async fn current_partition(connection: &mut PgConnection) -> String {
    sqlx::query_scalar("select 'login_' || to_char(this_month(), 'YYYY_MM')").fetch_one(connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_sees_its_own_tenant_alone() {
    let bed = TestBed::new().await;
    let (ours, theirs) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Live).await);
    let mut tx = TenantTx::begin(&bed.platform.database, ours).await.unwrap();
    let seen: Vec<uuid::Uuid> =
        sqlx::query_scalar("select tenant_id from tenant").fetch_all(tx.connection()).await.unwrap();
    assert_eq!(seen, [ours.0]);
    let changed = sqlx::query("update tenant set name = 'stolen' where tenant_id = $1")
        .bind(theirs.0)
        .execute(tx.connection())
        .await
        .unwrap();
    assert_eq!(changed.rows_affected(), 0);
    let inserted =
        sqlx::query("insert into destination_send (tenant_id, destination_index, times) values ($1, 'x', '{}')")
            .bind(theirs.0)
            .execute(tx.connection())
            .await;
    assert!(inserted.is_err(), "a row of another tenant was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_setting_survives_its_transaction() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Live).await;
    TenantTx::begin(&bed.platform.database, tenant).await.unwrap().commit().await.unwrap();
    for _ in 0..20 {
        let mut connection = io_postgres::NoTenant::acquire(&bed.platform.database).await.unwrap();
        let rows: i64 =
            sqlx::query_scalar("select count(*) from tenant").fetch_one(connection.connection()).await.unwrap();
        assert_eq!(rows, 0, "a connection without a tenant saw rows");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_begin_leaves_no_transaction_behind() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Live).await;
    for round in 0..200_u64 {
        let begin = TenantTx::begin(&bed.platform.database, tenant);
        let _ = tokio::time::timeout(std::time::Duration::from_micros(round * 10), begin).await;
    }
    // Whatever connection comes now must commit for itself.
    for _ in 0..16 {
        let mut connection = io_postgres::NoTenant::acquire(&bed.platform.database).await.unwrap();
        // In a transaction block two statements share now(); outside each has its own.
        let first: chrono::DateTime<chrono::Utc> =
            sqlx::query_scalar("select now()").fetch_one(connection.connection()).await.unwrap();
        let second: chrono::DateTime<chrono::Utc> =
            sqlx::query_scalar("select now()").fetch_one(connection.connection()).await.unwrap();
        assert_ne!(first, second, "a connection came back inside a transaction");
    }
}

/// The driver takes note of an answer when it is read: of a COPY whose end was said and that was dropped then, nobody reads it.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_a_step_behind_is_nobodys() {
    let database = TestDatabase::create().await;
    let options = DatabaseOptions { max_connections: 1, ..DatabaseOptions::new(database.superuser_url()) };
    let pool = Database::connect_lazy(&options).unwrap();
    let mut tx = TenantTx::begin(&pool, PLATFORM_TENANT).await.unwrap();
    tx.connection().execute("create temporary table stage (n integer)").await.unwrap();
    let mut copy = tx.connection().copy_in_raw("copy stage from stdin").await.unwrap();
    copy.send(&b"1\n"[..]).await.unwrap();
    let said = pin!(copy.finish()).poll(&mut Context::from_waker(Waker::noop()));
    assert!(said.is_pending(), "the answer takes longer than that");
    drop(tx);

    let mut next = NoTenant::acquire(&pool).await.unwrap();
    let answer = sqlx::query_scalar("select 40 + 2").fetch_one(next.connection()).await;
    assert_eq!(answer.map_err(|error| error.to_string()), Ok(42), "whoever is next is answered another question");
}
