//! What was answered is on disk: a commit says so only afterwards, and nothing of ours asks for less.
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

use std::path::{Path, PathBuf};

use io_postgres::TenantTx;
use sqlx::{Connection, Executor, PgConnection};
use testkit::{Environment, TestBed};

/// What refuses a change, and only when it is committed.
const REFUSED_AT_COMMIT: &str = "
create function refuse() returns trigger language plpgsql as $$
begin
    perform pg_sleep(0.2);
    raise exception 'refused at commit';
end $$;
create constraint trigger refuse after update on tenant
    deferrable initially deferred for each row execute function refuse();";

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_is_answered_when_it_is_done() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Live).await;
    let mut superuser = PgConnection::connect(&bed.database.superuser_url()).await.unwrap();
    superuser.execute(sqlx::raw_sql(REFUSED_AT_COMMIT)).await.unwrap();
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    let changed = sqlx::query("update tenant set name = 'another' where tenant_id = $1").bind(tenant.0);
    changed.execute(tx.connection()).await.unwrap();
    assert!(tx.commit().await.is_err(), "a commit was answered before it was done");
}

/// Where the word may stand: the checks that insist on it.
const INSISTING: [&str; 2] = ["services/io-postgres/src/fitness.rs", "services/io-local-postgres/src/options.rs"];

#[test]
fn nothing_of_ours_asks_for_a_commit_that_does_not_wait_for_the_disk() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let mut files = Vec::new();
    for folder in ["services", "graphql", "migrations", "infra"] {
        collect(&root.join(folder), &mut files);
    }
    assert!(files.len() > 300, "these are not all of our sources: {}", files.len());
    let own = files.iter().filter(|file| !INSISTING.iter().any(|insisting| file.ends_with(insisting)));
    let asking: Vec<_> = own.filter(|file| asks(&std::fs::read_to_string(file).unwrap_or_default())).collect();
    assert!(asking.is_empty(), "synchronous_commit is spoken of in {asking:?}");
}

fn asks(text: &str) -> bool {
    text.to_lowercase().contains("synchronous_commit")
}

/// Sources and settings, tests apart: those break things on purpose.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !["tests", "node_modules", "target"].contains(&name.as_str()) {
            collect(&path, files);
        } else if path
            .extension()
            .is_some_and(|kind| ["rs", "sql", "yaml", "yml", "conf", "sh"].iter().any(|one| kind == *one))
        {
            files.push(path);
        }
    }
}
