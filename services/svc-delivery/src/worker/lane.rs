//! The loop of one lane: claim, start, settle, and renew the leases of what takes its time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use svc_platform::Platform;
use tokio::sync::Notify;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::DeliveryOptions;
use super::attempt::Attempts;
use super::desk::Desk;
use crate::store::{ClaimedRow, Held, Queue, Settlement};

/// How long a lane waits after the database failed it.
const AFTER_FAILURE: Duration = Duration::from_millis(500);

/// How many messages may be on their way at once. Codes and others each have their own, so that
/// neither can take all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slots {
    pub(super) codes: usize,
    pub(super) others: usize,
}

impl Slots {
    fn less(self, taken: Self) -> Self {
        Self { codes: self.codes.saturating_sub(taken.codes), others: self.others.saturating_sub(taken.others) }
    }

    fn any(self) -> bool {
        self.codes > 0 || self.others > 0
    }

    /// The most tenants among which these slots go round, so that nobody's share is nothing.
    pub(super) fn share_among(self, most: usize) -> usize {
        match (self.codes, self.others) {
            (codes, 0) => codes.min(most),
            (0, others) => others.min(most),
            (codes, others) => codes.min(others).min(most),
        }
    }
}

pub(super) struct Lane {
    pub(super) queue: Queue,
    pub(super) slots: Slots,
    /// Then a whole batch is settled in one round trip instead of one by one.
    pub(super) answers_at_once: bool,
    pub(super) attempts: Arc<Attempts>,
    pub(super) platform: Platform,
    pub(super) options: DeliveryOptions,
    pub(super) bell: Arc<Notify>,
    pub(super) shutdown: CancellationToken,
}

/// What is on its way, and what has come back but is not recorded.
#[derive(Default)]
struct OnTheWay {
    tasks: JoinSet<Settlement>,
    held: HashMap<Id, Lease>,
    answered: Vec<Settlement>,
}

struct Lease {
    held: Held,
    is_code: bool,
    since: Instant,
}

impl OnTheWay {
    fn start(&mut self, attempts: &Arc<Attempts>, row: ClaimedRow) {
        let attempts = attempts.clone();
        let held = Held { tenant: row.tenant_id, month: row.month, message: row.message_id, attempt: row.attempt };
        let lease = Lease { held, is_code: row.is_code(), since: Instant::now() };
        let task = self.tasks.spawn(async move { attempts.make(row).await });
        self.held.insert(task.id(), lease);
    }

    fn taken(&self) -> Slots {
        let codes = self.held.values().filter(|lease| lease.is_code).count();
        Slots { codes, others: self.held.len() - codes }
    }

    /// Those that were claimed, or renewed, longer ago than this.
    fn older_than(&mut self, age: Duration) -> Vec<Held> {
        let now = Instant::now();
        let old = self.held.values_mut().filter(|lease| now - lease.since >= age);
        old.map(|lease| {
            lease.since = now;
            lease.held
        })
        .collect()
    }

    /// Waits for one answer and takes those that are there with it, or all.
    async fn answers(&mut self, all: bool) {
        while let Some(joined) = if all || self.answered.is_empty() {
            self.tasks.join_next_with_id().await
        } else {
            self.tasks.try_join_next_with_id()
        } {
            match joined {
                Ok((id, settlement)) => {
                    self.held.remove(&id);
                    self.answered.push(settlement);
                }
                // Its lease runs out, and it is in doubt as after a crash.
                Err(error) => {
                    self.held.remove(&error.id());
                    tracing::error!(error = %error, "an attempt broke off");
                }
            }
        }
    }
}

impl Lane {
    /// Until the shutdown and the last answer.
    pub(super) async fn run(&self) {
        let lease = i32::try_from(self.options.lease.as_secs()).unwrap_or(i32::MAX).max(1);
        let mut desk = Desk::new(self.platform.database.clone(), self.queue, lease);
        let mut way = OnTheWay::default();
        let mut round_brought_work = false;
        loop {
            let stopping = self.shutdown.is_cancelled();
            if stopping && way.tasks.is_empty() && way.answered.is_empty() {
                return;
            }
            let free = self.slots.less(way.taken());
            let mut rest = stopping || !free.any();
            if !rest {
                match desk.turn(free).await {
                    Ok(turn) => {
                        round_brought_work |= !turn.rows.is_empty();
                        turn.rows.into_iter().for_each(|row| way.start(&self.attempts, row));
                        rest = turn.round_ends && !std::mem::take(&mut round_brought_work);
                        round_brought_work &= !turn.round_ends;
                    }
                    Err(error) => {
                        tracing::warn!(lane = self.queue.name, error = %error, "cannot look at the outbox");
                        self.pause(AFTER_FAILURE).await;
                    }
                }
            }
            self.wait(&mut way, rest, stopping).await;
            self.settle(&mut desk, &mut way).await;
            self.renew(&mut desk, &mut way).await;
        }
    }

    /// For answers, and where there was nothing to claim for the bell or the next poll.
    async fn wait(&self, way: &mut OnTheWay, rest: bool, stopping: bool) {
        if self.answers_at_once {
            way.answers(true).await;
        }
        if !rest {
            if !way.tasks.is_empty() {
                tokio::select! { biased; () = way.answers(false) => {}, () = std::future::ready(()) => {} }
            }
        } else if way.answered.is_empty() {
            tokio::select! {
                () = way.answers(false), if !way.tasks.is_empty() => {}
                () = self.bell.notified(), if !stopping => {}
                () = tokio::time::sleep(self.options.poll) => {}
                () = self.shutdown.cancelled(), if !stopping => {}
            }
        }
    }

    /// Three times within a lease, so that one that fails is no loss.
    async fn renew(&self, desk: &mut Desk, way: &mut OnTheWay) {
        let old = way.older_than(self.options.lease / 3);
        if old.is_empty() {
            return;
        }
        if let Err(error) = desk.renew(&old).await {
            tracing::warn!(lane = self.queue.name, error = %error, "cannot renew leases");
        }
    }

    async fn settle(&self, desk: &mut Desk, way: &mut OnTheWay) {
        if way.answered.is_empty() {
            return;
        }
        if let Err(error) = desk.settle(&mut way.answered).await {
            tracing::warn!(lane = self.queue.name, error = %error, "cannot record what was sent; trying again");
            tokio::time::sleep(AFTER_FAILURE).await;
        }
    }

    async fn pause(&self, time: Duration) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.shutdown.cancelled() => {}
        }
    }
}
