//! `compare`: two products beside each other, each by its file, in turns and from the same driver.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use load_tests::compare::{Facts, Mapped, Mapping, Product as _, Taken, drive, table};
use reqwest::Url;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Two products beside each other.
#[derive(Debug, Parser)]
struct Arguments {
    /// The file of one product.
    #[arg(long, default_value = "load-tests/products/postern.toml")]
    this: PathBuf,
    /// Where it is.
    #[arg(long)]
    this_at: Url,
    /// Its users: a JSON list of objects, each the facts of one; every user logs in once.
    #[arg(long)]
    this_users: PathBuf,
    /// The file of the other product.
    #[arg(long)]
    other: PathBuf,
    /// Where it is.
    #[arg(long)]
    other_at: Url,
    /// Its users.
    #[arg(long)]
    other_users: PathBuf,
    /// Logins at a time.
    #[arg(long, default_value_t = 16)]
    at_a_time: usize,
    /// How often they take turns.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long a turn is, in seconds.
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
}

/// A product with its users, and what it took so far.
struct Side {
    product: Arc<Mapped>,
    users: Arc<Vec<Facts>>,
    next: Arc<AtomicUsize>,
    taken: Taken,
}

impl Side {
    fn new(file: &Path, at: &Url, users: &Path) -> anyhow::Result<Self> {
        let list = std::fs::read_to_string(users).with_context(|| users.display().to_string())?;
        let users = Arc::new(serde_json::from_str(&list).with_context(|| users.display().to_string())?);
        let product = Arc::new(Mapped::new(Mapping::read(file)?, at.clone())?);
        Ok(Self { product, users, next: Arc::default(), taken: Taken::default() })
    }

    async fn turn(&mut self, arguments: &Arguments) -> anyhow::Result<()> {
        let duration = Duration::from_secs_f64(arguments.seconds);
        let taken = drive(&self.product, &self.users, &self.next, arguments.at_a_time, duration).await?;
        if let Some(failure) = &taken.first_failure {
            println!("{}: {} failed, the first at {failure}", self.product.name(), taken.failed);
        }
        self.taken.merge(taken);
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut this = Side::new(&arguments.this, &arguments.this_at, &arguments.this_users)?;
    let mut other = Side::new(&arguments.other, &arguments.other_at, &arguments.other_users)?;
    for _ in 0..arguments.rounds {
        this.turn(&arguments).await?;
        other.turn(&arguments).await?;
    }
    println!("{}", table([(this.product.name(), &this.taken), (other.product.name(), &other.taken)]));
    Ok(())
}
