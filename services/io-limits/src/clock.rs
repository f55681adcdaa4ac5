//! Our clock, made to run forwards only.
//!
//! A limiter remembers until when a key has spent its budget. Were the wall clock set back by an hour,
//! every busy key would be refused for an hour; so what limiters see never goes back: for a small step
//! it stands still until the wall clock has caught up, after a large one it goes on from where it
//! stood. A step forwards is believed: at worst it gives every key its burst once.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use core_kernel::{Clock, Timestamp};
use governor::nanos::Nanos;

/// Up to here a step back is waited out: threads read the clock out of order, and NTP corrects by less.
const STANDSTILL_NANOS: i64 = 1_000_000_000;

#[derive(Clone)]
pub(crate) struct ForwardClock(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    /// The wall clock's reading that counts as zero.
    origin: AtomicI64,
    /// The latest reading given out.
    latest: AtomicI64,
}

impl ForwardClock {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let origin = AtomicI64::new(nanos(clock.now()));
        Self(Arc::new(Inner { clock, origin, latest: AtomicI64::new(0) }))
    }

    fn reading(&self) -> i64 {
        // The origin is read first: an origin newer than the wall clock's reading would be a leap forwards.
        let origin = self.0.origin.load(Ordering::SeqCst);
        let wall = nanos(self.0.clock.now());
        let reading = wall.saturating_sub(origin);
        let latest = self.0.latest.fetch_max(reading, Ordering::SeqCst);
        if latest.saturating_sub(reading) > STANDSTILL_NANOS {
            // Whoever comes second finds another origin and leaves it alone.
            let moved = wall.saturating_sub(latest);
            let _ = self.0.origin.compare_exchange(origin, moved, Ordering::SeqCst, Ordering::SeqCst);
        }
        reading.max(latest)
    }
}

/// Nanoseconds since 1970; what does not fit (after the year 2262) is the last that does.
fn nanos(at: Timestamp) -> i64 {
    at.timestamp_nanos_opt().unwrap_or(i64::MAX)
}

impl governor::clock::Clock for ForwardClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(u64::try_from(self.reading()).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Duration};
    use core_kernel::ManualClock;

    const SECOND: i64 = 1_000_000_000;

    fn clocks() -> (Arc<ManualClock>, ForwardClock) {
        let manual = Arc::new(ManualClock::starting_at(DateTime::from_timestamp(1_790_000_000, 0).unwrap()));
        (manual.clone(), ForwardClock::new(manual))
    }

    #[test]
    fn it_counts_from_its_making() {
        let (manual, clock) = clocks();
        assert_eq!(clock.reading(), 0);
        manual.advance(Duration::seconds(5));
        assert_eq!(clock.reading(), 5 * SECOND);
    }

    #[test]
    fn a_large_step_back_is_as_if_no_time_had_passed() {
        let (manual, clock) = clocks();
        manual.advance(Duration::seconds(10));
        assert_eq!(clock.reading(), 10 * SECOND);
        manual.advance(Duration::hours(-1));
        assert_eq!(clock.reading(), 10 * SECOND);
        manual.advance(Duration::seconds(3));
        assert_eq!(clock.reading(), 13 * SECOND, "it goes on at once");
    }

    #[test]
    fn a_small_step_back_is_waited_out() {
        let (manual, clock) = clocks();
        manual.advance(Duration::seconds(10));
        assert_eq!(clock.reading(), 10 * SECOND);
        manual.advance(Duration::milliseconds(-400));
        assert_eq!(clock.reading(), 10 * SECOND);
        manual.advance(Duration::milliseconds(900));
        assert_eq!(clock.reading(), 10 * SECOND + SECOND / 2);
    }

    #[test]
    fn it_never_runs_backwards_whatever_the_wall_clock_does() {
        let (manual, clock) = clocks();
        let mut last = clock.reading();
        for step in [1_i64, -5, 3, -3_000, 7, -1, -86_400, 90_000, -2, 1] {
            manual.advance(Duration::seconds(step));
            let reading = clock.reading();
            assert!(reading >= last, "after a step of {step} s: {reading} < {last}");
            last = reading;
        }
    }

    #[test]
    fn many_steps_back_at_once_move_the_origin_once() {
        let (manual, clock) = clocks();
        manual.advance(Duration::seconds(10));
        assert_eq!(clock.reading(), 10 * SECOND);
        manual.advance(Duration::hours(-1));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..1_000).for_each(|_| assert_eq!(clock.reading(), 10 * SECOND)));
            }
        });
    }
}
