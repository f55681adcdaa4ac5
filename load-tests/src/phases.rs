//! The single measurements. Each prepares its own rows, and PostgreSQL writes all its pages before it,
//! so that none pays for another.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use core_policy::SecurityLevel;
use sqlx::{Connection as _, PgConnection};
use svc_logins::CombinerOptions;

use crate::counters::{self, Counters};
use crate::cpu;
use crate::database::BenchDatabase;
use crate::direct;
use crate::drive::{Drive, Pace, Scenario};
use crate::pgbench;
use crate::scenarios::{EmptyField, Evaluate, PlainJson, Start, Verify, WholeLogin};
use crate::seed::{self, Population};
use crate::server::{Combining, Process, Programs};
use crate::stats::Sample;
use crate::targets::{self, Target};

/// Cases before the measurement, so that connections are open, statements prepared and caches filled.
const WARM_UP: usize = 2_000;
/// The same for a server: how long.
const WARM_UP_SECONDS: f64 = 1.0;

/// A database with what is in it, and what measures it.
#[derive(Debug, Clone)]
pub struct Stage {
    /// The database.
    pub database: BenchDatabase,
    /// What it was filled with.
    pub population: Arc<Population>,
    /// The programs.
    pub programs: Programs,
    /// How long a measurement takes.
    pub seconds: f64,
}

/// What a measurement found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Rate and latencies.
    pub sample: Sample,
    /// The server's resident memory at the end, under load, in bytes.
    pub resident: u64,
    /// From the server's start to its first answer.
    pub first_answer: Duration,
    /// What PostgreSQL counted from the server's start to its end.
    pub counters: Counters,
    /// What was used of the processor while the load lasted.
    pub used: Used,
    /// Answers before the measurement.
    pub(crate) warm_up: usize,
}

/// Time of a processor.
#[derive(Debug, Clone, Copy, Default)]
pub struct Used {
    /// By the gateway.
    pub gateway: Duration,
    /// By PostgreSQL, all its processes together.
    pub database: Duration,
    /// By the worker, if there is one.
    pub worker: Duration,
}

impl Used {
    async fn read(superuser: &mut PgConnection, gateway: &Process, worker: Option<&Process>) -> anyhow::Result<Self> {
        let backend: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(superuser).await?;
        let postmaster = cpu::parent_of(u32::try_from(backend)?)?;
        Ok(Self {
            gateway: cpu::of_process(gateway.id())?,
            database: cpu::of_family(postmaster)?,
            worker: worker.map_or(Ok(Duration::ZERO), |worker| cpu::of_process(worker.id()))?,
        })
    }

    fn since(self, before: Self) -> Self {
        Self {
            gateway: self.gateway.saturating_sub(before.gateway),
            database: self.database.saturating_sub(before.database),
            worker: self.worker.saturating_sub(before.worker),
        }
    }
}

impl Found {
    /// All answers between the server's start and its end.
    #[must_use]
    pub fn verified(&self) -> usize {
        self.warm_up + self.sample.count
    }
}

/// A gateway to be measured.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Connections of the driver.
    pub connections: usize,
    /// Combining.
    pub combining: Combining,
    /// Whether a worker sends messages meanwhile.
    pub worker: bool,
    /// Closed, or open with a rate.
    pub pace: Pace,
}

impl Shape {
    /// A closed loop on this many connections, combining on.
    #[must_use]
    pub const fn closed(connections: usize) -> Self {
        Self { connections, combining: Combining::On, worker: false, pace: Pace::Closed }
    }
}

impl Stage {
    /// The plain JSON route.
    ///
    /// # Errors
    /// When a program fails, as with all measurements here.
    pub async fn plain_json(&self, shape: Shape) -> anyhow::Result<Found> {
        self.measure(shape, Arc::new(PlainJson(self.population.clone()))).await
    }

    /// `{ __typename }`.
    ///
    /// # Errors
    /// See [`Self::plain_json`].
    pub async fn empty_field(&self, shape: Shape) -> anyhow::Result<Found> {
        self.measure(shape, Arc::new(EmptyField(self.population.clone()))).await
    }

    /// verifyChallenge; `rate` is what is expected of the server at most.
    ///
    /// # Errors
    /// See [`Self::plain_json`].
    pub async fn verify(&self, shape: Shape, rate: f64) -> anyhow::Result<Found> {
        let targets = Arc::new(self.prepare(rate, false).await?);
        self.measure(shape, Arc::new(Verify { population: self.population.clone(), targets })).await
    }

    /// evaluateLogin, of users of one level.
    ///
    /// # Errors
    /// See [`Self::plain_json`].
    pub async fn evaluate(&self, shape: Shape, level: SecurityLevel) -> anyhow::Result<Found> {
        self.database.settle().await?;
        self.measure(shape, Arc::new(self.evaluation(level))).await
    }

    /// startChallenge.
    ///
    /// # Errors
    /// See [`Self::plain_json`].
    pub async fn start(&self, shape: Shape, rate: f64) -> anyhow::Result<Found> {
        let targets = Arc::new(self.prepare(rate, true).await?);
        self.database.forget_sends().await?;
        self.measure(shape, Arc::new(Start { population: self.population.clone(), targets })).await
    }

    /// The three calls of a login.
    ///
    /// # Errors
    /// See [`Self::plain_json`].
    pub async fn whole_login(&self, shape: Shape) -> anyhow::Result<Found> {
        self.database.forget_sends().await?;
        self.database.settle().await?;
        let ring = self.database.platform(&self.database.app_url).await?.keys.ring();
        self.measure(shape, Arc::new(WholeLogin { evaluate: self.evaluation(SecurityLevel::High), ring })).await
    }

    /// The statement of verifyChallenge, singly, by pgbench.
    ///
    /// # Errors
    /// See [`Self::plain_json`].
    pub async fn pgbench(&self, clients: usize, count: usize) -> anyhow::Result<Sample> {
        let targets = targets::prepare(&self.database, &self.population, count, false).await?;
        self.database.settle().await?;
        let folder: PathBuf = self.programs.folder.clone();
        pgbench::verify(&self.database, &self.database.app_url, &self.population, &targets, clients, &folder).await
    }

    /// The service without HTTP, as one of two roles: one that row-level security binds, one that it
    /// does not. The server itself refuses to start with the latter.
    ///
    /// # Errors
    /// See [`Self::plain_json`].
    pub async fn service(&self, row_level_security: bool, count: usize) -> anyhow::Result<f64> {
        let targets = Arc::new(targets::prepare(&self.database, &self.population, count, false).await?);
        self.database.settle().await?;
        let url = if row_level_security { &self.database.app_url } else { &self.database.without_rls_url };
        let logins = direct::service(&self.database, url, CombinerOptions::default()).await?;
        let (warm_up, measured) = targets.split_at(WARM_UP.min(count / 4));
        direct::verify_all(&logins, &self.population, &Arc::new(warm_up.to_vec()), 64).await?;
        let elapsed = direct::verify_all(&logins, &self.population, &Arc::new(measured.to_vec()), 64).await?;
        Ok(measured.len() as f64 / elapsed.as_secs_f64())
    }

    fn evaluation(&self, level: SecurityLevel) -> Evaluate {
        let mut order = targets::shuffled(self.population.size.users);
        order.retain(|user| seed::level(*user as usize) == level);
        Evaluate { level, population: self.population.clone(), order: Arc::new(order) }
    }

    /// Enough for the warm-up and the measurement.
    async fn prepare(&self, rate: f64, logins_only: bool) -> anyhow::Result<Vec<Target>> {
        let count = (rate * (self.seconds + 2.0 * WARM_UP_SECONDS)) as usize;
        let targets = targets::prepare(&self.database, &self.population, count, logins_only).await?;
        self.database.settle().await?;
        Ok(targets)
    }

    pub(crate) async fn measure<S: Scenario>(&self, shape: Shape, scenario: Arc<S>) -> anyhow::Result<Found> {
        let mut superuser = self.database.superuser().await?;
        let baseline = counters::begin(&mut superuser).await?;
        let server = Process::serve(&self.programs, &self.database, shape.combining).await?;
        let worker = shape.worker.then(|| Process::worker(&self.programs, &self.database, &[])).transpose()?;
        let drive = |pace, seconds, first, connections| Drive {
            address: server.address,
            connections,
            pace,
            duration: Duration::from_secs_f64(seconds),
            first,
        };
        if let Some(worker) = &worker {
            at_rest(worker).await?;
        }
        let (mut first, mut warm_up) = (0, 0);
        // A crowd is combined, and what few ask for is done otherwise: of each kind all plans are made beforehand.
        for pace in [Pace::Closed, shape.pace] {
            let warm = drive(pace, WARM_UP_SECONDS, first, shape.connections).run(scenario.clone()).await?;
            warm_up += warm.count;
            first += warm.count + shape.connections;
        }
        let drive = drive(shape.pace, self.seconds, first, shape.connections);
        let before = Used::read(&mut superuser, &server, worker.as_ref()).await?;
        let sample = drive.run(scenario).await?;
        let used = Used::read(&mut superuser, &server, worker.as_ref()).await?.since(before);
        let (resident, first_answer) = (server.resident_bytes()?, server.first_answer_after);
        server.stop().await.context("stopping the server")?;
        if let Some(worker) = worker {
            worker.stop().await.context("stopping the worker")?;
        }
        let counters = baseline.end(&mut superuser).await?;
        superuser.close().await?;
        Ok(Found { sample, resident, first_answer, counters, used, warm_up })
    }
}

/// Waits until a worker that was just started is through with what it begins with: it looks after each tenant, which is
/// no cost of what is measured.
async fn at_rest(worker: &Process) -> anyhow::Result<()> {
    const STEP: Duration = Duration::from_secs(1);
    let began = std::time::Instant::now();
    let mut before = cpu::of_process(worker.id())?;
    loop {
        tokio::time::sleep(STEP).await;
        let now = cpu::of_process(worker.id())?;
        if now.saturating_sub(before) < STEP / 20 {
            return Ok(());
        }
        ensure!(began.elapsed() < Duration::from_secs(120), "the worker has no rest");
        before = now;
    }
}
