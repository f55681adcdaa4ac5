//! Stopping: on SIGINT or SIGTERM once politely; a second signal, or 25 s, end the process.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// From the signal to the end, whatever is still open.
pub(crate) const HARD_STOP: Duration = Duration::from_secs(25);
/// From the signal until connections are cut off: what is left is for the outbox and the database.
pub(crate) const CONNECTIONS_WITHIN: Duration = Duration::from_secs(20);
/// The longest that a gateway goes on after it was told to stop.
const LONGEST_DRAIN: Duration = Duration::from_secs(15);

/// How long a gateway goes on after the signal, and how long what it had begun may take from then on.
pub(crate) fn drain(seconds: u8) -> (Duration, Duration) {
    let drain = Duration::from_secs(seconds.into()).min(LONGEST_DRAIN);
    (drain, CONNECTIONS_WITHIN - drain)
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_long_it_drains_it_ends_before_the_hard_stop() {
        for seconds in [0, 5, 15, 16, u8::MAX] {
            let (drain, within) = drain(seconds);
            assert!(drain + within < HARD_STOP && within >= Duration::from_secs(5), "{seconds}");
        }
        assert_eq!(drain(0).0, Duration::ZERO);
    }
}
