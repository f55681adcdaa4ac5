//! The worker: takes imports that are due, and works on a few at a time.
//!
//! Each import is a task; what they share is a turn to think (one thread reads rows and seals) and a turn
//! to write (one batch is in a transaction), given in the order of asking: imports of several tenants
//! advance batch by batch, whatever their size. While one batch is written the next is read. After a batch the
//! turn to write rests for a share of the time that the batch took, so that logins, which are served by the same database and
//! perhaps the same processors, find it free.

mod batches;
mod run_tenants;
mod run_users;
mod seen;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use core_kernel::{Fault, ImportId, TypedId};
use io_postgres::{NoTenant, TenantTx};
use svc_admins::Admins;
use svc_directory::Directory;
use svc_platform::{Platform, go_round};
use svc_policy::Policies;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::model::{ImportError, ImportKind, RowFault};
use crate::store::{self, Claim, Due, Progress};
use crate::{Imports, events};

pub(crate) use seen::Seen;

/// The most imports of one look-up.
const DUE: i32 = 32;
/// After so many attempts that did not move it an import is given up.
const MAX_ATTEMPTS: i16 = 5;
/// Imports of so many rows at once are enough: each remembers nine bytes a row.
const ROWS_AT_ONCE: u64 = 4_000_000;
/// How long an import waits after the database failed it, in seconds.
const AFTER_FAILURE: f64 = 5.0;

/// How the worker works.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// How often waiting imports are looked for.
    pub poll: Duration,
    /// After how long a worker that says nothing is taken for dead.
    pub lease: Duration,
    /// How many imports are at work at once.
    pub at_once: usize,
    /// How long a transaction should take: batches grow and shrink to it.
    pub batch_time: Duration,
    /// The most blocks of a batch.
    pub max_blocks: i64,
    /// How long the turn to write rests after a batch, as a share of the time that the batch took.
    pub rest: f64,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self {
            poll: Duration::from_millis(500),
            lease: Duration::from_secs(30),
            at_once: 4,
            batch_time: Duration::from_millis(250),
            max_blocks: 8,
            rest: 0.5,
        }
    }
}

/// What the worker works with.
#[derive(Clone)]
pub struct ImportWorker {
    imports: Imports,
    platform: Platform,
    policies: Policies,
    directory: Directory,
    admins: Admins,
    options: ImportOptions,
    thinking: Arc<Semaphore>,
    writing: Arc<Semaphore>,
}

/// How the work on an import ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Every row was worked through.
    Done,
    /// It was cancelled, or is another worker's by now.
    NotOurs,
    /// This worker was told to stop.
    Stopped,
}

impl ImportWorker {
    /// Prepares a worker.
    #[must_use]
    pub fn new(
        imports: Imports,
        policies: Policies,
        directory: Directory,
        admins: Admins,
        options: ImportOptions,
    ) -> Self {
        let platform = imports.platform.clone();
        let turn = || Arc::new(Semaphore::new(1));
        Self { imports, platform, policies, directory, admins, options, thinking: turn(), writing: turn() }
    }

    /// Works until told to stop, and then until the batch in hand is written. To drop the future instead is
    /// what a crash does.
    pub async fn run(&self, stop: CancellationToken) {
        go_round(&stop, self.options.poll, "imports", || self.round(&stop)).await;
    }

    /// Works on what is due, and on what becomes due meanwhile, until nothing is; whether there was anything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn round(&self, stop: &CancellationToken) -> Result<bool, Fault> {
        let mut tasks: JoinSet<ImportId> = JoinSet::new();
        let mut at_work = HashMap::new();
        let mut worked = false;
        loop {
            if !stop.is_cancelled() {
                worked |= self.take_up(&mut tasks, &mut at_work, stop).await?;
            }
            match tokio::time::timeout(self.options.poll, tasks.join_next()).await {
                Ok(None) => return Ok(worked),
                Ok(Some(Ok(id))) => drop(at_work.remove(&id)),
                Ok(Some(Err(panicked))) => return Err(Fault::internal(panicked)),
                Err(_nobody_is_done) => {}
            }
        }
    }

    async fn take_up(
        &self,
        tasks: &mut JoinSet<ImportId>,
        at_work: &mut HashMap<ImportId, u32>,
        stop: &CancellationToken,
    ) -> Result<bool, Fault> {
        if self.is_busy(at_work) {
            return Ok(false);
        }
        let mut connection = NoTenant::acquire(&self.platform.database).await?;
        let due = store::list_due(&mut connection, DUE).await?;
        drop(connection);
        let mut any = false;
        for due in due {
            if self.is_busy(at_work) || at_work.contains_key(&due.id) {
                continue;
            }
            if let Some(claim) = self.claim(due).await? {
                any = true;
                at_work.insert(claim.id, claim.total_rows);
                let (worker, stop) = (self.clone(), stop.clone());
                tasks.spawn(async move { worker.work(claim, &stop).await });
            }
        }
        Ok(any)
    }

    fn is_busy(&self, at_work: &HashMap<ImportId, u32>) -> bool {
        let rows: u64 = at_work.values().copied().map(u64::from).sum();
        at_work.len() >= self.options.at_once || rows >= ROWS_AT_ONCE
    }

    async fn claim(&self, due: Due) -> Result<Option<Claim>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, due.tenant).await?;
        store::sweep(&mut tx, due.id).await?;
        let claim = store::claim(&mut tx, due.id, self.options.lease.as_secs_f64()).await?;
        tx.commit().await?;
        Ok(claim)
    }

    async fn work(&self, claim: Claim, stop: &CancellationToken) -> ImportId {
        let id = claim.id;
        if let Err(fault) = self.see_through(&claim, stop).await {
            // Its lease runs out, and it is taken up again.
            tracing::warn!(import_id = %id, error = %fault, "could not end the work on an import");
        }
        id
    }

    async fn see_through(&self, claim: &Claim, stop: &CancellationToken) -> Result<(), Fault> {
        if claim.attempt - claim.progress_attempt > MAX_ATTEMPTS {
            return self.fail(claim, "The import broke off too often.").await;
        }
        tracing::info!(import_id = %claim.id, rows = claim.total_rows, attempt = claim.attempt, "importing");
        let ended = match claim.kind {
            ImportKind::Users => self.import_users(claim, stop).await,
            ImportKind::Tenants => self.import_tenants(claim, stop).await,
        };
        match ended {
            Ok(Ended::Done) => self.complete(claim).await,
            Ok(Ended::NotOurs) => Ok(()),
            Ok(Ended::Stopped) => self.give_back(claim, 0.0).await,
            Err(fault) => {
                tracing::warn!(import_id = %claim.id, error = %fault, "an import broke off");
                self.give_back(claim, AFTER_FAILURE).await
            }
        }
    }

    /// Rows that were worked through, and committed.
    fn count(&self, done: &Progress) {
        let rows = &self.platform.meters.import_rows;
        let counts = [
            ("created", done.created),
            ("updated", done.updated),
            ("unchanged", done.unchanged),
            ("refused", done.failed),
        ];
        for (result, count) in counts {
            rows.at([result]).add(count.max(0).unsigned_abs().into());
        }
    }

    async fn give_back(&self, claim: &Claim, after_seconds: f64) -> Result<(), Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, claim.tenant).await?;
        store::give_back(&mut tx, claim, after_seconds).await?;
        Ok(tx.commit().await?)
    }

    async fn complete(&self, claim: &Claim) -> Result<(), Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, claim.tenant).await?;
        if store::complete(&mut tx, claim).await? {
            self.conclude(tx, claim).await?;
        }
        Ok(())
    }

    async fn fail(&self, claim: &Claim, why: &str) -> Result<(), Fault> {
        let failure = [ImportError { line: 0, fault: RowFault::of_row(why) }];
        let mut tx = TenantTx::begin(&self.platform.database, claim.tenant).await?;
        if store::fail(&mut tx, claim, &failure).await? {
            self.conclude(tx, claim).await?;
        }
        Ok(())
    }

    /// What an end brings with it.
    async fn conclude(&self, mut tx: TenantTx, claim: &Claim) -> Result<(), Fault> {
        store::delete_blocks(&mut tx, claim.id).await?;
        let job = store::lookup(&mut tx, claim.id).await?;
        let job = job.ok_or_else(|| Fault::internal("an import that was worked on is gone"))?.into_view()?;
        let (actor, target) = (&claim.created_by, claim.id.to_text());
        let detail = events::counts(&job);
        svc_audit::record_as(&mut tx, actor, "import.finished", Some(&target), detail, claim.created_from).await?;
        // An import of tenants is no tenant's event.
        if claim.kind == ImportKind::Users {
            events::finished(&mut tx, &job).await?;
        }
        tx.commit().await?;
        self.imports.touch(claim.tenant, claim.id);
        tracing::info!(import_id = %claim.id, status = job.status.as_str(), failed_rows = job.failed_rows, "imported");
        Ok(())
    }
}
