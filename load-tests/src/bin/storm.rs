//! `make load SCENARIO=…`: plays scenarios against an installation of its own, prints what held, and keeps
//! pages and pictures in `load-tests/results`.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Parser;
use load_tests::phases::Stage;
use load_tests::seed::{Size, seed};
use load_tests::server::Programs;
use load_tests::storm::plan::Plan;
use load_tests::storm::{report, run};
use load_tests::{BenchServer, machine};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Plays scenarios.
#[derive(Debug, Parser)]
struct Arguments {
    /// Files of `load-tests/scenarios`, without their ending; all of them if none is named.
    scenarios: Vec<String>,
    /// Users, of two hundred tenants; each logs in once.
    #[arg(long, default_value_t = 100_000)]
    users: u32,
    /// End with an error where something does not hold.
    #[arg(long)]
    gate: bool,
    /// The binary to be measured; by default `postern` beside this one.
    #[arg(long)]
    postern: Option<PathBuf>,
    /// Where PostgreSQL's data and the logs are kept meanwhile.
    #[arg(long, default_value = "target")]
    folder: PathBuf,
    /// Where scenarios are.
    #[arg(long, default_value = "load-tests/scenarios")]
    from: PathBuf,
    /// Where pages and pictures go.
    #[arg(long, default_value = "load-tests/results")]
    results: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let names = if arguments.scenarios.is_empty() { all(&arguments.from)? } else { arguments.scenarios.clone() };
    std::fs::create_dir_all(&arguments.folder)?;
    let folder = arguments.folder.canonicalize()?;
    let server = BenchServer::start(&folder.join("bench-storm-postgres")).await?;
    let mut missed = Vec::new();
    for name in names {
        if !play(&server, &folder, &name, &arguments).await? {
            missed.push(name);
        }
    }
    server.stop().await?;
    if arguments.gate && !missed.is_empty() {
        bail!("what must hold does not: {}", missed.join(", "));
    }
    Ok(())
}

fn all(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    Ok(names)
}

/// Whether everything held.
async fn play(server: &BenchServer, folder: &Path, name: &str, arguments: &Arguments) -> anyhow::Result<bool> {
    let plan = Plan::read(&arguments.from.join(format!("{name}.toml")))?;
    println!("{name}: {}", plan.title);
    let beside = || anyhow::Ok(std::env::current_exe()?.with_file_name("postern"));
    let postern = arguments.postern.clone().map_or_else(beside, Ok)?.canonicalize().context("the binary postern")?;
    // A database of its own: what one scenario blocks or publishes is not to be found by the next.
    let database = server.create(&name.replace('-', "_")).await?;
    let population = Arc::new(seed(&database, Size { tenants: 200, users: arguments.users }).await?);
    let programs = Programs { postern, folder: folder.join("bench-storm-run") };
    let machine = machine::describe(&mut database.superuser().await?).await?;
    let stage = Stage { database, population, programs, seconds: 4.0 };
    let played = run::play(&stage, &plan).await?;
    report::write(&arguments.results, name, &machine, &plan, &played)?;
    println!("{}", played.figures.table());
    Ok(played.figures.hold())
}
