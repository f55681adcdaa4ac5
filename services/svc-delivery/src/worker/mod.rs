//! Empties the outbox.
//!
//! There is one lane per provider, each with its own connection and its own loop, so that a mail
//! server which stalls holds up mail and nothing else. A lane takes tenants in turn, each its share,
//! codes of all of them before anything else of any; what it claims it starts at once, so that no
//! lease runs out in a queue of ours.
//!
//! Any number of workers may run at the same time: a claim skips what another holds, and an answer
//! counts only for the attempt it belongs to.

mod attempt;
mod desk;
mod lane;
mod verdict;

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use svc_platform::Platform;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::providers::{Provider, Sandbox, Smtp, SmtpConfigError, SmtpOptions};
use crate::texts::Texts;
use attempt::Attempts;
use lane::{Lane, Slots};

/// How the worker works.
#[derive(Debug, Clone)]
pub struct DeliveryOptions {
    /// The mail server; without one mail of LIVE tenants is "delivered" by the sandbox, and lost.
    pub smtp: Option<SmtpOptions>,
    /// How often the outbox is looked at unasked.
    pub poll: Duration,
    /// After how long (wall clock) a worker that says nothing is taken for dead. Longer than any
    /// provider may take to answer.
    pub lease: Duration,
}

impl Default for DeliveryOptions {
    fn default() -> Self {
        Self { smtp: None, poll: Duration::from_millis(250), lease: Duration::from_secs(30) }
    }
}

/// The worker. Cheap to clone; [`Self::wake`] may be called from anywhere.
#[derive(Clone)]
pub struct DeliveryWorker {
    platform: Platform,
    options: DeliveryOptions,
    texts: Texts,
    smtp: Option<Arc<Smtp>>,
}

impl DeliveryWorker {
    /// Prepares a worker; nothing is connected yet.
    ///
    /// # Errors
    /// When the mail server's configuration cannot be used.
    ///
    /// # Panics
    /// When a text of ours does not compile, which its test excludes.
    pub fn new(platform: Platform, options: DeliveryOptions) -> Result<Self, SmtpConfigError> {
        let texts = Texts::new(platform.public_url.clone()).expect("texts compile");
        let smtp = options.smtp.as_ref().map(Smtp::new).transpose()?.map(Arc::new);
        Ok(Self { platform, options, texts, smtp })
    }

    /// Looks at the outbox at once: for notifications of other processes.
    pub fn wake(&self) {
        self.platform.messages_queued.notify_one();
    }

    /// Works until told to stop, then finishes what is on its way (15 s at most) and returns. To drop
    /// the future instead is what a crash does.
    pub async fn run(&self, shutdown: CancellationToken) {
        let lanes = self.lanes(&shutdown);
        let bells: Vec<Arc<Notify>> = lanes.iter().map(|lane| lane.bell.clone()).collect();
        let pass_on = async {
            loop {
                tokio::select! {
                    () = shutdown.cancelled() => return,
                    () = self.platform.messages_queued.notified() => bells.iter().for_each(|bell| bell.notify_one()),
                }
            }
        };
        tokio::join!(join_all(lanes.iter().map(Lane::run)), pass_on);
    }

    fn lanes(&self, shutdown: &CancellationToken) -> Vec<Lane> {
        let sandbox = Arc::new(Sandbox);
        let Some(smtp) = self.smtp.clone() else {
            return vec![self.lane("ALL", sandbox, Slots { codes: 256, others: 64 }, true, shutdown)];
        };
        vec![
            self.lane("REST", sandbox, Slots { codes: 256, others: 64 }, true, shutdown),
            self.lane("MAIL", smtp, Slots { codes: 32, others: 16 }, false, shutdown),
        ]
    }

    fn lane(
        &self,
        name: &'static str,
        provider: Arc<dyn Provider>,
        slots: Slots,
        answers_at_once: bool,
        shutdown: &CancellationToken,
    ) -> Lane {
        Lane {
            name,
            slots,
            answers_at_once,
            attempts: Arc::new(Attempts { platform: self.platform.clone(), texts: self.texts.clone(), provider }),
            platform: self.platform.clone(),
            options: self.options.clone(),
            bell: Arc::new(Notify::new()),
            shutdown: shutdown.clone(),
        }
    }
}
