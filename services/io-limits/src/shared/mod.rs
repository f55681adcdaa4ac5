//! Limits that hold across replicas: what each key owes is kept in Redis (or Valkey), in one round trip
//! for all the keys of a request, by a script that runs as one step there.
//!
//! Redis is a help, never a condition. A question that is not answered in time counts as unanswered, and
//! whoever asked goes by its own share ([`crate::Limits`] says how). The first such question gives the
//! connection up, so that the next ones wait for nothing; another is made in the background.

mod connection;
mod options;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use core_kernel::{ApiKeyId, TenantId, UserId};
use governor::Quota;
use redis::Script;

use crate::charge::Charge;
use crate::keys::LimitKey;
use crate::table::LIMITS;
use connection::Connection;
pub use options::{RedisError, RedisOptions};

/// Names of keys. The braces keep all of them in one slot of a cluster, as a script needs them.
const PREFIX: &str = "{postern}:limit";
const BEGAN: &str = "{postern}:limits-began";

/// What Redis says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// All charges were made. `young`: it does not remember long enough to be believed alone.
    Spent { young: bool },
    /// None was: this one cannot be made before `wait` is over.
    Refused { charge: usize, wait: Duration },
    /// Nothing, or not in time.
    None,
}

/// How the shared memory does, for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharedUse {
    /// Whether there is a connection now.
    pub connected: bool,
    /// Questions that were answered since the start.
    pub answered: u64,
    /// Questions that were not, so that the process's own share held.
    pub unanswered: u64,
    /// How often a connection was given up.
    pub lost: u64,
}

pub(crate) struct Shared {
    connection: Connection,
    script: Script,
    /// What one unit takes, and what may be owed at most, in microseconds; in the table's order.
    quotas: Vec<(f64, f64)>,
    young_for: Duration,
    answered: AtomicU64,
    unanswered: AtomicU64,
}

impl Shared {
    pub(crate) fn new(options: &RedisOptions, quotas: &[Quota]) -> Result<Self, RedisError> {
        Ok(Self {
            connection: Connection::new(options)?,
            script: Script::new(include_str!("spend.lua")),
            quotas: quotas.iter().map(micros).collect(),
            young_for: options.young_for,
            answered: AtomicU64::new(0),
            unanswered: AtomicU64::new(0),
        })
    }

    /// Makes all charges, or none.
    pub(crate) async fn spend(&self, charges: &[Charge]) -> Answer {
        match self.ask(charges).await {
            Some(told) => {
                self.answered.fetch_add(1, Ordering::Relaxed);
                self.read(told)
            }
            None => {
                self.unanswered.fetch_add(1, Ordering::Relaxed);
                Answer::None
            }
        }
    }

    async fn ask(&self, charges: &[Charge]) -> Option<(usize, u64, i64)> {
        let mut live = self.connection.current()?;
        let call = self.call(charges);
        self.connection.answer(live.number, call.invoke_async(&mut live.redis)).await
    }

    fn call(&self, charges: &[Charge]) -> redis::ScriptInvocation<'_> {
        let mut call = self.script.prepare_invoke();
        call.key(BEGAN);
        for charge in charges {
            let (unit, most) = self.quotas[charge.index];
            let takes = (unit * f64::from(charge.units)).min(most);
            call.key(name(charge)).arg(takes).arg(most);
        }
        call
    }

    fn read(&self, (refused, wait, age): (usize, u64, i64)) -> Answer {
        match refused.checked_sub(1) {
            Some(charge) => Answer::Refused { charge, wait: Duration::from_micros(wait) },
            // A clock that was set back makes it look younger than it is, which is the safe side.
            None => Answer::Spent { young: u64::try_from(age).map_or(true, |age| self.is_young(age)) },
        }
    }

    fn is_young(&self, age_micros: u64) -> bool {
        Duration::from_micros(age_micros) < self.young_for
    }

    pub(crate) async fn connect(&self) {
        self.connection.connect().await;
    }

    pub(crate) async fn keep_connected(&self) {
        self.connection.keep().await;
    }

    pub(crate) fn usage(&self) -> SharedUse {
        SharedUse {
            connected: self.connection.is_there(),
            answered: self.answered.load(Ordering::Relaxed),
            unanswered: self.unanswered.load(Ordering::Relaxed),
            lost: self.connection.lost(),
        }
    }
}

fn micros(quota: &Quota) -> (f64, f64) {
    let unit = quota.replenish_interval().as_secs_f64() * 1e6;
    (unit, unit * f64::from(quota.burst_size().get()))
}

/// A key's name in Redis: the limit's, and by what it is counted.
fn name(charge: &Charge) -> String {
    let limit = LIMITS[charge.index].name;
    match charge.key {
        LimitKey::ApiKey(ApiKeyId(key)) => format!("{PREFIX}:{limit}:{}", key.simple()),
        LimitKey::Tenant(TenantId(tenant)) => format!("{PREFIX}:{limit}:{}", tenant.simple()),
        LimitKey::User(TenantId(tenant), UserId(user)) => {
            format!("{PREFIX}:{limit}:{}:{}", tenant.simple(), user.simple())
        }
        LimitKey::Client(network) => format!("{PREFIX}:{limit}:{}", network.network()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit;
    use std::net::IpAddr;
    use uuid::Uuid;

    #[test]
    fn every_kind_of_key_has_a_name_of_its_own() {
        let (id, address) = (Uuid::from_u128(7), "2001:db8:1:2::9".parse::<IpAddr>().unwrap());
        let charges = [
            Charge::one(limit::API_KEY, ApiKeyId(id)),
            Charge::one(limit::API_KEY_COMPLEXITY, ApiKeyId(id)),
            Charge::one(limit::TENANT, TenantId(id)),
            Charge::one(limit::USER_EVALUATE_LOGIN, (TenantId(id), UserId(id))),
            Charge::one(limit::USER_START_CHALLENGE, (TenantId(id), UserId(id))),
            Charge::one(limit::CLIENT_ADDRESS, address.into()),
        ];
        let mut names: Vec<String> = charges.iter().map(name).collect();
        assert_eq!(names[5], "{postern}:limit:client_address:2001:db8:1:2::/64");
        names.sort();
        names.dedup();
        assert_eq!(names.len(), charges.len());
        assert!(names.iter().all(|name| name.starts_with("{postern}:")), "one slot for all of them");
    }
}
