//! `lists`: what a console's lists, searches and counts cost with many logins, against the same with
//! few; prints figures, gates and verdicts, and keeps them in `load-tests/results/lists.md`.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Parser;
use core_policy::SecurityLevel;
use load_tests::BenchServer;
use load_tests::figures::{Figures, Gate};
use load_tests::lists::Reading;
use load_tests::phases::{Shape, Stage};
use load_tests::seed::{Size, seed};
use load_tests::server::Programs;
use load_tests::stats::{Sample, median};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What lists cost.
#[derive(Debug, Parser)]
struct Arguments {
    /// Users of each firm.
    #[arg(long, default_value_t = 10_000)]
    users: u32,
    /// Logins of the firm that has many, over the last thirty days.
    #[arg(long, default_value_t = 1_000_000)]
    logins: usize,
    /// Logins of the firm that has few.
    #[arg(long, default_value_t = 10_000)]
    few: usize,
    /// How often each measurement is repeated; the medians are shown.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long each measurement takes, in seconds.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// The binary to be measured; by default `postern` beside this one.
    #[arg(long)]
    postern: Option<PathBuf>,
    /// Where PostgreSQL's data and the logs are kept meanwhile.
    #[arg(long, default_value = "target")]
    folder: PathBuf,
    /// Where the table goes.
    #[arg(long, default_value = "load-tests/results/lists.md")]
    results: PathBuf,
}

/// What the table calls the next login.
const EVALUATE: &str = "evaluateLogin at STANDARD, all signals";

/// Medians in milliseconds, by what was read.
type Waits = BTreeMap<&'static str, Vec<f64>>;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    std::fs::create_dir_all(&arguments.folder)?;
    let folder = arguments.folder.canonicalize()?;
    // Nothing here is timed that writes much: the disk is better filled with logins than with log.
    let server = BenchServer::start_with(&folder.join("bench-lists-postgres"), &[("max_wal_size", "1GB")]).await?;
    let few = stage(&server, "few", arguments.few, &arguments).await?;
    let many = stage(&server, "many", arguments.logins, &arguments).await?;
    let (mut of_few, mut of_many) = (Waits::new(), Waits::new());
    for round in 1..=arguments.rounds {
        println!("round {round} of {}", arguments.rounds);
        for reading in Reading::ALL {
            note(&mut of_few, reading, &few).await?;
            note(&mut of_many, reading, &many).await?;
        }
        decide(&mut of_few, &few).await?;
        decide(&mut of_many, &many).await?;
    }
    let table = figures(&of_few, &of_many).table();
    println!("\n{table}");
    let title = format!(
        "# What lists cost\n\n{} users; {} logins in thirty days against {}; one reader at a time, over HTTP.\n\n",
        arguments.users, arguments.logins, arguments.few
    );
    std::fs::write(&arguments.results, title + &table)?;
    server.stop().await
}

async fn stage(server: &BenchServer, name: &str, logins: usize, arguments: &Arguments) -> anyhow::Result<Stage> {
    println!("filling: {} users, {logins} logins", arguments.users);
    let beside = || anyhow::Ok(std::env::current_exe()?.with_file_name("postern"));
    let postern = arguments.postern.clone().map_or_else(beside, Ok)?.canonicalize().context("the binary postern")?;
    let programs = Programs { postern, folder: arguments.folder.canonicalize()?.join("bench-lists-run") };
    let database = server.create(name).await?;
    let population = Arc::new(seed(&database, Size { tenants: 1, users: arguments.users }).await?);
    Stage { database, population, programs, seconds: arguments.seconds }.with_logins(logins).await
}

async fn note(waits: &mut Waits, reading: Reading, stage: &Stage) -> anyhow::Result<()> {
    let sample = stage.read(reading).await?;
    tell(waits, reading.name(), stage, &sample);
    Ok(())
}

/// What the next login costs, one after the other.
async fn decide(waits: &mut Waits, stage: &Stage) -> anyhow::Result<()> {
    let found = stage.evaluate(Shape::closed(1), SecurityLevel::Standard).await?;
    tell(waits, EVALUATE, stage, &found.sample);
    Ok(())
}

fn tell(waits: &mut Waits, name: &'static str, stage: &Stage, sample: &Sample) {
    let wait = sample.percentile(0.5);
    println!("  {name:<40} {:<5} p50 {wait:>8.2} ms  p99 {:>8.2} ms", stage.database.name, sample.percentile(0.99));
    waits.entry(name).or_default().push(wait);
}

fn figures(few: &Waits, many: &Waits) -> Figures {
    let mut figures = Figures::default();
    let wait = |waits: &Waits, reading: Reading| median(&waits[reading.name()]);
    for name in Reading::ALL.map(Reading::name).into_iter().chain([EVALUATE]) {
        let (many, few) = (median(&many[name]), median(&few[name]));
        let name = format!("{name}: many logins / few");
        figures.judge(&name, format!("{many:.2} ms / {few:.2} ms"), many / few, Gate::AtMost(1.2));
    }
    for (deep, first) in [(Reading::LoginsDeep, Reading::Logins), (Reading::UsersDeep, Reading::Users)] {
        let (deep_wait, first_wait) = (wait(many, deep), wait(many, first));
        let name = format!("{} / page 1", deep.name());
        figures.judge(
            &name,
            format!("{deep_wait:.2} ms / {first_wait:.2} ms"),
            deep_wait / first_wait,
            Gate::AtMost(2.0),
        );
    }
    figures
}
