//! The limits as everybody asks them: of one process, or of all of them together.
//!
//! Without Redis a process holds every limit by itself. With it:
//!
//! 1. Whoever was refused a moment ago is refused again without a question ([`Limits::refuse_known`]).
//! 2. Every charge is counted against the process's own *share* of the limit, whatever comes of it.
//! 3. Redis is asked, once for all charges of a request. Its answer holds.
//! 4. Where it does not answer, the share does. And while it is young (it began to remember a moment ago: it was
//!    flushed, restarted, or failed over to an empty one) both must agree.
//!
//! So with `n` processes and a share of `p` percent nobody gets more than `n × p` percent of a limit while
//! Redis is away, nor afterwards from a memory that came back empty. Since the share is counted all along,
//! whoever is spending already finds it spent when it begins to hold.
//!
//! What protects users (tries of codes, locks, sends to a destination) is counted in the database, never here.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use core_kernel::{Clock, Fault};

use crate::charge::Charge;
use crate::clock::ForwardClock;
use crate::config::{LimitsConfig, LimitsConfigError};
use crate::keys::LimitKey;
use crate::local::{LimitUse, LocalLimits, told};
use crate::refusals::Refusals;
use crate::shared::{Answer, RedisError, RedisOptions, Shared, SharedUse};
use crate::table::Limit;

/// Every limit of the table.
pub struct Limits {
    /// The whole of each limit; with Redis this process's share.
    local: LocalLimits,
    refusals: Refusals,
    shared: Option<Shared>,
    /// After what time one more unit is there, in the table's order.
    units: Vec<Duration>,
    refused: Vec<AtomicU64>,
}

impl Limits {
    /// Limits that this process holds by itself, on the given clock, which may be set back without harm.
    ///
    /// # Errors
    /// When a configured rate or burst is out of range (a configuration that was read never is).
    pub fn new(config: &LimitsConfig, clock: Arc<dyn Clock>) -> Result<Self, LimitsConfigError> {
        let quotas = config.quotas()?;
        Ok(Self {
            local: LocalLimits::new(config, clock.clone())?,
            refusals: Refusals::new(config.max_keys(), ForwardClock::new(clock)),
            shared: None,
            units: quotas.iter().map(governor::Quota::replenish_interval).collect(),
            refused: quotas.iter().map(|_| AtomicU64::new(0)).collect(),
        })
    }

    /// The same, held together with every other process that is given the same Redis. Nothing is connected
    /// before [`Limits::keep_connected`].
    ///
    /// # Errors
    /// When the address of Redis cannot be used.
    pub fn with_redis(
        self,
        config: &LimitsConfig,
        clock: Arc<dyn Clock>,
        options: &RedisOptions,
    ) -> Result<Self, SharedLimitsError> {
        let local = LocalLimits::new(&config.share(options.local_percent), clock)?;
        let shared = Some(Shared::new(options, &config.quotas()?)?);
        Ok(Self { local, shared, ..self })
    }

    /// Spends one unit of `key`'s budget.
    ///
    /// # Errors
    /// [`Fault::RateLimited`] when the budget is spent.
    pub async fn check<K: Into<LimitKey>>(&self, limit: Limit<K>, key: K) -> Result<(), Fault> {
        let charge = Charge::one(limit, key);
        self.spend(&[charge]).await
    }

    /// Spends all of these. With Redis that is one question, and what is refused spends nothing; a process
    /// by itself spends them in their order up to the first that is refused.
    ///
    /// # Errors
    /// [`Fault::RateLimited`] when one of the budgets does not hold so much.
    pub async fn spend(&self, charges: &[Charge]) -> Result<(), Fault> {
        self.refuse_known(charges)?;
        let locally = self.spend_locally(charges);
        let Some(shared) = &self.shared else { return locally.map_err(|refused| self.refuse(charges, refused)) };
        let refused = match shared.spend(charges).await {
            Answer::Spent { young: false } => None,
            Answer::Spent { young: true } | Answer::None => locally.err(),
            Answer::Refused { charge, wait } => Some((charge, wait)),
        };
        refused.map_or(Ok(()), |refused| Err(self.refuse(charges, refused)))
    }

    /// Refuses whoever was refused a moment ago and cannot have got anything back since; costs no question. For
    /// doors behind which something is done before it is known what a request will cost.
    ///
    /// # Errors
    /// [`Fault::RateLimited`].
    pub fn refuse_known(&self, charges: &[Charge]) -> Result<(), Fault> {
        let known = charges.iter().find_map(|charge| Some((charge, self.refusals.recall(charge)?)));
        known.map_or(Ok(()), |(charge, wait)| {
            self.refused[charge.index].fetch_add(1, Ordering::Relaxed);
            Err(told(wait))
        })
    }

    /// The first charge that this process refuses by itself, and for how long; those behind it are not made.
    fn spend_locally(&self, charges: &[Charge]) -> Result<(), (usize, Duration)> {
        let mut numbered = charges.iter().enumerate();
        numbered.try_for_each(|(number, charge)| self.local.spend(charge).map_err(|wait| (number, wait)))
    }

    fn refuse(&self, charges: &[Charge], (number, wait): (usize, Duration)) -> Fault {
        if let Some(charge) = charges.get(number) {
            self.refusals.remember(charge, wait, self.units[charge.index]);
            self.refused[charge.index].fetch_add(1, Ordering::Relaxed);
        }
        told(wait)
    }

    /// Tries once to reach Redis, for a second or so. A server that asks before it serves begins with what all know.
    pub async fn connect(&self) {
        if let Some(shared) = &self.shared {
            shared.connect().await;
        }
    }

    /// Connects to Redis, and anew whenever it was away; runs until it is dropped.
    pub async fn keep_connected(&self) {
        match &self.shared {
            Some(shared) => shared.keep_connected().await,
            None => std::future::pending().await,
        }
    }

    /// Forgets the keys whose budget is whole again. Call it every minute or so: the bound on keys holds
    /// without it, but memory of past traffic is kept until then.
    pub fn sweep(&self) {
        self.local.sweep();
        self.refusals.sweep();
    }

    /// What each limit has done so far, in the table's order.
    #[must_use]
    pub fn usage(&self) -> Vec<LimitUse> {
        let refused = self.refused.iter().map(|refused| refused.load(Ordering::Relaxed));
        self.local.usage().into_iter().zip(refused).map(|(usage, refused)| LimitUse { refused, ..usage }).collect()
    }

    /// How Redis does; nothing where there is none.
    #[must_use]
    pub fn shared_usage(&self) -> Option<SharedUse> {
        self.shared.as_ref().map(Shared::usage)
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits").field("usage", &self.usage()).field("shared", &self.shared_usage()).finish()
    }
}

/// Why limits cannot be shared.
#[derive(Debug, thiserror::Error)]
pub enum SharedLimitsError {
    /// The section `limits`.
    #[error(transparent)]
    Config(#[from] LimitsConfigError),
    /// The address.
    #[error("redis.url: {0}")]
    Redis(#[from] RedisError),
}
