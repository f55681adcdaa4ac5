//! `imports`: a million users from a file, against what PostgreSQL alone takes for the same rows in the
//! same run; prints figures, gates and verdicts, and keeps them in `load-tests/results/imports.md`.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use load_tests::BenchServer;
use load_tests::figures::{Figures, Gate};
use load_tests::imports::{Alone, Imported, Importing, alone};
use load_tests::seed::{Size, seed};
use load_tests::stats::Sample;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What an import costs.
#[derive(Debug, Parser)]
struct Arguments {
    /// Rows of the file.
    #[arg(long, default_value_t = 1_000_000)]
    rows: usize,
    /// Where PostgreSQL's data are kept meanwhile.
    #[arg(long, default_value = "target")]
    folder: PathBuf,
    /// Where the table goes.
    #[arg(long, default_value = "load-tests/results/imports.md")]
    results: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    std::fs::create_dir_all(&arguments.folder)?;
    let folder = arguments.folder.canonicalize()?.join("bench-imports-postgres");
    let server = BenchServer::start(&folder).await?;
    // First and in a process that is small yet: what is measured of memory is the import's.
    let database = server.create("imports").await?;
    let population = seed(&database, Size::SMALL).await?;
    database.settle().await?;
    let importing = Importing::new(&database, &population).await?;
    let idle = importing.serve(Duration::from_secs(10)).await?;
    tell("logins alone", &idle);
    let first = importing.import(arguments.rows).await?;
    println!("import: upload {:?}, work {:?}, {:?}", first.upload, first.work, first.job);
    println!("users: {}", importing.users().await?);
    database.settle().await?;
    let again = importing.import(arguments.rows).await?;
    println!("again: upload {:?}, work {:?}, {:?}", again.upload, again.work, again.job);
    let beside = beside(&server, arguments.rows).await?;
    tell("logins beside an import", &beside);
    let database = server.create("baseline").await?;
    let postgres = alone(&database, arguments.rows).await?;
    println!("PostgreSQL alone: {postgres:?}");
    let table = figures(&postgres, &first, &again, &idle, &beside).table();
    println!("\n{table}");
    std::fs::write(&arguments.results, format!("# What an import of {} rows costs\n\n{table}", arguments.rows))?;
    server.stop().await
}

fn tell(name: &str, sample: &Sample) {
    println!("{name}: p50 {:.2} ms, p99 {:.2} ms", sample.percentile(0.5), sample.percentile(0.99));
}

/// Logins while a fifth of the file is imported, in a database of its own.
async fn beside(server: &BenchServer, rows: usize) -> anyhow::Result<Sample> {
    let database = server.create("beside").await?;
    let population = seed(&database, Size::SMALL).await?;
    database.settle().await?;
    let importing = Importing::new(&database, &population).await?;
    // Caches are warm, as they are when logins are measured alone.
    importing.serve(Duration::from_secs(1)).await?;
    let (imported, sample) = tokio::join!(importing.import(rows / 5), importing.serve(Duration::from_secs(8)));
    imported?;
    sample
}

fn figures(postgres: &Alone, first: &Imported, again: &Imported, idle: &Sample, beside: &Sample) -> Figures {
    let mut figures = Figures::default();
    let seconds = |duration: Duration| duration.as_secs_f64();
    let (took, took_again) = (seconds(first.upload + first.work), seconds(again.upload + again.work));
    let all = seconds(postgres.copy + postgres.users + postgres.phones);
    let users = seconds(postgres.copy + postgres.users);
    let unchanged = seconds(postgres.copy + postgres.again);
    let ratio = |took: f64, of: f64| (format!("{took:.1} s / {of:.1} s"), took / of);
    let (text, value) = ratio(took, all);
    figures.judge("an import / COPY and set-wise insert of users and phones", text, value, Gate::AtMost(3.0));
    let (text, value) = ratio(took, users);
    figures.judge("an import / COPY and set-wise insert of users alone", text, value, Gate::AtMost(3.0));
    let (text, value) = ratio(took_again, unchanged);
    figures.judge("again, unchanged / COPY and set-wise insert of what is there", text, value, Gate::AtMost(3.0));
    let resident = first.resident.max(again.resident) as f64 / 1e6;
    figures.judge("resident memory, MB", String::new(), resident, Gate::AtMost(150.0));
    let silence = seconds(first.silence.max(again.silence));
    figures.judge("longest time without progress, s", String::new(), silence, Gate::AtMost(1.0));
    let waits = format!("{:.2} ms / {:.2} ms", beside.percentile(0.99), idle.percentile(0.99));
    let value = beside.percentile(0.99) / idle.percentile(0.99);
    figures.judge("p99 of logins beside an import / alone", waits, value, Gate::AtMost(2.0));
    figures
}
