//! One simulation, from its newest login to its findings.

use std::time::Duration;

use core_kernel::Fault;
use core_policy::FactorKind;
use io_postgres::{DbError, TenantTx};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::SimulationWorker;
use super::pages::{Page, Place};
use crate::replay::{PastLogin, PhoneToPrice, Replay};
use crate::store::{self, Claim};

/// Logins between two breaths, so that a page does not keep a thread from others.
const BREATH: usize = 250;

/// How work on a claim ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// With findings.
    Completed,
    /// The simulation was cancelled, or is another worker's by now.
    NotOurs,
    /// The worker was told to stop.
    Stopped,
}

impl SimulationWorker {
    pub(super) async fn simulate(&self, claim: &Claim, stop: &CancellationToken) -> Result<Ended, Fault> {
        let prices = svc_billing::price_list(&self.platform.database, claim.price_version).await?;
        let mut replay = Replay::new(claim.policy.clone(), prices);
        self.forget_earlier_attempt(claim).await?;
        let mut place = Some(Place::newest(claim));
        while let Some(begins) = place {
            let began = Instant::now();
            let page = Page::read(&self.platform.database, claim, begins, self.next_limit(&replay)).await?;
            decide_again(&mut replay, &page).await?;
            self.price(claim, &mut replay).await?;
            if !self.keep(claim, &replay).await? {
                return Ok(Ended::NotOurs);
            }
            if self.rest(began.elapsed(), stop).await {
                return Ok(Ended::Stopped);
            }
            place = page.next.filter(|_| self.next_limit(&replay) > 0);
        }
        self.conclude(claim, replay, stop).await
    }

    async fn forget_earlier_attempt(&self, claim: &Claim) -> Result<(), Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, claim.tenant).await?;
        store::delete_locked_out(&mut tx, claim.id).await?;
        Ok(tx.commit().await?)
    }

    /// A page, or what is left of the most.
    fn next_limit(&self, replay: &Replay) -> i64 {
        let (replayed, skipped) = replay.progress();
        self.options.page.min(i64::from(self.options.max_logins) - i64::from(replayed) - i64::from(skipped))
    }

    /// Messages that wait for the country of a phone.
    async fn price(&self, claim: &Claim, replay: &mut Replay) -> Result<(), Fault> {
        let users = replay.unpriced();
        let mut phones = Vec::new();
        if !users.is_empty() {
            let mut tx = TenantTx::begin(&self.platform.database, claim.tenant).await?;
            store::read_only(&mut tx).await?;
            let found = store::list_phones(&mut tx, &users).await?;
            tx.rollback().await?;
            phones.extend(found.into_iter().filter_map(|(user, kind, country)| {
                let role = FactorKind::parse(&kind)?.phone_role()?;
                Some(PhoneToPrice { user, role, country })
            }));
        }
        replay.price(&phones);
        Ok(())
    }

    async fn keep(&self, claim: &Claim, replay: &Replay) -> Result<bool, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, claim.tenant).await?;
        let kept = store::keep(&mut tx, claim, replay.progress(), self.options.lease.as_secs_f64()).await?;
        tx.commit().await?;
        Ok(kept)
    }

    /// Whether it was told to stop.
    async fn rest(&self, worked: Duration, stop: &CancellationToken) -> bool {
        tokio::select! {
            biased;
            () = stop.cancelled() => true,
            () = tokio::time::sleep(worked.mul_f64(self.options.rest)) => false,
        }
    }
}

async fn decide_again(replay: &mut Replay, page: &Page) -> Result<(), Fault> {
    let mut sent = &page.sent[..];
    for (number, row) in page.rows.iter().enumerate() {
        if number % BREATH == BREATH - 1 {
            tokio::task::yield_now().await;
        }
        let id = PastLogin::id_of(row).map_err(DbError::from)?;
        // Both come newest first; what was sent for a login that is not of this page is passed over.
        let from = sent.iter().take_while(|codes| codes.login_id > id).count();
        let to = from + sent[from..].iter().take_while(|codes| codes.login_id == id).count();
        let own = &sent[from..to];
        sent = &sent[to..];
        match PastLogin::read(row).map_err(DbError::from)? {
            Some(login) => replay.take(&login, own),
            None => replay.skip(),
        }
    }
    Ok(())
}
