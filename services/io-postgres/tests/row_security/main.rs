//! Row-level security, proved by breaking it: whatever becomes of any one policy, the catalog's check or the probe
//! says so, and names the table.
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

mod catalog;
mod probe;
mod rows;

use std::path::Path;

use io_postgres::isolation_faults;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use testkit::TestDatabase;

use crate::catalog::{OwnedBy, Table};

/// A database in which two tenants, of two partners, have a row in every table.
async fn filled() -> (TestDatabase, PgConnection, Vec<Table>) {
    let database = TestDatabase::create().await;
    let mut superuser = PgConnection::connect(&database.superuser_url()).await.unwrap();
    let tables = catalog::tables(&mut superuser).await;
    rows::insert(&mut superuser, &tables).await;
    (database, superuser, tables)
}

async fn run(connection: &mut PgConnection, sql: &str) {
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.unwrap();
}

/// What may become of a table's own policy.
fn breaches(table: &Table) -> Vec<String> {
    let (name, policy) = (&table.name, table.owned_by.policy());
    let own = table.owned_by.condition();
    let instead = |clauses: &str| format!("drop policy {policy} on {name}; create policy {policy} on {name} {clauses}");
    vec![
        format!("drop policy {policy} on {name}"),
        format!("alter table {name} disable row level security"),
        format!("alter table {name} no force row level security"),
        instead("using (true) with check (true)"),
        instead(&format!("using ({own}) with check (true)")),
        instead(&format!("using (true) with check ({own})")),
        instead(&format!("using ({own} or {} is not null) with check ({own})", table.owned_by.column())),
        format!("create policy another on {name} using (true)"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn as_it_is_every_table_shows_each_its_own_and_nothing_else() {
    let (_database, mut superuser, tables) = filled().await;
    assert!(tables.len() > 30, "{tables:?}");
    for table in &tables {
        let mut tx = superuser.begin().await.unwrap();
        assert_eq!(probe::faults(&mut tx, table).await, Vec::<String>::new());
        tx.rollback().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_becomes_of_one_policy_is_seen_in_the_catalog_and_by_what_a_tenant_can_do() {
    let (_database, mut superuser, tables) = filled().await;
    let mut unseen = Vec::new();
    for table in &tables {
        for breach in breaches(table) {
            let mut tx = superuser.begin().await.unwrap();
            run(&mut tx, &breach).await;
            let in_catalog = isolation_faults(&mut tx).await.unwrap();
            let by_probe = probe::faults(&mut tx, table).await;
            tx.rollback().await.unwrap();
            for (seen_by, faults) in [("the catalog's check", in_catalog), ("the probe", by_probe)] {
                if !faults.iter().any(|fault| table.is_named_in(fault)) {
                    unseen.push(format!("{breach}: {seen_by} did not see it"));
                }
            }
        }
    }
    assert_eq!(unseen, Vec::<String>::new());
}

/// Every policy and every grant to the one role that looks across tenants, as reviewed.
#[tokio::test(flavor = "multi_thread")]
async fn the_policies_are_those_that_were_reviewed() {
    let database = TestDatabase::create().await;
    let mut superuser = PgConnection::connect(&database.superuser_url()).await.unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/row_security/policies.txt");
    let grants = catalog::grants(&mut superuser).await;
    let present = catalog::policies(&mut superuser).await + &grants;
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &present).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(changes(&committed, &present), Vec::<String>::new(), "UPDATE=1, and review policies.txt");

    // Dropping any one of them changes the text, by the name of its table.
    for (table, policy) in catalog::policy_names(&mut superuser).await {
        let mut tx = superuser.begin().await.unwrap();
        run(&mut tx, &format!("drop policy {policy} on {table}")).await;
        let without = catalog::policies(&mut tx).await + &grants;
        tx.rollback().await.unwrap();
        let named = changes(&committed, &without);
        assert!(
            named.iter().any(|line| line.starts_with(&format!("gone: {table} "))),
            "{policy} on {table}: {named:?}"
        );
    }
}

fn changes(before: &str, after: &str) -> Vec<String> {
    let gone = before.lines().filter(|line| !after.lines().any(|other| other == *line));
    let came = after.lines().filter(|line| !before.lines().any(|other| other == *line));
    gone.map(|line| format!("gone: {line}")).chain(came.map(|line| format!("new: {line}"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_nobody_guards_is_seen() {
    let database = TestDatabase::create().await;
    let mut superuser = PgConnection::connect(&database.superuser_url()).await.unwrap();
    for made in [
        "create table unguarded (tenant_id uuid not null, id uuid, primary key (tenant_id, id))",
        "create table unguarded (tenant_id uuid not null, id uuid, primary key (tenant_id, id)); \
         alter table unguarded enable row level security",
        "create table unguarded (id uuid primary key)",
    ] {
        let mut tx = superuser.begin().await.unwrap();
        run(&mut tx, &format!("{made}; grant select, insert on unguarded to postern_app")).await;
        let faults = isolation_faults(&mut tx).await.unwrap();
        tx.rollback().await.unwrap();
        assert!(faults.iter().any(|fault| fault.contains("unguarded")), "{made}: {faults:?}");
    }
}

#[test]
fn a_table_s_name_is_not_found_in_that_of_another() {
    let table = Table { name: "login".to_owned(), owned_by: OwnedBy::Tenant, columns: Vec::new() };
    assert!(table.is_named_in("table login lacks its tenant policy"));
    assert!(!table.is_named_in("table login_count lacks its tenant policy"));
}
