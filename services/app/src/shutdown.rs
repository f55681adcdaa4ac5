//! Stopping: on SIGINT or SIGTERM once politely; a second signal, or 25 s, end the process.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// From the signal to the end, whatever is still open.
pub(crate) const HARD_STOP: Duration = Duration::from_secs(25);
/// Left for what comes after the connections: the outbox, the database.
pub(crate) const CONNECTIONS_WITHIN: Duration = Duration::from_secs(20);

/// A token that is cancelled by the first signal.
///
/// # Errors
/// When signals cannot be heard.
pub(crate) fn on_signal() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let mut signals = [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?];
    let told = stop.clone();
    tokio::spawn(async move {
        hear(&mut signals).await;
        tracing::info!("stopping");
        told.cancel();
        let _ = tokio::time::timeout(HARD_STOP, hear(&mut signals)).await;
        tracing::warn!("stopped the hard way");
        std::process::exit(1);
    });
    Ok(stop)
}

async fn hear([interrupt, terminate]: &mut [Signal; 2]) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
