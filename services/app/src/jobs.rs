//! What a process does in the background, until it is told to stop.

mod care;
mod keys;
mod seal;
mod watch;

use std::time::Duration;

use core_kernel::TenantId;
use io_postgres::{Change, ChangeEvent, Topic, listen};
use svc_billing::Collector;
use svc_branding::LogoWorker;
use svc_delivery::DeliveryWorker;
use svc_webhooks::WebhookWorker;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::wiring::Wiring;

/// How often address databases are looked at: a look is a question to the file system.
const LOOK_FOR_FILES: Duration = Duration::from_secs(5);
const MINUTE: Duration = Duration::from_secs(60);
/// Stripe's meters and previews show usage some minutes after it was told.
const STRIPE_TAKES: Duration = Duration::from_secs(15 * 60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The tasks of a process.
pub(crate) struct Jobs {
    tasks: JoinSet<()>,
    pub stop: CancellationToken,
}

impl Jobs {
    pub(crate) fn new(stop: CancellationToken) -> Self {
        Self { tasks: JoinSet::new(), stop }
    }

    /// Runs something until the process is told to stop; it is dropped then.
    fn until_stopped(&mut self, job: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = job => {}
            }
        });
    }

    /// Hears of other processes' changes, and forgets what they make wrong. `worker` is woken by
    /// messages queued elsewhere.
    pub(crate) fn hear_changes(&mut self, wiring: &Wiring, worker: Option<DeliveryWorker>) {
        let heard = wiring.clone();
        let database = wiring.platform.database.clone();
        self.until_stopped(listen(database, move |event| hear(&heard, worker.as_ref(), event)));
        let platform = wiring.platform.clone();
        self.until_stopped(async move { platform.watch.tell_others(&platform.database).await });
        self.keep_keys(wiring);
    }

    /// What a gateway does now and then.
    pub(crate) fn keep_house(&mut self, wiring: &Wiring) {
        let wiring = wiring.clone();
        self.until_stopped(async move {
            loop {
                tokio::time::sleep(MINUTE).await;
                wiring.limits.sweep();
                if let Err(error) = wiring.directory.touch_api_keys().await {
                    tracing::warn!(error = %error, "could not note when keys were used");
                }
            }
        });
    }

    /// Keeps the connection over which limits are shared.
    pub(crate) fn share_limits(&mut self, wiring: &Wiring) {
        let limits = wiring.limits.clone();
        self.until_stopped(async move { limits.keep_connected().await });
    }

    /// Takes up address databases that change.
    pub(crate) fn watch_addresses(&mut self, wiring: &Wiring) {
        let atlas = wiring.atlas.clone();
        self.until_stopped(async move { atlas.watch(LOOK_FOR_FILES).await });
    }

    /// What a worker does for the console now and then.
    fn sweep_sessions(&mut self, wiring: &Wiring) {
        let admins = wiring.admins.clone();
        self.until_stopped(async move {
            loop {
                if let Err(error) = admins.sweep().await {
                    tracing::warn!(error = %error, "could not remove sessions that are over");
                }
                tokio::time::sleep(HOUR).await;
            }
        });
    }

    /// Administrators who lost their second factor, a day after it was asked for.
    fn reset_administrators(&mut self, wiring: &Wiring) {
        let admins = wiring.admins.clone();
        self.until_stopped(async move {
            loop {
                if let Err(error) = admins.do_resets().await {
                    tracing::warn!(error = %error, "could not look for administrators to reset");
                }
                tokio::time::sleep(MINUTE).await;
            }
        });
    }

    /// Wakes the workers of other processes when this one has queued messages.
    pub(crate) fn wake_workers_elsewhere(&mut self, wiring: &Wiring) {
        self.until_stopped(svc_delivery::notify_workers(wiring.platform.clone()));
    }

    /// Empties the outbox, and makes partitions ahead. It stops by itself when told to, having
    /// finished what was on its way.
    pub(crate) fn deliver(&mut self, wiring: &Wiring, worker: DeliveryWorker) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move { worker.run(stop).await });
        self.sweep_sessions(wiring);
        self.reset_administrators(wiring);
        let platform = wiring.platform.clone();
        self.until_stopped(async move {
            loop {
                let wait = match svc_delivery::maintain(&platform).await {
                    Ok(_) => DAY,
                    Err(error) => {
                        tracing::warn!(error = %error, "could not make partitions ahead");
                        MINUTE
                    }
                };
                tokio::time::sleep(wait).await;
            }
        });
    }

    /// Goes on with reminders that nobody waits for.
    pub(crate) fn remind(&mut self, wiring: &Wiring) {
        let (worker, stop) = (wiring.reminder_worker(), self.stop.clone());
        self.tasks.spawn(async move { worker.run(stop).await });
    }

    /// Rehearses policies on the logins of the past.
    pub(crate) fn simulate(&mut self, wiring: &Wiring) {
        let (worker, stop) = (wiring.simulation_worker(), self.stop.clone());
        self.tasks.spawn(async move { worker.run(stop).await });
    }

    /// Works through files of users and tenants. It stops by itself when told to, having written the batch in hand.
    pub(crate) fn import_files(&mut self, wiring: &Wiring, config: &Config) {
        let (worker, stop) = (wiring.import_worker(config), self.stop.clone());
        self.tasks.spawn(async move { worker.run(stop).await });
    }

    /// Tells endpoints of events. It stops by itself when told to, having finished what was on its way.
    pub(crate) fn call_webhooks(&mut self, worker: WebhookWorker) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move { worker.run(stop).await });
    }

    /// Fetches tenants' logos.
    pub(crate) fn fetch_logos(&mut self, worker: LogoWorker) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move { worker.run(stop).await });
    }

    /// Collects through Stripe, and compares the books once a day; nothing where nobody collects.
    pub(crate) fn collect(&mut self, collector: Option<Collector>) {
        let Some(collector) = collector else { return };
        let worker = collector.clone();
        self.until_stopped(async move { worker.run().await });
        self.until_stopped(async move {
            loop {
                tokio::time::sleep(DAY).await;
                // What differs may be on its way still.
                if collector.reconcile().await.is_ok_and(|report| !report.agrees()) {
                    tokio::time::sleep(STRIPE_TAKES).await;
                }
                match collector.reconcile().await {
                    Ok(report) => report.log(),
                    Err(error) => tracing::warn!(error = %error, "could not compare the books with Stripe's"),
                }
            }
        });
    }

    /// Waits until all have stopped.
    pub(crate) async fn finish(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

fn hear(wiring: &Wiring, worker: Option<&DeliveryWorker>, event: ChangeEvent) {
    let watch = &wiring.platform.watch;
    match event {
        ChangeEvent::Changed(change) => hear_change(wiring, worker, change),
        ChangeEvent::Touched(touch) => watch.hear(touch),
        ChangeEvent::LookAgain => watch.look_again(),
        ChangeEvent::Watching(process) => watch.hear_watching(process),
        ChangeEvent::Missed => {
            wiring.policies.invalidate_all();
            wiring.directory.invalidate_all();
            wiring.admins.invalidate_all();
            reload_keys(wiring);
            watch.look_again();
        }
    }
}

fn hear_change(wiring: &Wiring, worker: Option<&DeliveryWorker>, change: Change) {
    let tenant = TenantId(change.subject);
    match change.topic {
        Topic::Policy => wiring.policies.invalidate(tenant),
        Topic::Tenant => {
            wiring.directory.invalidate_tenant(tenant);
            // A sandbox's clock may have moved, and with it what has expired.
            wiring.platform.watch.look_again_at(tenant);
        }
        Topic::ApiKey => wiring.directory.invalidate_api_keys(),
        Topic::Keys => reload_keys(wiring),
        Topic::Messages => worker.map_or((), DeliveryWorker::wake),
        Topic::Admin => wiring.admins.invalidate(tenant),
    }
}

fn reload_keys(wiring: &Wiring) {
    let platform = wiring.platform.clone();
    tokio::spawn(async move {
        if let Err(error) = platform.keys.reload(&platform.database).await {
            tracing::warn!(error = %error, "could not read the keys again; the old ones stay in use");
        }
    });
}
