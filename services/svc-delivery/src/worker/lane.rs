//! The loops of one lane: one claims and starts, the other records what became of it. Each has a
//! connection of its own, so that neither waits for the other's commits, and takes whatever has gathered
//! while it was busy: the more there is to do, the more is done at a time.

use std::sync::Arc;
use std::time::Duration;

use svc_platform::Platform;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::DeliveryOptions;
use super::attempt::Attempts;
use super::desk::Desk;
use super::on_the_way::{Answer, OnTheWay, Slots};
use crate::store::{ClaimedRow, Queue};

/// How long a lane waits after the database failed it.
const AFTER_FAILURE: Duration = Duration::from_millis(500);
/// Between two claims while there is work, so that the next finds several messages; then, with every
/// claim that finds none, twice as long, up to the poll.
const BETWEEN_CLAIMS: Gathering = Gathering { few: Duration::from_millis(12), many: Duration::from_millis(8) };
/// From the first answer until it is recorded, so that others are recorded with it.
const BEFORE_RECORDING: Gathering = Gathering { few: Duration::from_millis(10), many: Duration::from_millis(5) };
/// So many at a time are enough: what a statement costs by itself is then little beside what it does.
const ENOUGH: usize = 16;

/// How long things are gathered. To begin a statement costs the database as much as a few messages do in it, so a
/// lane that finds few at a time waits a little longer. The text takes seconds more, wherever it goes.
struct Gathering {
    few: Duration,
    many: Duration,
}

impl Gathering {
    const fn after(&self, found: usize) -> Duration {
        if found < ENOUGH { self.few } else { self.many }
    }
}

pub(super) struct Lane {
    pub(super) queue: Queue,
    pub(super) slots: Slots,
    pub(super) attempts: Arc<Attempts>,
    pub(super) platform: Platform,
    pub(super) options: DeliveryOptions,
    pub(super) bell: Arc<Notify>,
    pub(super) shutdown: CancellationToken,
}

impl Lane {
    /// Until the shutdown and the last answer.
    pub(super) async fn run(&self) {
        let (answers, answered) = mpsc::channel(self.slots.all());
        tokio::join!(self.claim(answers), self.settle(answered));
    }

    fn desk(&self) -> Desk {
        let lease = i32::try_from(self.options.lease.as_secs()).unwrap_or(i32::MAX).max(1);
        Desk::new(&self.platform, self.queue, lease, self.options.guard)
    }

    async fn claim(&self, answers: mpsc::Sender<Answer>) {
        let way = Arc::new(OnTheWay::new(self.slots));
        let mut desk = self.desk();
        let mut tasks = JoinSet::new();
        let (mut pause, mut claimed) = (self.options.poll, 0);
        loop {
            let stopping = self.shutdown.is_cancelled();
            if stopping && tasks.is_empty() {
                return;
            }
            let free = way.free();
            if !stopping && free.any() {
                claimed = self.claim_and_start(&mut desk, free, &way, &answers, &mut tasks).await;
                pause = if claimed > 0 { BETWEEN_CLAIMS.after(claimed) } else { (pause * 2).min(self.options.poll) };
            }
            report_broken(&mut tasks);
            self.renew(&mut desk, &way).await;
            self.rest(&way, &mut tasks, pause, claimed > 0, stopping).await;
        }
    }

    async fn claim_and_start(
        &self,
        desk: &mut Desk,
        free: Slots,
        way: &Arc<OnTheWay>,
        answers: &mpsc::Sender<Answer>,
        tasks: &mut JoinSet<()>,
    ) -> usize {
        match desk.claim(free).await {
            Ok(rows) => {
                let claimed = rows.len();
                rows.into_iter().for_each(|row| self.start(row, way, answers.clone(), tasks));
                claimed
            }
            Err(error) => {
                tracing::warn!(lane = self.queue.name, error = %error, "cannot look at the outbox");
                self.pause(AFTER_FAILURE).await;
                0
            }
        }
    }

    fn start(&self, row: ClaimedRow, way: &Arc<OnTheWay>, answers: mpsc::Sender<Answer>, tasks: &mut JoinSet<()>) {
        let (attempts, attempt) = (self.attempts.clone(), way.take(&row, Instant::now()));
        tasks.spawn(async move {
            let answer = attempt.answered(attempts.make(row).await);
            // There is room for as many as there are places. Nobody listens only after a crash.
            let _ = answers.send(answer).await;
        });
    }

    /// Until there may be more to claim, or a place for it. A lane that stops waits for its last answers.
    async fn rest(&self, way: &OnTheWay, tasks: &mut JoinSet<()>, pause: Duration, busy: bool, stopping: bool) {
        if stopping {
            tokio::select! { _ = tasks.join_next() => {}, () = tokio::time::sleep(self.options.poll) => {} }
            return;
        }
        if busy {
            self.pause(pause).await;
        }
        let free = way.free();
        let full = free.codes == 0 || free.others == 0;
        tokio::select! {
            () = way.freed(), if full => {}
            () = self.bell.notified(), if !busy => {}
            () = std::future::ready(()), if busy && !full => {}
            () = tokio::time::sleep(pause) => {}
            () = self.shutdown.cancelled() => {}
        }
    }

    /// Three times within a lease, so that one that fails is no loss.
    async fn renew(&self, desk: &mut Desk, way: &OnTheWay) {
        let old = way.older_than(self.options.lease / 3, Instant::now());
        if old.is_empty() {
            return;
        }
        if let Err(error) = desk.renew(&old).await {
            tracing::warn!(lane = self.queue.name, error = %error, "cannot renew leases");
        }
    }

    /// Until no attempt is left that could answer.
    async fn settle(&self, mut answered: mpsc::Receiver<Answer>) {
        let (mut desk, mut recorded) = (self.desk(), 0);
        while let Some(first) = answered.recv().await {
            tokio::time::sleep(BEFORE_RECORDING.after(recorded)).await;
            let mut answers = vec![first];
            while let Ok(answer) = answered.try_recv() {
                answers.push(answer);
            }
            recorded = answers.len();
            let (mut settlements, places) = Answer::split(answers);
            while let Err(error) = desk.settle(&mut settlements).await {
                tracing::warn!(lane = self.queue.name, error = %error, "cannot record what was sent; trying again");
                tokio::time::sleep(AFTER_FAILURE).await;
            }
            drop(places);
        }
    }

    async fn pause(&self, time: Duration) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.shutdown.cancelled() => {}
        }
    }
}

fn report_broken(tasks: &mut JoinSet<()>) {
    while let Some(joined) = tasks.try_join_next() {
        if let Err(error) = joined {
            tracing::error!(error = %error, "an attempt broke off");
        }
    }
}
