//! `sharing`: what it costs that several gateways share limits in Redis, and that PgBouncer stands before the database. The same
//! binary decides logins with neither, with the one and with the other, in interleaved rounds, at one steady rate; beside that, one
//! question to Redis against its plainest. Prints figures, gates and verdicts, and keeps them in `load-tests/results/sharing.md`.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::Parser;
use core_kernel::{ApiKeyId, Redacted, SystemClock, TenantId};
use core_policy::SecurityLevel;
use io_limits::{Charge, Limits, LimitsConfig, RedisOptions, limit};
use load_tests::BenchServer;
use load_tests::drive::Pace;
use load_tests::figures::{Figures, Gate};
use load_tests::phases::{Shape, Stage};
use load_tests::seed::{Size, seed};
use load_tests::server::{Combining, Programs};
use load_tests::stats::{Sample, median};
use uuid::Uuid;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What sharing costs.
#[derive(Debug, Parser)]
struct Arguments {
    /// Users of the firm.
    #[arg(long, default_value_t = 10_000)]
    users: u32,
    /// Logins a second.
    #[arg(long, default_value_t = 200.0)]
    rate: f64,
    /// How often each measurement is repeated; the medians are shown.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long each measurement takes, in seconds.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// The binary to be measured; by default `postern` beside this one.
    #[arg(long)]
    postern: Option<PathBuf>,
    /// Where data, sockets and logs are kept meanwhile.
    #[arg(long, default_value = "target")]
    folder: PathBuf,
    /// Where the table goes.
    #[arg(long, default_value = "load-tests/results/sharing.md")]
    results: PathBuf,
}

/// Questions to Redis, one after the other.
const QUESTIONS: u128 = 20_000;
const START_WITHIN: Duration = Duration::from_secs(20);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    std::fs::create_dir_all(&arguments.folder)?;
    let folder = arguments.folder.canonicalize()?.join("bench-sharing");
    let server = BenchServer::start(&folder.join("postgres")).await?;
    let redis = Beside::redis(&folder)?;
    let stage = stage(&server, &folder, &arguments).await?;
    let bouncer = Beside::pgbouncer(&stage.database.app_url)?;
    let ways = [
        ("alone", stage.clone()),
        ("with Redis", through(&stage, &folder, "redis", &format!("export POSTERN_REDIS__URL={}", redis.url))?),
        ("through PgBouncer", through(&stage, &folder, "pgbouncer", &bouncer.url)?),
    ];
    let mut found: Vec<[Vec<f64>; 2]> = vec![<[Vec<f64>; 2]>::default(); ways.len()];
    for round in 1..=arguments.rounds {
        println!("round {round} of {}", arguments.rounds);
        for ((name, stage), [middle, last]) in ways.iter().zip(&mut found) {
            let shape =
                Shape { connections: 16, combining: Combining::On, worker: false, pace: Pace::Open(arguments.rate) };
            let sample = stage.evaluate(shape, SecurityLevel::High).await?.sample;
            println!("  {name:<20} p50 {:>8.3} ms  p99 {:>8.3} ms", sample.percentile(0.5), sample.percentile(0.99));
            middle.push(sample.percentile(0.5));
            last.push(sample.percentile(0.99));
        }
    }
    let (plain, question) = (pings(&redis.url).await?, questions(&redis.url).await?);
    let table = figures(&found, &plain, &question).table();
    println!("\n{table}");
    let title = format!(
        "# What sharing costs\n\nevaluateLogin at {} a second, over HTTP, all on this machine.\n\n",
        arguments.rate
    );
    std::fs::write(&arguments.results, title + &table)?;
    server.stop().await
}

async fn stage(server: &BenchServer, folder: &Path, arguments: &Arguments) -> anyhow::Result<Stage> {
    let beside = || anyhow::Ok(std::env::current_exe()?.with_file_name("postern"));
    let postern = arguments.postern.clone().map_or_else(beside, Ok)?.canonicalize().context("the binary postern")?;
    let database = server.create("sharing").await?;
    let population = Arc::new(seed(&database, Size { tenants: 1, users: arguments.users }).await?);
    let programs = Programs { postern, folder: folder.join("run") };
    Ok(Stage { database, population, programs, seconds: arguments.seconds })
}

/// The same, by a program that sets something in the environment first.
fn through(stage: &Stage, folder: &Path, name: &str, settings: &str) -> anyhow::Result<Stage> {
    let program = folder.join(format!("postern-{name}"));
    std::fs::write(&program, format!("#!/bin/sh\n{settings}\nexec {} \"$@\"\n", stage.programs.postern.display()))?;
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700))?;
    let programs = Programs { postern: program, ..stage.programs.clone() };
    Ok(Stage { programs, ..stage.clone() })
}

/// What stands beside, ended when this is dropped.
struct Beside {
    child: Child,
    url: String,
}

impl Beside {
    fn redis(folder: &Path) -> anyhow::Result<Self> {
        let socket = folder.join("redis.sock");
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--save", "", "--unixsocket"]).arg(&socket);
        Self::begin(command, &socket, format!("redis+unix://{}", socket.display()))
    }

    /// In transaction mode before this database, which listens on a socket of its own; with it, what to set.
    fn pgbouncer(app_url: &str) -> anyhow::Result<Self> {
        let url: reqwest::Url = app_url.parse()?;
        let socket_folder = url.query_pairs().find(|(name, _)| name == "host").context("a socket")?.1.into_owned();
        let (user, password) = (url.username().to_owned(), url.password().unwrap_or_default().to_owned());
        let (port, database) = (url.port().unwrap_or(5432), url.path().trim_start_matches('/').to_owned());
        let own = std::env::temp_dir().join(format!("postern-bench-pgbouncer-{}", std::process::id()));
        std::fs::create_dir_all(&own)?;
        let (file, users) = (own.join("pgbouncer.ini"), own.join("users.txt"));
        std::fs::write(&users, format!("\"{user}\" \"{password}\"\n"))?;
        let text = format!(
            "[databases]\n{database} = host={socket_folder} port={port}\n[pgbouncer]\nunix_socket_dir = {own}\nlisten_port = 6432\n\
             auth_type = scram-sha-256\nauth_file = {users}\npool_mode = transaction\ndefault_pool_size = 40\n\
             ignore_startup_parameters = extra_float_digits\n",
            own = own.display(),
            users = users.display()
        );
        std::fs::write(&file, text)?;
        let mut command = Command::new("pgbouncer");
        command.arg(&file);
        // It refuses to be root, and must get to the database's socket.
        let account = std::fs::metadata(&socket_folder)?;
        if nix::unistd::Uid::effective().is_root() {
            [&own, &file, &users]
                .iter()
                .try_for_each(|path| std::os::unix::fs::chown(path, Some(account.uid()), Some(account.gid())))?;
            command.uid(account.uid()).gid(account.gid());
        }
        let pooled = format!("postgres://{user}:{password}@localhost:6432/{database}?host={}", own.display());
        let settings = format!("export POSTERN_DATABASE__DIRECT_URL='{app_url}' POSTERN_DATABASE_URL='{pooled}'");
        Self::begin(command, &own.join(".s.PGSQL.6432"), settings)
    }

    fn begin(mut command: Command, socket: &Path, url: String) -> anyhow::Result<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let began = Instant::now();
        let beside = Self { child, url };
        while std::os::unix::net::UnixStream::connect(socket).is_err() {
            ensure!(began.elapsed() < START_WITHIN, "{} does not listen", command.get_program().display());
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(beside)
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What is measured against: the plainest question, by the same kind of connection.
async fn pings(url: &str) -> anyhow::Result<Sample> {
    let mut redis = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
    let (began, mut waits) = (Instant::now(), Vec::new());
    for _ in 0..QUESTIONS {
        let asked = Instant::now();
        redis::cmd("PING").exec_async(&mut redis).await?;
        waits.push(asked.elapsed());
    }
    Ok(Sample::new(began.elapsed(), waits))
}

/// What a request spends at the door: its key's and its tenant's requests, and its complexity.
async fn questions(url: &str) -> anyhow::Result<Sample> {
    let (config, clock) = (LimitsConfig::default(), Arc::new(SystemClock));
    let options = RedisOptions { timeout: Duration::from_secs(1), ..RedisOptions::new(Redacted::new(url.to_owned())) };
    let limits = Limits::new(&config, clock.clone())?.with_redis(&config, clock, &options)?;
    limits.connect().await;
    let (began, mut waits) = (Instant::now(), Vec::new());
    for n in 0..QUESTIONS {
        let (key, tenant) = (ApiKeyId(Uuid::from_u128(n)), TenantId(Uuid::from_u128(n)));
        let charges = [
            Charge::one(limit::API_KEY, key),
            Charge::one(limit::TENANT, tenant),
            Charge::of(limit::API_KEY_COMPLEXITY, key, 50),
        ];
        let asked = Instant::now();
        limits.spend(&charges).await?;
        waits.push(asked.elapsed());
    }
    let usage = limits.shared_usage().context("shared")?;
    ensure!(u128::from(usage.answered) == QUESTIONS, "Redis did not answer all of them: {usage:?}");
    Ok(Sample::new(began.elapsed(), waits))
}

fn figures(found: &[[Vec<f64>; 2]], plain: &Sample, question: &Sample) -> Figures {
    let mut figures = Figures::default();
    let of = |way: usize, which: usize| median(&found[way][which]);
    let added = of(1, 1) - of(0, 1);
    let measured = format!("{:.3} ms / {:.3} ms", of(1, 1), of(0, 1));
    figures.judge("a login with Redis, p99: added, in ms", measured, added, Gate::AtMost(0.3));
    figures.tell("a login with Redis / alone, p50", format!("{:.3} ms / {:.3} ms", of(1, 0), of(0, 0)));
    for (which, name) in [(0, "p50"), (1, "p99")] {
        let name = format!("a login through PgBouncer / alone, {name}");
        let (through, alone) = (of(2, which), of(0, which));
        figures.tell(&name, format!("{through:.3} ms / {alone:.3} ms: {:.2}", through / alone));
    }
    let (asked, pinged) = (question.percentile(0.99), plain.percentile(0.99));
    let measured = format!("{asked:.3} ms / {pinged:.3} ms");
    figures.judge("a question to Redis about three keys, p99, in ms (/ PING)", measured, asked, Gate::AtMost(0.3));
    figures
}
