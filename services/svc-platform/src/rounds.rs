//! A worker's rounds: work while there is some, wait while there is none, until told to stop.

use std::time::Duration;

use core_kernel::Fault;
use tokio_util::sync::CancellationToken;

/// Goes round until `stop`. `round` says whether there was anything to do: then the next one follows at
/// once, else after `pause`. A round that fails is logged with `what` it looked for, and counts as an
/// idle one: a database that is away is not asked without a pause.
///
/// A round that has begun is seen through; to drop this future instead is what a crash does.
pub async fn go_round<R, F>(stop: &CancellationToken, pause: Duration, what: &'static str, round: R)
where
    R: Fn() -> F,
    F: Future<Output = Result<bool, Fault>>,
{
    while !stop.is_cancelled() {
        let worked = round().await.unwrap_or_else(|fault| {
            tracing::warn!(error = %fault, "cannot look for {what}");
            false
        });
        if !worked {
            stop.run_until_cancelled(tokio::time::sleep(pause)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const PAUSE: Duration = Duration::from_secs(60);

    /// Rounds that end as told, and then a stop; when each began.
    async fn began(rounds: &[Result<bool, ()>]) -> Vec<Duration> {
        let (stop, start) = (CancellationToken::new(), tokio::time::Instant::now());
        let times = Cell::new(Vec::new());
        go_round(&stop, PAUSE, "work", || {
            let mut so_far = times.take();
            let outcome = rounds[so_far.len()];
            so_far.push(start.elapsed());
            if so_far.len() == rounds.len() {
                stop.cancel();
            }
            times.set(so_far);
            async move { outcome.map_err(|()| Fault::internal("broken")) }
        })
        .await;
        times.take()
    }

    #[tokio::test(start_paused = true)]
    async fn work_is_followed_at_once_and_idleness_after_a_pause() {
        assert_eq!(began(&[Ok(true), Ok(false), Ok(true)]).await, [Duration::ZERO, Duration::ZERO, PAUSE]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_fault_is_survived_and_not_repeated_without_a_pause() {
        assert_eq!(began(&[Err(()), Ok(true), Ok(true)]).await, [Duration::ZERO, PAUSE, PAUSE]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_a_pause_and_begins_no_round() {
        let stop = CancellationToken::new();
        stop.cancel();
        go_round(&stop, PAUSE, "work", || async { panic!("a round after the stop") }).await;

        let (stop, start) = (CancellationToken::new(), tokio::time::Instant::now());
        let second = Duration::from_secs(1);
        let rounds = go_round(&stop, PAUSE, "work", || async { Ok(false) });
        let stopping = async {
            tokio::time::sleep(second).await;
            stop.cancel();
        };
        tokio::join!(rounds, stopping);
        assert_eq!(start.elapsed(), second);
    }
}
