//! What a process does in the background, until it is told to stop.

use std::time::Duration;

use core_kernel::TenantId;
use io_postgres::{ChangeEvent, Topic, listen};
use svc_delivery::DeliveryWorker;
use svc_webhooks::WebhookWorker;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::wiring::Wiring;

/// How often address databases are looked at: a look is a question to the file system.
const LOOK_FOR_FILES: Duration = Duration::from_secs(5);
const MINUTE: Duration = Duration::from_secs(60);
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
    }

    /// What a gateway does now and then.
    pub(crate) fn keep_house(&mut self, wiring: &Wiring) {
        let wiring = wiring.clone();
        self.until_stopped(async move {
            loop {
                tokio::time::sleep(MINUTE).await;
                wiring.limits.sweep();
                // A notification is a hint: a new key is published a quarter of an hour before it signs.
                reload_keys(&wiring);
                if let Err(error) = wiring.directory.touch_api_keys().await {
                    tracing::warn!(error = %error, "could not note when keys were used");
                }
            }
        });
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

    /// Rehearses policies on the logins of the past.
    pub(crate) fn simulate(&mut self, wiring: &Wiring) {
        let (worker, stop) = (wiring.simulation_worker(), self.stop.clone());
        self.tasks.spawn(async move { worker.run(stop).await });
    }

    /// Tells endpoints of events. It stops by itself when told to, having finished what was on its way.
    pub(crate) fn call_webhooks(&mut self, worker: WebhookWorker) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move { worker.run(stop).await });
    }

    /// Waits until all have stopped.
    pub(crate) async fn finish(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

fn hear(wiring: &Wiring, worker: Option<&DeliveryWorker>, event: ChangeEvent) {
    let ChangeEvent::Changed(change) = event else {
        wiring.policies.invalidate_all();
        wiring.directory.invalidate_all();
        wiring.admins.invalidate_all();
        reload_keys(wiring);
        return;
    };
    let tenant = TenantId(change.subject);
    match change.topic {
        Topic::Policy => wiring.policies.invalidate(tenant),
        Topic::Tenant => wiring.directory.invalidate_tenant(tenant),
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
