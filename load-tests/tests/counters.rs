//! What a verification costs by PostgreSQL's own counters, on a server of its own: they count for the
//! whole cluster, so nobody else may use it. Nothing here is timed.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be set up is a failed test")]

use std::path::PathBuf;
use std::sync::Arc;

use load_tests::BenchServer;
use load_tests::counters::{self, Counters};
use load_tests::database::BenchDatabase;
use load_tests::direct::{service, verify_all};
use load_tests::seed::{Population, Size, seed};
use load_tests::targets::prepare;
use svc_logins::CombinerOptions;

const VERIFICATIONS: usize = 4_000;
const AT_ONCE: usize = 64;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("counters-postgres")
}

/// Verifies with fresh connections, which are closed before the count ends: a session hands in its
/// last counts when it ends.
async fn counted(database: &BenchDatabase, population: &Arc<Population>, options: CombinerOptions) -> Counters {
    let targets = Arc::new(prepare(database, population, VERIFICATIONS, false).await.unwrap());
    database.settle().await.unwrap();
    // Every page is dirty again before counting begins, as it is between checkpoints.
    let mut superuser = database.superuser().await.unwrap();
    let baseline = counters::begin(&mut superuser).await.unwrap();
    let logins = service(database, &database.app_url, options).await.unwrap();
    verify_all(&logins, population, &targets, AT_ONCE).await.unwrap();
    drop(logins);
    sessions_end(&mut superuser).await;
    baseline.end(&mut superuser).await.unwrap()
}

async fn sessions_end(superuser: &mut sqlx::PgConnection) {
    loop {
        let others: i64 = sqlx::query_scalar("select count(*) from pg_stat_activity where usename = 'postern_app'")
            .fetch_one(&mut *superuser)
            .await
            .unwrap();
        if others == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

fn per_verification(count: i64) -> f64 {
    count as f64 / VERIFICATIONS as f64
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_costs_a_fraction_of_a_flush_and_little_log() {
    let server = BenchServer::start(&folder()).await.expect("a private PostgreSQL");
    let database = server.create("counters").await.unwrap();
    let population = Arc::new(seed(&database, Size { tenants: 1_000, users: 5_000 }).await.unwrap());

    let counted_together = counted(&database, &population, CombinerOptions::default()).await;
    let batches = counted_together.calls_of("hot_verify_batch");
    println!("combined: {counted_together:?}");
    // Right codes are taken all together; one by one is what is left when few are waiting.
    assert!(counted_together.calls_of("hot_verify") <= VERIFICATIONS as i64 / 4, "the planner chose another order");
    assert!(per_verification(counted_together.wal_syncs) <= 0.1, "{} flushes", counted_together.wal_syncs);
    assert!(per_verification(counted_together.wal_bytes) <= 500.0, "{} bytes of log", counted_together.wal_bytes);
    assert!(per_verification(batches) <= 1.0, "{batches} round trips");
    assert_eq!(counted_together.sequential_scans, [].into(), "no hot table is read from end to end");

    // With one worker no two batches can share a flush: each that was answered has been flushed.
    let one = CombinerOptions { workers: 1, ..CombinerOptions::default() };
    let counted_alone = counted(&database, &population, one).await;
    let batches = counted_alone.calls_of("hot_verify_batch");
    println!("one worker: {counted_alone:?}");
    assert!(counted_alone.wal_syncs >= batches, "{} flushes for {batches} batches", counted_alone.wal_syncs);
    server.stop().await.unwrap();
}
