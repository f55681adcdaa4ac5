//! The limits of one process, in its memory.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use core_kernel::{Clock, Fault};
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::{Quota, RateLimiter};

use crate::charge::Charge;
use crate::clock::ForwardClock;
use crate::config::{LimitsConfig, LimitsConfigError};
use crate::keys::LimitKey;
use crate::store::BoundedStore;
use crate::table::{LIMITS, Limit};

/// Every limit of the table, each with its own keys, as one process counts them.
///
/// A check takes one lock of one shard for well under a microsecond, and neither waits nor allocates
/// for a key it knows.
pub struct LocalLimits {
    clock: ForwardClock,
    limiters: Vec<Limiter>,
}

struct Limiter {
    keyed: RateLimiter<LimitKey, BoundedStore<LimitKey>, ForwardClock, NoOpMiddleware<Nanos>>,
    burst: NonZeroU32,
    refused: AtomicU64,
    shed: Arc<AtomicU64>,
}

/// What a limit has done so far, for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitUse {
    /// The limit's name in the table.
    pub name: &'static str,
    /// How many keys are remembered now.
    pub keys: usize,
    /// How many checks were refused since the start.
    pub refused: u64,
    /// How many keys were forgotten for want of room since the start.
    pub shed: u64,
}

impl LocalLimits {
    /// Limits as configured, on the given clock; the clock may be set back without harm.
    ///
    /// # Errors
    /// When a configured rate or burst is out of range (a configuration that was read never is).
    pub fn new(config: &LimitsConfig, clock: Arc<dyn Clock>) -> Result<Self, LimitsConfigError> {
        let clock = ForwardClock::new(clock);
        let quotas = config.quotas()?.into_iter();
        let limiters = quotas.map(|quota| Limiter::new(quota, config.max_keys(), clock.clone())).collect();
        Ok(Self { clock, limiters })
    }

    /// Spends one unit of `key`'s budget.
    ///
    /// # Errors
    /// [`Fault::RateLimited`] when the budget is spent; a refused check spends nothing.
    pub fn check<K: Into<LimitKey>>(&self, limit: Limit<K>, key: K) -> Result<(), Fault> {
        self.check_n(limit, key, 1)
    }

    /// Spends `n` units of `key`'s budget, all or none. Zero is always allowed. What is dearer than the
    /// whole burst takes the whole burst: how dear one request may be is another limit's business, and
    /// a wait that never ends is no answer.
    ///
    /// # Errors
    /// [`Fault::RateLimited`] when the budget does not hold so many; a refused check spends nothing.
    pub fn check_n<K: Into<LimitKey>>(&self, limit: Limit<K>, key: K, n: u32) -> Result<(), Fault> {
        self.spend(&Charge::of(limit, key, n)).map_err(told)
    }

    /// The same, with the time after which it is worth asking again.
    pub(crate) fn spend(&self, charge: &Charge) -> Result<(), Duration> {
        let limiter = &self.limiters[charge.index];
        let Some(n) = NonZeroU32::new(charge.units) else { return Ok(()) };
        limiter.spend(&charge.key, n.min(limiter.burst)).map_err(|ready| self.wait(ready))
    }

    /// Forgets the keys whose budget is whole again. Call it every minute or so: the bound on keys holds
    /// without it, but memory of past traffic is kept until then.
    pub fn sweep(&self) {
        for limiter in &self.limiters {
            limiter.keyed.retain_recent();
        }
    }

    /// What each limit has done so far, in the table's order.
    #[must_use]
    pub fn usage(&self) -> Vec<LimitUse> {
        LIMITS.iter().zip(&self.limiters).map(|(spec, limiter)| limiter.usage(spec.name)).collect()
    }

    fn wait(&self, ready: Nanos) -> Duration {
        Duration::from(ready.saturating_sub(self.clock.now()))
    }
}

/// A refusal for whoever asked: a wait in whole seconds, which is enough.
pub(crate) fn told(wait: Duration) -> Fault {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    Fault::RateLimited { retry_after_seconds: seconds.max(1) }
}

impl Limiter {
    fn new(quota: Quota, max_keys: usize, clock: ForwardClock) -> Self {
        let shed = Arc::new(AtomicU64::new(0));
        let keyed = RateLimiter::new(quota, BoundedStore::new(max_keys, shed.clone()), clock);
        Self { keyed, burst: quota.burst_size(), refused: AtomicU64::new(0), shed }
    }

    /// Spends, or tells when there will be enough.
    fn spend(&self, key: &LimitKey, n: NonZeroU32) -> Result<(), Nanos> {
        let checked = self.keyed.check_key_n(key, n);
        // More than the burst was cut to the burst, so that capacity is never what is missing.
        let Ok(Err(not_until)) = checked else { return Ok(()) };
        self.refused.fetch_add(1, Ordering::Relaxed);
        Err(not_until.earliest_possible())
    }

    fn usage(&self, name: &'static str) -> LimitUse {
        let refused = self.refused.load(Ordering::Relaxed);
        LimitUse { name, keys: self.keyed.len(), refused, shed: self.shed.load(Ordering::Relaxed) }
    }
}

impl fmt::Debug for LocalLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LocalLimits").field(&self.usage()).finish()
    }
}
