//! `make bench`: measures, prints a table of figures, gates and verdicts, and keeps it in
//! `load-tests/results/latest.md`.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Parser;
use load_tests::bench::{Bench, Part};
use load_tests::machine;
use load_tests::phases::Stage;
use load_tests::seed::{Size, seed};
use load_tests::server::Programs;
use load_tests::simulate;
use load_tests::{BenchServer, database::BenchDatabase};

/// What the login path costs, with the limits of the same run.
#[derive(Debug, Parser)]
struct Arguments {
    /// A tenth of the tenants and users, short measurements.
    #[arg(long)]
    quick: bool,
    /// How often each measurement is repeated; the medians are shown.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long each measurement takes, in seconds.
    #[arg(long)]
    seconds: Option<f64>,
    /// Only these parts, for tuning; without limits there are no ratios.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// End with an error where a gate is missed.
    #[arg(long)]
    gate: bool,
    /// The binary to be measured; by default `postern` beside this one.
    #[arg(long)]
    postern: Option<PathBuf>,
    /// Where PostgreSQL's data and the logs are kept meanwhile.
    #[arg(long, default_value = "target")]
    folder: PathBuf,
    /// Where the table goes.
    #[arg(long, default_value = "load-tests/results/latest.md")]
    results: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let postern = arguments.postern.clone().map_or_else(beside, Ok)?.canonicalize().context("the binary postern")?;
    std::fs::create_dir_all(&arguments.folder)?;
    let folder = arguments.folder.canonicalize()?;
    let server = BenchServer::start(&folder.join("bench-postgres")).await?;
    let programs = Programs { postern, folder: folder.join("bench-run") };
    let large =
        stage(&server, "large", if arguments.quick { Size::QUICK } else { Size::LARGE }, &programs, &arguments).await?;
    let small = stage(&server, "small", Size::SMALL, &programs, &arguments).await?;
    let past = stage(&server, "past", Size::PAST, &programs, &arguments).await?;
    simulate::history(&past.database, &past.population, if arguments.quick { 100_000 } else { 1_000_000 }).await?;
    past.database.settle().await?;
    let described = describe(&large.database, &large, &arguments).await?;
    println!("{described}");
    let bench = Bench {
        large,
        small,
        past,
        rounds: arguments.rounds,
        only: arguments.only.clone(),
        say: |line| println!("{line}"),
    };
    let figures = bench.run().await?;
    let table = format!("# What the login path costs\n\n{described}\n\n{}", figures.table());
    println!("\n{}", figures.table());
    if let Some(parent) = arguments.results.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(&arguments.results, table)?;
    server.stop().await?;
    if arguments.gate && !figures.hold() {
        bail!("a gate was missed");
    }
    Ok(())
}

fn beside() -> anyhow::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name("postern"))
}

async fn stage(
    server: &BenchServer,
    name: &str,
    size: Size,
    programs: &Programs,
    arguments: &Arguments,
) -> anyhow::Result<Stage> {
    println!("filling: {} tenants, {} users", size.tenants, size.users);
    let database = server.create(name).await?;
    let population = Arc::new(seed(&database, size).await?);
    database.settle().await?;
    let seconds = arguments.seconds.unwrap_or(if arguments.quick { 2.0 } else { 4.0 });
    Ok(Stage { database, population, programs: programs.clone(), seconds })
}

async fn describe(database: &BenchDatabase, large: &Stage, arguments: &Arguments) -> anyhow::Result<String> {
    let machine = machine::describe(&mut database.superuser().await?).await?;
    let size = large.population.size;
    Ok(format!(
        "{machine}. {} tenants, {} users; medians of {} interleaved rounds of {} s each.",
        size.tenants, size.users, arguments.rounds, large.seconds
    ))
}
