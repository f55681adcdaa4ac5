//! `capacity`: what a verification and a login cost, for docs/capacity.md (`node scripts/capacity.mjs`).
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Parser;
use load_tests::capacity::results;
use load_tests::phases::Stage;
use load_tests::seed::{Size, seed};
use load_tests::server::Programs;
use load_tests::{BenchServer, machine};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What logins cost.
#[derive(Debug, Parser)]
struct Arguments {
    /// How often each measurement is repeated; the medians are kept.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long each measurement takes, in seconds.
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
    /// The binary to be measured; by default `postern` beside this one.
    #[arg(long)]
    postern: Option<PathBuf>,
    /// Where PostgreSQL's data and the logs are kept meanwhile.
    #[arg(long, default_value = "target")]
    folder: PathBuf,
    /// Where the figures go.
    #[arg(long, default_value = "load-tests/results/capacity.json")]
    results: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let beside = || anyhow::Ok(std::env::current_exe()?.with_file_name("postern"));
    let postern = arguments.postern.clone().map_or_else(beside, Ok)?.canonicalize().context("the binary postern")?;
    std::fs::create_dir_all(&arguments.folder)?;
    let folder = arguments.folder.canonicalize()?;
    let server = BenchServer::start(&folder.join("bench-capacity-postgres")).await?;
    let database = server.create("capacity").await?;
    let population = Arc::new(seed(&database, Size::QUICK).await?);
    let machine = machine::describe(&mut database.superuser().await?).await?;
    let programs = Programs { postern, folder: folder.join("bench-capacity-run") };
    let stage = Stage { database, population, programs, seconds: arguments.seconds };
    let mut rounds = Vec::new();
    for round in 1..=arguments.rounds {
        println!("round {round} of {}", arguments.rounds);
        rounds.push(stage.costs().await?);
    }
    let results = serde_json::to_string_pretty(&results(&machine, Size::QUICK.users, &rounds))? + "\n";
    print!("{results}");
    std::fs::write(&arguments.results, results)?;
    server.stop().await
}
