//! Combining concurrent calls of one step into one transaction.
//!
//! A few workers each own a connection. A worker that is free takes what is queued, up to a bound,
//! runs it as one statement — one round trip, one commit, one flush — and gives every caller its own
//! answer afterwards. There is no timer: a lone request is taken at once, and batches form only
//! while workers are busy.
//!
//! A batch that fails is rolled back by PostgreSQL as a whole, and rerun item by item before anyone
//! is answered. Past a bounded queue the server sheds load rather than growing slow.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use core_kernel::Fault;
use io_meters::{Gauge, Histogram, Meters};
use io_postgres::{Database, DbError};
use io_traces::spans;
use sqlx::PgConnection;
use svc_platform::Platform;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;
use tracing::Instrument as _;

/// One step of the login path, run for many callers at once.
pub(crate) trait Step: Send + Sync + 'static {
    /// Its name among metrics.
    const NAME: &'static str;
    /// The function that it calls.
    const FUNCTION: &'static str;

    /// What a caller gives.
    type Item: Send + Sync + Clone + 'static;
    /// What a caller gets.
    type Answer: Send + 'static;
    /// By this items are sorted, so that batches take their locks in the same order.
    type Order: Ord;

    /// The item's place.
    fn order(item: &Self::Item) -> Self::Order;

    /// Runs one statement for all items; answers come in the items' order.
    fn run(
        connection: &mut PgConnection,
        items: &[Self::Item],
    ) -> impl Future<Output = Result<Vec<Self::Answer>, DbError>> + Send;
}

/// How long a call waits while others are being served: a crowd is no dead database. Of that one
/// everybody who waits is told as soon as a worker finds it out.
const PATIENCE: Duration = Duration::from_secs(9);

/// After so long without use a connection is asked whether it still leads to the database: a restart of that, or of
/// PgBouncer, closes it without a word to us, and the call that found it out could not be rerun.
const QUIET: Duration = Duration::from_millis(250);

/// How calls are combined.
#[derive(Debug, Clone, Copy)]
pub struct CombinerOptions {
    /// Workers, each with a connection, per step.
    pub workers: usize,
    /// The most calls of one transaction; 1 switches combining off.
    pub max_batch: usize,
    /// The most calls that wait; one more is answered UNAVAILABLE.
    pub max_queue: usize,
}

impl Default for CombinerOptions {
    fn default() -> Self {
        Self { workers: 2, max_batch: 64, max_queue: 4_096 }
    }
}

struct Pending<S: Step> {
    item: S::Item,
    answer: oneshot::Sender<Result<S::Answer, Fault>>,
}

/// Where an answer comes in.
type Awaited<S> = oneshot::Receiver<Result<<S as Step>::Answer, Fault>>;

/// A worker's connection between two batches.
struct Kept {
    connection: PgConnection,
    since: Instant,
}

/// What is measured of a step.
struct StepMeters {
    duration: Histogram,
    calls: Histogram,
    waiting: Gauge,
}

impl StepMeters {
    fn of<S: Step>(meters: &Meters) -> Self {
        Self {
            duration: meters.login_step_duration.at([S::NAME]),
            calls: meters.login_step_calls.at([S::NAME]),
            waiting: meters.login_step_waiting.at([S::NAME]),
        }
    }
}

struct Queue<S: Step> {
    meters: StepMeters,
    waiting: Mutex<VecDeque<Pending<S>>>,
    ready: Notify,
    /// The last handle is gone.
    closed: AtomicBool,
}

/// The callers' end of a queue: when the last is dropped, the workers end.
struct Open<S: Step>(Arc<Queue<S>>);

impl<S: Step> Drop for Open<S> {
    fn drop(&mut self) {
        self.0.closed.store(true, Ordering::SeqCst);
        self.0.ready.notify_one();
    }
}

/// Where callers of one step meet; cheap to clone.
pub(crate) struct Combiner<S: Step> {
    open: Arc<Open<S>>,
    options: CombinerOptions,
}

impl<S: Step> Clone for Combiner<S> {
    fn clone(&self) -> Self {
        Self { open: self.open.clone(), options: self.options }
    }
}

impl<S: Step> Combiner<S> {
    /// Starts the workers on the current runtime. They end when the last handle is dropped.
    pub(crate) fn start(platform: &Platform, options: CombinerOptions) -> Self {
        let (meters, waiting) = (StepMeters::of::<S>(&platform.meters), Mutex::new(VecDeque::new()));
        let queue = Arc::new(Queue { meters, waiting, ready: Notify::new(), closed: AtomicBool::new(false) });
        for _ in 0..options.workers {
            tokio::spawn(work(platform.database.clone(), queue.clone(), options.max_batch));
        }
        Self { open: Arc::new(Open(queue)), options }
    }

    /// Runs one item, together with whatever else is waiting.
    pub(crate) async fn run(&self, item: S::Item) -> Result<S::Answer, Fault> {
        only(self.run_together(std::iter::once(item)).await?)
    }

    /// Runs what one caller asks for many; answers come in the items' order. One batch after the other, so that
    /// whoever asks for one waits for one batch of theirs.
    pub(crate) async fn run_all(&self, items: &[S::Item]) -> Result<Vec<S::Answer>, Fault> {
        let mut answers = Vec::with_capacity(items.len());
        for batch in items.chunks(self.options.max_batch.max(1)) {
            answers.extend(self.run_together(batch.iter().cloned()).await?);
        }
        Ok(answers)
    }

    async fn run_together(&self, items: impl ExactSizeIterator<Item = S::Item>) -> Result<Vec<S::Answer>, Fault> {
        let span = spans::step(S::FUNCTION);
        let answers = self.wait_for(items).instrument(span.clone()).await;
        if answers.is_err() {
            spans::failed(&span);
        }
        answers
    }

    async fn wait_for(&self, items: impl ExactSizeIterator<Item = S::Item>) -> Result<Vec<S::Answer>, Fault> {
        let receivers = self.open.0.add(items, self.options.max_queue)?;
        let answers = async {
            let mut answers = Vec::with_capacity(receivers.len());
            for receiver in receivers {
                answers.push(receiver.await.unwrap_or(Err(Fault::Unavailable))?);
            }
            Ok(answers)
        };
        tokio::time::timeout(PATIENCE, answers).await.unwrap_or(Err(Fault::Unavailable))
    }
}

impl<S: Step> Queue<S> {
    /// Puts items last, side by side: all or, where fewer than that still fit, none.
    fn add(&self, items: impl ExactSizeIterator<Item = S::Item>, max_queue: usize) -> Result<Vec<Awaited<S>>, Fault> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() + items.len() > max_queue {
            return Err(Fault::Unavailable);
        }
        let receivers = items.map(|item| {
            let (answer, receiver) = oneshot::channel();
            waiting.push_back(Pending { item, answer });
            receiver
        });
        let receivers = receivers.collect();
        self.meters.waiting.set(waiting.len() as f64);
        drop(waiting);
        self.ready.notify_one();
        Ok(receivers)
    }

    fn take(&self, most: usize) -> Vec<Pending<S>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.len().min(most);
        let batch = waiting.drain(..count).filter(|pending| !pending.answer.is_closed()).collect();
        if count > 0 {
            self.meters.waiting.set(waiting.len() as f64);
        }
        if !waiting.is_empty() {
            // There is more than fits: another worker may help.
            self.ready.notify_one();
        }
        batch
    }

    /// The database is gone: nobody waits for what cannot be done now.
    fn give_up(&self) {
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        for pending in waiting {
            let _ = pending.answer.send(Err(Fault::Unavailable));
        }
    }
}

async fn work<S: Step>(database: Database, queue: Arc<Queue<S>>, most: usize) {
    let mut kept = None;
    loop {
        let mut batch = queue.take(most);
        if !batch.is_empty() {
            batch.sort_by_key(|pending| S::order(&pending.item));
            let (begun, calls) = (Instant::now(), batch.len() as f64);
            serve(&database, &mut kept, batch).await;
            queue.meters.duration.observe(begun.elapsed().as_secs_f64());
            queue.meters.calls.observe(calls);
            if kept.is_none() {
                queue.give_up();
            }
        } else if queue.closed.load(Ordering::SeqCst) {
            // The next worker hears it from this one.
            queue.ready.notify_one();
            return;
        } else {
            queue.ready.notified().await;
        }
    }
}

async fn serve<S: Step>(database: &Database, kept: &mut Option<Kept>, batch: Vec<Pending<S>>) {
    let (items, answers): (Vec<_>, Vec<_>) = batch.into_iter().map(|pending| (pending.item, pending.answer)).unzip();
    match attempt::<S>(database, kept, &items).await {
        Ok(results) => {
            for (answer, result) in answers.into_iter().zip(results) {
                let _ = answer.send(Ok(result));
            }
        }
        Err(error) if items.len() > 1 && kept.is_some() => {
            tracing::info!(error = %error, items = items.len(), "a batch is rerun item by item");
            for (item, answer) in items.iter().zip(answers) {
                // Once the connection is gone, nobody waits for what cannot be done now.
                let result = match kept {
                    Some(_) => attempt::<S>(database, kept, std::slice::from_ref(item)).await,
                    None => Err(DbError(sqlx::Error::PoolTimedOut)),
                };
                let _ = answer.send(result.map_err(Fault::from).and_then(only));
            }
        }
        Err(error) => {
            // A lost connection leaves it unknown whether the batch was committed: nothing is rerun.
            tracing::warn!(error = %error, items = items.len(), "a batch failed");
            let unavailable = error.is_unavailable();
            let mut error = Some(error);
            for answer in answers {
                let fault = match error.take() {
                    Some(error) if !unavailable => Fault::internal(error),
                    _ => Fault::Unavailable,
                };
                let _ = answer.send(Err(fault));
            }
        }
    }
}

fn only<T>(answers: Vec<T>) -> Result<T, Fault> {
    answers.into_iter().next().ok_or(Fault::Unavailable)
}

/// One statement for all items, connecting first where that is needed. After a fault of the connection
/// there is none any more.
async fn attempt<S: Step>(
    database: &Database,
    kept: &mut Option<Kept>,
    items: &[S::Item],
) -> Result<Vec<S::Answer>, DbError> {
    let before = kept.take();
    let run = async {
        let mut connection = connection(database, before).await?;
        let result = run_alone::<S>(database, &mut connection, items).await;
        Ok::<_, DbError>((connection, result))
    };
    // Dropping the connection in mid-statement closes it.
    let elapsed = |_| DbError(sqlx::Error::PoolTimedOut);
    let (connection, result) = tokio::time::timeout(database.timeout(), run).await.map_err(elapsed)??;
    if result.as_ref().err().is_none_or(leaves_connection_whole) {
        *kept = Some(Kept { connection, since: Instant::now() });
    }
    result
}

/// The connection that was kept, where it still leads somewhere; or else a new one.
async fn connection(database: &Database, kept: Option<Kept>) -> Result<PgConnection, DbError> {
    if let Some(Kept { mut connection, since }) = kept
        && (since.elapsed() < QUIET || database.still_leads(&mut connection).await)
    {
        return Ok(connection);
    }
    database.dedicated().await
}

/// What was written is durable before anybody is answered.
async fn run_alone<S: Step>(
    database: &Database,
    connection: &mut PgConnection,
    items: &[S::Item],
) -> Result<Vec<S::Answer>, DbError> {
    let mut alone = database.alone(connection).await?;
    let answers = S::run(alone.connection(), items).await?;
    alone.commit().await?;
    Ok(answers)
}

/// An error that the server reported leaves the connection whole; anything else does not.
fn leaves_connection_whole(error: &DbError) -> bool {
    matches!(&error.0, sqlx::Error::Database(reported) if !is_shutdown(reported.code().as_deref()))
}

fn is_shutdown(code: Option<&str>) -> bool {
    code.is_none_or(|code| code.starts_with("57P") || code.starts_with("08") || code == "25006")
}
