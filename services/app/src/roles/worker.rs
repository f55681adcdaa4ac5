//! `postern worker`: sends what was queued, runs simulations, calls webhooks, and keeps nothing longer
//! than it may.

use crate::config::Config;
use crate::jobs::Jobs;
use crate::seeing::{self, Seen};
use crate::shutdown;
use crate::wiring::{Wiring, open_platform};

/// Works until told to stop.
pub(crate) async fn run(config: Config, seen: Seen) -> anyhow::Result<()> {
    let stop = shutdown::on_signal()?;
    super::refuse_unfit(&config).await?;
    let wiring = Wiring::new(open_platform(&config).await?, &config)?;
    let worker = wiring.delivery_worker(&config);
    let mut jobs = Jobs::new(stop);
    jobs.hear_changes(&wiring, Some(worker.clone()));
    jobs.deliver(&wiring, worker);
    jobs.simulate(&wiring);
    jobs.remind(&wiring);
    jobs.import_files(&wiring, &config);
    jobs.call_webhooks(wiring.webhook_worker(&config));
    jobs.fetch_logos(wiring.logo_worker(&config));
    jobs.collect(wiring.collector(&config));
    jobs.seal_logs(&wiring);
    jobs.take_care(&wiring, wiring.caretaker(&config));
    seeing::measure(&wiring, seen.spans);
    jobs.tell_metrics(&wiring, &config).await?;
    jobs.push_metrics(&wiring, &config, &seen.service)?;
    jobs.watch_queues(&wiring);
    tracing::info!("working");
    jobs.finish().await;
    wiring.platform.database.close().await;
    Ok(())
}
