//! Rehearses a policy on a million logins, and serves logins meanwhile:
//! `cargo run --release -p load-tests --bin simulate`.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use load_tests::BenchServer;
use load_tests::seed::{Size, seed};
use load_tests::simulate::{Rehearsal, history};
use load_tests::stats::Sample;

/// How fast a simulation is, and what it costs the logins beside it.
#[derive(Debug, Parser)]
struct Arguments {
    /// Logins of the past.
    #[arg(long, default_value_t = 1_000_000)]
    logins: usize,
    /// Users who made them.
    #[arg(long, default_value_t = 50_000)]
    users: u32,
    /// Logins a second that are served meanwhile.
    #[arg(long, default_value_t = 200)]
    rate: u32,
    /// Where PostgreSQL's data is kept meanwhile.
    #[arg(long, default_value = "target/simulate-postgres")]
    folder: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    std::fs::create_dir_all(&arguments.folder)?;
    let server = BenchServer::start(&arguments.folder.canonicalize()?).await?;
    let database = server.create("simulate").await?;
    println!("filling: {} users, {} logins", arguments.users, arguments.logins);
    let population = seed(&database, Size { tenants: 1, users: arguments.users }).await?;
    history(&database, &population, arguments.logins).await?;
    database.settle().await?;
    let rehearsal = Rehearsal::new(&database, &population).await?;
    let before = resident_megabytes();
    for _ in 0..3 {
        let (found, elapsed) = rehearsal.rehearse().await?;
        let rate = f64::from(found.logins_replayed) / elapsed.as_secs_f64();
        println!(
            "{} logins in {elapsed:.2?}: {rate:.0}/s; {} messages, {}",
            found.logins_replayed, found.messages_after, found.cost_after
        );
    }
    println!("memory: {before} MB before, {} MB after", resident_megabytes());
    let idle = rehearsal.serve(arguments.rate, Duration::from_secs(6)).await?;
    tell("logins alone", &idle);
    let (simulated, beside) =
        tokio::join!(rehearsal.rehearse(), rehearsal.serve(arguments.rate, Duration::from_secs(6)));
    let (found, elapsed) = simulated?;
    tell("logins beside a simulation", &beside?);
    println!("beside them {:.0}/s", f64::from(found.logins_replayed) / elapsed.as_secs_f64());
    server.stop().await
}

fn tell(what: &str, sample: &Sample) {
    println!(
        "{what}: {:.0}/s, p50 {:.2} ms, p99 {:.2} ms",
        sample.rate(),
        sample.percentile(0.5),
        sample.percentile(0.99)
    );
}

/// The most that this process has held.
fn resident_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1024
}
