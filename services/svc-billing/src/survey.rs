//! What all tenants together have spent, and how many are near their caps: for whoever watches the
//! installation, to whom no single tenant is told.
//!
//! There is no way round going from tenant to tenant: row-level security shows one at a time. So it is done
//! slowly, and what is told is as old as the round.

use std::collections::BTreeMap;
use std::time::Duration;

use core_kernel::{Fault, TenantId};
use io_postgres::{DbError, TenantTx};
use svc_platform::{Platform, tenants_after};

use crate::store::{self, SpendingRow};

/// After each tenant: no more than fifty are asked in a second.
const REST: Duration = Duration::from_millis(20);
const MILLIONTHS: f64 = 1e6;

/// What a round found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Survey {
    /// Tenants, those of sandboxes too.
    pub tenants: u64,
    /// What LIVE tenants' messages have cost in this month, by currency, in its minor unit.
    pub spent: BTreeMap<String, f64>,
    /// Tenants with a cap of which less than 80 % is used, 80 % and more, all of it.
    pub capped: [u64; 3],
}

impl Survey {
    fn add(&mut self, found: &SpendingRow) {
        self.tenants += 1;
        if let Some(currency) = &found.currency {
            *self.spent.entry(currency.clone()).or_default() += minor_units(found.amount);
        }
        if let Some(cap) = found.cap {
            self.capped[used(found.committed, cap)] += 1;
        }
    }
}

/// 0: under 80 %; 1: 80 % and more; 2: no room is left.
fn used(committed: i64, cap: i64) -> usize {
    let (committed, cap) = (i128::from(committed), i128::from(cap));
    usize::from(committed * 10 >= cap * 8) + usize::from(committed >= cap)
}

#[expect(clippy::cast_precision_loss, reason = "for a gauge; the ledger is exact")]
fn minor_units(millionths: i64) -> f64 {
    millionths as f64 / MILLIONTHS
}

/// One round through all tenants.
///
/// # Errors
/// When the database fails.
pub async fn survey(platform: &Platform) -> Result<Survey, Fault> {
    let (mut survey, mut after) = (Survey::default(), None);
    loop {
        let tenants = tenants_after(&platform.database, after).await?;
        let Some(last) = tenants.last() else { return Ok(survey) };
        after = Some(*last);
        for tenant in tenants {
            if let Some(found) = spending(platform, tenant).await? {
                survey.add(&found);
            }
            tokio::time::sleep(REST).await;
        }
    }
}

async fn spending(platform: &Platform, tenant: TenantId) -> Result<Option<SpendingRow>, DbError> {
    let mut tx = TenantTx::begin(&platform.database, tenant).await?;
    let found = store::find_spending(&mut tx).await?;
    tx.rollback().await?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cap_is_near_at_four_fifths_and_reached_at_all_of_it() {
        assert_eq!(
            [used(0, 10), used(7, 10), used(8, 10), used(9, 10), used(10, 10), used(11, 10)],
            [0, 0, 1, 1, 2, 2]
        );
        assert_eq!(used(0, 0), 2, "a cap of nothing leaves no room");
        assert_eq!(used(i64::MAX, i64::MAX), 2);
    }

    #[test]
    fn sums_are_by_currency_and_know_no_tenant() {
        let mut survey = Survey::default();
        let spending = |currency: Option<&str>, amount, cap| SpendingRow {
            currency: currency.map(str::to_owned),
            amount,
            cap,
            committed: amount,
        };
        survey.add(&spending(Some("USD"), 1_500_000, Some(10_000_000)));
        survey.add(&spending(Some("USD"), 500_000, Some(500_000)));
        survey.add(&spending(Some("EUR"), 7, None));
        survey.add(&spending(None, 0, None));
        assert_eq!((survey.tenants, survey.capped), (4, [1, 0, 1]));
        assert!((survey.spent["USD"] - 2.0).abs() < 1e-9 && survey.spent.len() == 2);
    }
}
