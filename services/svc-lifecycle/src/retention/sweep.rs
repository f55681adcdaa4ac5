//! Removing what is over, tenant by tenant.

use std::collections::BTreeMap;

use core_kernel::{Fault, TenantId, Timestamp};
use io_postgres::{DbError, TenantTx};
use svc_platform::tenants_after;

use super::rules::RULES;
use crate::Caretaker;
use crate::store::tenants::take;

/// The most rows of a kind that one transaction removes.
const AT_ONCE: i64 = 1000;

/// What a sweep removed, by what it was; kinds of which there was nothing are not among them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Swept(pub BTreeMap<&'static str, u64>);

/// Into how many turns a day is divided.
const TURNS: i64 = 24;

/// The turn of a moment: hours since 1970.
fn turn_at(now: Timestamp) -> i64 {
    now.timestamp().div_euclid(3_600).rem_euclid(TURNS)
}

/// The turn of a tenant, by what is random in its identifier.
fn turn_of(tenant: TenantId) -> i64 {
    i64::from(tenant.0.as_bytes()[15]).rem_euclid(TURNS)
}

impl Caretaker {
    /// Removes what is over, of all tenants. Where another process is at a tenant, that one is left to
    /// it; one at which something fails is left for the next call.
    ///
    /// # Errors
    /// When it cannot be asked which tenants there are; what was removed until then stays removed.
    pub async fn sweep(&self) -> Result<Swept, Fault> {
        self.sweep_those(|_| true).await
    }

    /// The same, asked for every hour: where there are very many tenants, of those alone whose hour of the day it is.
    /// To look at all of them, at most of which nothing is over, would take longer than that hour.
    ///
    /// # Errors
    /// See [`Self::sweep`].
    pub async fn sweep_in_turn(&self) -> Result<Swept, Fault> {
        if !self.has_many_tenants().await? {
            return self.sweep().await;
        }
        let turn = turn_at(self.platform.now());
        self.sweep_those(|tenant| turn_of(tenant) == turn).await
    }

    async fn has_many_tenants(&self) -> Result<bool, Fault> {
        let (mut seen, mut after) = (0, None);
        loop {
            let tenants = tenants_after(&self.platform.database, after).await?;
            let Some(last) = tenants.last() else { return Ok(false) };
            (seen, after) = (seen + tenants.len(), Some(*last));
            if seen > self.many {
                return Ok(true);
            }
        }
    }

    async fn sweep_those(&self, wanted: impl Fn(TenantId) -> bool) -> Result<Swept, Fault> {
        let mut swept = Swept::default();
        let mut after = None;
        loop {
            let tenants = tenants_after(&self.platform.database, after).await?;
            let Some(last) = tenants.last() else { return Ok(swept) };
            after = Some(*last);
            for tenant in tenants.iter().filter(|tenant| wanted(**tenant)) {
                if let Err(error) = self.sweep_tenant(*tenant, &mut swept).await {
                    tracing::warn!(tenant_id = %tenant, error = %error, "what is over of a tenant stays for now");
                }
            }
        }
    }

    async fn sweep_tenant(&self, tenant: TenantId, swept: &mut Swept) -> Result<(), DbError> {
        while self.sweep_once(tenant, swept).await? {}
        Ok(())
    }

    /// One transaction for one tenant; whether there is more.
    async fn sweep_once(&self, tenant: TenantId, swept: &mut Swept) -> Result<bool, DbError> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        if !take(&mut tx).await? {
            return Ok(false);
        }
        let now = tx.tenant_now().await?;
        let mut more = false;
        for rule in &RULES {
            let removed = sqlx::query(rule.sql)
                .bind(tenant.0)
                .bind(now - (rule.after)(&self.retention))
                .bind(AT_ONCE)
                .execute(tx.connection())
                .await?
                .rows_affected();
            more |= removed >= AT_ONCE.unsigned_abs();
            if removed > 0 {
                *swept.0.entry(rule.what).or_default() += removed;
            }
        }
        tx.commit().await?;
        Ok(more)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_tenant_has_one_turn_a_day() {
        let hours: BTreeSet<_> =
            (0..24).map(|hour| turn_at(Timestamp::UNIX_EPOCH + chrono::Duration::hours(hour))).collect();
        let tenants: BTreeSet<_> = (0..256).map(|n| turn_of(TenantId(uuid::Uuid::from_u128(n)))).collect();
        assert_eq!((hours.len(), &hours), (24, &tenants));
    }
}
