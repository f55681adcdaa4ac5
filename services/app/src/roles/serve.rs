//! `postern serve`: the gateway.
//!
//! Told to stop, it says so at `/readyz` and goes on as before: what a balancer sends until it has seen that is
//! answered. Only then it takes nothing more, and finishes what was begun.

use std::time::Duration;

use edge_http::{Gateway, Server};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::jobs::Jobs;
use crate::seeing::{self, Seen};
use crate::shutdown;
use crate::wiring::{Wiring, open_platform};

/// Serves until told to stop.
pub(crate) async fn run(config: Config, seen: Seen) -> anyhow::Result<()> {
    let told = shutdown::on_signal()?;
    super::refuse_unfit(&config).await?;
    let listeners = edge_http::bind(&config.listen).await?;
    let wiring = Wiring::new(open_platform(&config).await?, &config)?;
    wiring.prepare().await?;
    let mut jobs = Jobs::new(CancellationToken::new());
    wiring.limits.connect().await;
    jobs.share_limits(&wiring);
    jobs.hear_changes(&wiring, None);
    jobs.keep_house(&wiring);
    jobs.watch_addresses(&wiring);
    jobs.wake_workers_elsewhere(&wiring);
    let gateway = wiring.gateway(&config, None);
    seeing::measure(&wiring, seen.spans);
    seeing::measure_lines(&wiring, &gateway);
    jobs.tell_metrics(&wiring, &config).await?;
    jobs.push_metrics(&wiring, &config, &seen.service)?;
    say_where(&listeners);
    let (drain, within) = shutdown::drain(config.shutdown_drain_seconds);
    tokio::spawn(leave(told, gateway.clone(), drain, jobs.stop.clone()));
    answer(&wiring, &gateway, listeners, (&jobs, within)).await;
    jobs.finish().await;
    wiring.platform.database.close().await;
    Ok(())
}

/// Told to stop, out of rotation at once, and stopping when balancers have had the time to see it.
async fn leave(told: CancellationToken, gateway: Gateway, drain: Duration, stop: CancellationToken) {
    told.cancelled().await;
    gateway.set_ready(false);
    tokio::time::sleep(drain).await;
    stop.cancel();
}

/// Answers requests until the jobs are told to stop, then finishes those that were begun, within that time.
pub(crate) async fn answer(
    wiring: &Wiring,
    gateway: &Gateway,
    listeners: Vec<TcpListener>,
    (jobs, within): (&Jobs, Duration),
) {
    let unready = {
        let (gateway, stop) = (gateway.clone(), jobs.stop.clone());
        async move {
            stop.cancelled().await;
            gateway.set_ready(false);
            gateway.end_subscriptions().await;
        }
    };
    let server = Server::new(listeners, wiring.router(gateway));
    tokio::join!(unready, server.run(jobs.stop.clone(), within));
}

fn say_where(listeners: &[TcpListener]) {
    for address in listeners.iter().filter_map(|listener| listener.local_addr().ok()) {
        tracing::info!(%address, "listening");
    }
}
