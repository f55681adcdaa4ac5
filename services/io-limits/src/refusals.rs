//! Who was refused a moment ago, and until when: whoever asks again before that is refused again
//! without a question to anybody. It is what keeps a flood from the shared memory, and from whatever is
//! done before a request's cost is known.
//!
//! Nobody is refused here whom the limit itself would let through: what is remembered is when a single
//! unit will be there, and budgets only shrink in the meantime.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use governor::clock::Clock as _;
use governor::nanos::Nanos;
use governor::state::StateStore as _;
use governor::state::keyed::ShrinkableKeyedStateStore as _;

use crate::charge::Charge;
use crate::clock::ForwardClock;
use crate::keys::LimitKey;
use crate::store::BoundedStore;
use crate::table::LIMITS;

pub(crate) struct Refusals {
    clock: ForwardClock,
    until: Vec<BoundedStore<LimitKey>>,
}

impl Refusals {
    pub(crate) fn new(max_keys: usize, clock: ForwardClock) -> Self {
        let store = |_| BoundedStore::new(max_keys, Arc::new(AtomicU64::new(0)));
        Self { clock, until: LIMITS.iter().map(store).collect() }
    }

    /// Remembers that `charge` can be made after `wait` and not before; `unit` is what one unit takes.
    pub(crate) fn remember(&self, charge: &Charge, wait: Duration, unit: Duration) {
        let others = unit.saturating_mul(charge.units.saturating_sub(1));
        let until = self.clock.now() + Nanos::from(wait.saturating_sub(others));
        let _ = self.until[charge.index].measure_and_replace(&charge.key, |_| Ok::<_, ()>(((), until)));
    }

    /// How long whoever is to pay will be refused for sure.
    pub(crate) fn recall(&self, charge: &Charge) -> Option<Duration> {
        let now = self.clock.now();
        let look = |until: Option<Nanos>| Err::<((), Nanos), _>(until);
        let until = self.until[charge.index].measure_and_replace(&charge.key, look).err().flatten()?;
        (until > now && charge.units > 0).then(|| until.saturating_sub(now).into())
    }

    /// Forgets what is past.
    pub(crate) fn sweep(&self) {
        let now = self.clock.now();
        self.until.iter().for_each(|store| store.retain_recent(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit;
    use chrono::{DateTime, TimeDelta};
    use core_kernel::{ApiKeyId, ManualClock};
    use uuid::Uuid;

    const SECOND: Duration = Duration::from_secs(1);

    fn refusals() -> (Arc<ManualClock>, Refusals) {
        let clock = Arc::new(ManualClock::starting_at(DateTime::from_timestamp(1_790_000_000, 0).unwrap()));
        (clock.clone(), Refusals::new(1_000, ForwardClock::new(clock)))
    }

    fn units(n: u128, units: u32) -> Charge {
        Charge::of(limit::API_KEY_COMPLEXITY, ApiKeyId(Uuid::from_u128(n)), units)
    }

    #[test]
    fn whoever_was_refused_is_refused_until_the_wait_is_over() {
        let (clock, refusals) = refusals();
        assert_eq!(refusals.recall(&units(1, 1)), None);
        refusals.remember(&units(1, 1), 2 * SECOND, SECOND);
        assert_eq!(refusals.recall(&units(1, 1)), Some(2 * SECOND));
        assert_eq!(refusals.recall(&units(1, 0)), None, "nothing costs nothing");
        assert_eq!(refusals.recall(&units(2, 1)), None, "nobody pays for another");
        clock.advance(TimeDelta::seconds(2));
        assert_eq!(refusals.recall(&units(1, 1)), None);
    }

    #[test]
    fn a_dear_request_that_was_refused_does_not_hold_up_a_cheap_one() {
        let (_, refusals) = refusals();
        refusals.remember(&units(1, 10), 10 * SECOND, SECOND);
        assert_eq!(refusals.recall(&units(1, 1)), Some(SECOND), "one unit is there after a second");
        refusals.remember(&units(2, 10), 4 * SECOND, SECOND);
        assert_eq!(refusals.recall(&units(2, 1)), None, "some units were there all the time");
    }

    #[test]
    fn what_is_past_is_forgotten() {
        let (clock, refusals) = refusals();
        (0..100).for_each(|n| refusals.remember(&units(n, 1), SECOND, SECOND));
        clock.advance(TimeDelta::seconds(2));
        refusals.sweep();
        assert!(refusals.until.iter().all(|store| store.len() == 0));
    }
}
