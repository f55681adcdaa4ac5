//! Empties the outbox.
//!
//! There is one lane per kind of provider, each with its own connection and its own loop, so that a
//! mail server which stalls holds up mail and nothing else. A lane takes tenants in turn, each its
//! share, codes of all of them before anything else of any; what it claims it starts at once, and never
//! more than it has room for: the queue is in the database and nowhere else. What has gathered while the
//! last claim was made, or recorded, is claimed, or recorded, in one statement.
//!
//! Any number of workers may run at the same time: a claim skips what another holds. Leases are short
//! and renewed while an attempt is being made, so that a message waits seconds for a worker that died.

mod attempt;
mod desk;
mod lane;
mod on_the_way;
mod verdict;

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use svc_platform::Platform;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::carriers::Carriers;
use crate::guard::GuardOptions;
use crate::preparation::Preparation;
use crate::routes::{BreakerOptions, Sampler, Switch};
use crate::store::{MAIL, PHONES, Queue, SANDBOX};
use attempt::Attempts;
use lane::Lane;
use on_the_way::Slots;

/// As many as a machine of two cores keeps busy with providers that take a tenth of a second.
const MANY: Slots = Slots { codes: 512, others: 128 };

/// How the worker works.
#[derive(Debug, Clone)]
pub struct DeliveryOptions {
    /// How often the outbox is looked at unasked while nothing happens; while there is work, oftener.
    pub poll: Duration,
    /// After how long (wall clock) a worker that says nothing is taken for dead. It says so three
    /// times as often while a provider takes its time.
    pub lease: Duration,
    /// When a provider that fails is left alone.
    pub breaker: BreakerOptions,
    /// When codes to strangers of a prefix are held back.
    pub guard: GuardOptions,
}

impl Default for DeliveryOptions {
    fn default() -> Self {
        let (poll, lease) = (Duration::from_millis(250), Duration::from_secs(6));
        Self { poll, lease, breaker: BreakerOptions::default(), guard: GuardOptions::default() }
    }
}

/// The worker. Cheap to clone; [`Self::wake`] may be called from anywhere.
#[derive(Clone)]
pub struct DeliveryWorker {
    platform: Platform,
    carriers: Carriers,
    options: DeliveryOptions,
    preparation: Preparation,
}

impl DeliveryWorker {
    /// Prepares a worker; nothing is connected yet.
    #[must_use]
    pub fn new(platform: Platform, carriers: Carriers, options: DeliveryOptions) -> Self {
        let preparation = Preparation::new(platform.clone());
        Self { platform, carriers, options, preparation }
    }

    /// Looks at the outbox at once: for notifications of other processes.
    pub fn wake(&self) {
        self.platform.messages_queued.notify_one();
    }

    /// Works until told to stop, then finishes what is on its way (15 s at most) and returns. To drop
    /// the future instead is what a crash does.
    pub async fn run(&self, shutdown: CancellationToken) {
        let attempts = Arc::new(self.attempts());
        let lanes = self.lanes(&attempts, &shutdown);
        let bells: Vec<Arc<Notify>> = lanes.iter().map(|lane| lane.bell.clone()).collect();
        let pass_on = async {
            loop {
                tokio::select! {
                    () = shutdown.cancelled() => return,
                    () = self.platform.messages_queued.notified() => bells.iter().for_each(|bell| bell.notify_one()),
                }
            }
        };
        let follow_codes = async {
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = attempts.sampler.run(&self.platform.database, &attempts.switch) => {}
            }
        };
        tokio::join!(join_all(lanes.iter().map(Lane::run)), pass_on, follow_codes);
    }

    fn attempts(&self) -> Attempts {
        let clock = self.platform.clock.clone();
        Attempts {
            preparation: self.preparation.clone(),
            carriers: self.carriers.clone(),
            switch: Arc::new(Switch::new(self.options.breaker, clock.clone(), self.platform.meters.clone())),
            sampler: Sampler::new(clock),
            meters: self.platform.meters.clone(),
        }
    }

    fn lanes(&self, attempts: &Arc<Attempts>, shutdown: &CancellationToken) -> [Lane; 3] {
        let mail = if self.carriers.sends_mail() { Slots { codes: 32, others: 16 } } else { MANY };
        [(SANDBOX, MANY), (PHONES, MANY), (MAIL, mail)]
            .map(|(queue, slots)| self.lane(queue, slots, attempts, shutdown))
    }

    fn lane(&self, queue: Queue, slots: Slots, attempts: &Arc<Attempts>, shutdown: &CancellationToken) -> Lane {
        Lane {
            queue,
            slots,
            attempts: attempts.clone(),
            platform: self.platform.clone(),
            options: self.options.clone(),
            bell: Arc::new(Notify::new()),
            shutdown: shutdown.clone(),
        }
    }
}
