//! Measures the login path without HTTP: combined, singly, and without row-level security.
#![expect(clippy::print_stdout, reason = "the figures go to standard output")]
use load_tests::{BenchServer, counters, database, direct, seed, targets};
use sqlx::Connection as _;
use std::sync::Arc;
use svc_logins::CombinerOptions;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arg = |n: usize, d: usize| std::env::args().nth(n).and_then(|x| x.parse().ok()).unwrap_or(d);
    let server = BenchServer::start(std::path::Path::new("target/bench-postgres")).await?;
    let database = server.create("direct").await?;
    let size = seed::Size { tenants: arg(1, 1000) as u32, users: arg(2, 100_000) as u32 };
    let population = Arc::new(seed::seed(&database, size).await?);
    let count = arg(3, 20_000);
    println!("{}", database.superuser);
    if let Ok(files) = std::env::var("BENCH_SQL") {
        for file in files.split(' ') {
            let out = std::process::Command::new("psql")
                .args([
                    "-q",
                    "-v",
                    "ON_ERROR_STOP=1",
                    "-1",
                    "-c",
                    "set role postern_owner",
                    "-f",
                    file,
                    &database.superuser,
                ])
                .output()?;
            anyhow::ensure!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        }
    }
    for round in 0..arg(4, 4) {
        for (name, workers, batch, url) in [
            ("combined", 2, 64, &database.app_url),
            ("1 worker", 1, 64, &database.app_url),
            ("no rls", 2, 64, &database.without_rls_url),
            ("off", 64, 1, &database.app_url),
        ] {
            let targets = Arc::new(targets::prepare(&database, &population, count, false).await?);
            database.settle().await?;
            let mut superuser = database.superuser().await?;
            let baseline = counters::begin(&mut superuser).await?;
            let logins =
                direct::service(&database, url, CombinerOptions { workers, max_batch: batch, max_queue: 4096 }).await?;
            let elapsed = direct::verify_all(&logins, &population, &targets, 64).await?;
            drop(logins);
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            let c = baseline.end(&mut superuser).await?;
            let n = count as f64;
            println!(
                "{round} {name:10} {:8.0}/s sync {:.3} wal {:.0} fpi {:.0} trips {:.3} seq {:?}",
                n / elapsed.as_secs_f64(),
                c.wal_syncs as f64 / n,
                c.wal_bytes as f64 / n,
                c.full_page_bytes as f64 / n,
                c.calls_of("hot_verify_batch") as f64 / n,
                c.sequential_scans
            );
            superuser.close().await?;
        }
    }
    if arg(5, 0) > 0 {
        tokio::time::sleep(std::time::Duration::from_secs(arg(5, 0) as u64)).await;
    }
    let _ = database::superuser_name();
    server.stop().await
}
