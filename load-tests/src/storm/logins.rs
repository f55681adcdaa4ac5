//! Logins as people make them: asked for a code or let pass, as the policy says.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context, ensure};
use core_crypto::KeyRing;
use core_policy::SecurityLevel;

use crate::drive::Scenario;
use crate::http::{Connection, find, value_after};
use crate::scenarios::{Finish, ask_evaluate, ask_start};
use crate::seed::{Population, level};
use crate::targets::shuffled;

/// Each user once, in an order of chance; the users of one tenant are left to somebody else.
#[must_use]
pub fn order(population: &Population, wanted: SecurityLevel, without: u32) -> Arc<Vec<u32>> {
    let mut order = shuffled(population.size.users);
    order.retain(|n| level(*n as usize) == wanted && population.users[*n as usize].tenant != without);
    Arc::new(order)
}

/// Logins that are finished as they are asked to.
#[derive(Debug)]
pub struct AsAsked {
    population: Arc<Population>,
    order: Arc<Vec<u32>>,
    ring: KeyRing,
    began: Instant,
    asked: AtomicU64,
    /// When, in milliseconds after the beginning, the first was asked for a code and the last was not.
    first_asked: AtomicU64,
    last_passed: AtomicU64,
}

/// How logins went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Logins that were asked for a code, and gave it.
    pub asked: u64,
    /// Milliseconds after the beginning at which the first of these was begun.
    pub first_asked: Option<u64>,
    /// Milliseconds after the beginning at which the last was begun that was let pass.
    pub last_passed: Option<u64>,
}

impl AsAsked {
    /// Of these users; times are counted from `began`.
    #[must_use]
    pub fn new(population: Arc<Population>, order: Arc<Vec<u32>>, ring: KeyRing, began: Instant) -> Self {
        let (asked, first_asked, last_passed) = (AtomicU64::new(0), AtomicU64::new(u64::MAX), AtomicU64::new(u64::MAX));
        Self { population, order, ring, began, asked, first_asked, last_passed }
    }

    /// How they went.
    #[must_use]
    pub fn asked(&self) -> Asked {
        let at = |at: &AtomicU64| Some(at.load(Ordering::Relaxed)).filter(|at| *at != u64::MAX);
        let asked = self.asked.load(Ordering::Relaxed);
        Asked { asked, first_asked: at(&self.first_asked), last_passed: at(&self.last_passed) }
    }

    fn note(&self, asked: bool, begun: u64) {
        if asked {
            self.asked.fetch_add(1, Ordering::Relaxed);
            self.first_asked.fetch_min(begun, Ordering::Relaxed);
        } else {
            let later = |last: u64| Some(if last == u64::MAX { begun } else { last.max(begun) });
            let _ = self.last_passed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
        }
    }
}

impl Scenario for AsAsked {
    async fn run(&self, n: usize, connection: &mut Connection) -> anyhow::Result<bool> {
        let Some(user) = self.order.get(n).map(|user| *user as usize) else { return Ok(false) };
        let tenant = &self.population.tenants[self.population.users[user].tenant as usize];
        let begun = u64::try_from(self.began.elapsed().as_millis())?;
        let body = ask_evaluate(connection, &tenant.api_key, user, "id outcome methods{id}").await?;
        let asked = find(body, br#""outcome":"CHALLENGE""#).is_some();
        if asked {
            let body = body.to_vec();
            Finish { tenant, ring: &self.ring }.after(body, connection).await?;
        } else {
            ensure!(find(body, br#""outcome":"ALLOW""#).is_some(), String::from_utf8_lossy(body).into_owned());
        }
        self.note(asked, begun);
        Ok(true)
    }
}

/// Something asked again and again of a gateway that may be asked too much: what it turns away does not end it.
#[derive(Debug)]
pub struct AsMuchAsItTakes<S> {
    asked: S,
    turned_away: AtomicU64,
}

impl<S> AsMuchAsItTakes<S> {
    /// Of this.
    pub const fn new(asked: S) -> Self {
        Self { asked, turned_away: AtomicU64::new(0) }
    }

    /// How often it was.
    pub fn turned_away(&self) -> u64 {
        self.turned_away.load(Ordering::Relaxed)
    }
}

impl<S: Scenario> Scenario for AsMuchAsItTakes<S> {
    async fn run(&self, n: usize, connection: &mut Connection) -> anyhow::Result<bool> {
        let answer = self.asked.run(n, connection).await;
        if answer.is_err() {
            self.turned_away.fetch_add(1, Ordering::Relaxed);
        }
        Ok(answer.unwrap_or(true))
    }
}

/// Whoever is paid for texts to a range of numbers: logins of one tenant that ask for a code and never give it.
#[derive(Debug)]
pub struct Pump {
    population: Arc<Population>,
    users: Vec<u32>,
    /// Codes that were promised.
    pub promised: AtomicU64,
    /// Codes that were refused.
    pub refused: AtomicU64,
}

impl Pump {
    /// By a tenant's users.
    #[must_use]
    pub fn new(population: Arc<Population>, tenant: u32) -> Self {
        let of = |n: &u32| population.users[*n as usize].tenant == tenant && level(*n as usize) == SecurityLevel::High;
        let users = (0..population.size.users).filter(of).collect();
        Self { population, users, promised: AtomicU64::new(0), refused: AtomicU64::new(0) }
    }
}

impl Scenario for Pump {
    async fn run(&self, n: usize, connection: &mut Connection) -> anyhow::Result<bool> {
        let user = self.users[n % self.users.len()] as usize;
        let key = &self.population.tenants[self.population.users[user].tenant as usize].api_key;
        let body = ask_evaluate(connection, key, user, "id methods{id}").await?;
        let login = value_after(body, br#""login":{"id":""#).context("a login without an id")?.to_owned();
        let Some(method) = value_after(body, br#""methods":[{"id":""#).map(str::to_owned) else {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Ok(true);
        };
        let body = ask_start(connection, key, &login, &method).await?;
        let count = if find(body, br#""userErrors":[]"#).is_some() { &self.promised } else { &self.refused };
        count.fetch_add(1, Ordering::Relaxed);
        Ok(true)
    }
}
