//! `postern serve`: the gateway.

use edge_http::{Gateway, Server};
use tokio::net::TcpListener;

use crate::config::Config;
use crate::jobs::Jobs;
use crate::shutdown;
use crate::wiring::{Wiring, open_platform};

/// Serves until told to stop.
pub(crate) async fn run(config: Config) -> anyhow::Result<()> {
    let stop = shutdown::on_signal()?;
    super::refuse_unfit(&config).await?;
    let listeners = edge_http::bind(&config.listen).await?;
    let wiring = Wiring::new(open_platform(&config).await?, &config)?;
    wiring.prepare().await?;
    let mut jobs = Jobs::new(stop);
    jobs.hear_changes(&wiring, None);
    jobs.keep_house(&wiring);
    jobs.watch_addresses(&wiring);
    jobs.wake_workers_elsewhere(&wiring);
    let gateway = wiring.gateway(&config, None);
    say_where(&listeners);
    answer(&wiring, &gateway, listeners, &jobs).await;
    jobs.finish().await;
    wiring.platform.database.close().await;
    Ok(())
}

/// Answers requests until told to stop, then finishes those that were begun.
pub(crate) async fn answer(wiring: &Wiring, gateway: &Gateway, listeners: Vec<TcpListener>, jobs: &Jobs) {
    let unready = {
        let (gateway, stop) = (gateway.clone(), jobs.stop.clone());
        async move {
            stop.cancelled().await;
            gateway.set_ready(false);
            gateway.end_subscriptions().await;
        }
    };
    let server = Server::new(listeners, wiring.router(gateway));
    tokio::join!(unready, server.run(jobs.stop.clone(), shutdown::CONNECTIONS_WITHIN));
}

fn say_where(listeners: &[TcpListener]) {
    for address in listeners.iter().filter_map(|listener| listener.local_addr().ok()) {
        tracing::info!(%address, "listening");
    }
}
