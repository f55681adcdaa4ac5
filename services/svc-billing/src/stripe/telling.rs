//! Telling the totals of days.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use core_kernel::{Fault, TenantId, Timestamp};
use io_postgres::TenantTx;
use io_stripe::UsageTotal;

use super::catalog::event_name;
use super::{Collector, Trouble};
use crate::period::midnight;
use crate::queries::{load_plans, terms};
use crate::store::stripe::{self as store, PeriodRow, ToldDay};
use crate::{BilledDay, InvoiceLine, Terms, bill};

/// For so long after its end a period's last totals are told; Stripe takes them for an hour.
const LATE: TimeDelta = TimeDelta::minutes(30);

/// A total that Stripe has to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Total {
    pub(super) day: NaiveDate,
    pub(super) line: InvoiceLine,
    pub(super) units: i64,
    /// Another one for another total of the same day.
    pub(super) revision: i32,
}

impl Collector {
    /// Tells all totals that changed since they were told, of periods that Stripe still bills.
    pub(super) async fn tell(&self, tenant: TenantId, customer: &str, until: Timestamp) -> Result<(), Trouble> {
        for total in self.intend(tenant).await? {
            let now = self.platform.now();
            // Another worker might be telling a newer one.
            if now >= until {
                break;
            }
            self.tell_one(tenant, customer, &total, now).await?;
        }
        Ok(())
    }

    /// Commits what is about to be told.
    async fn intend(&self, tenant: TenantId) -> Result<Vec<Total>, Trouble> {
        let now = self.platform.now();
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let mut totals = Vec::new();
        for period in store::list_open_periods(&mut tx).await? {
            if now < period.period.end() + LATE {
                let (_, billed) = billed(&mut tx, &period).await?;
                let told = store::list_told(&mut tx, period.period).await?.map_err(Fault::internal)?;
                totals.extend(untold(&billed, &told));
            }
        }
        for total in &totals {
            store::upsert_intent(&mut tx, total.day, &total.line, total.units, total.revision).await?;
        }
        tx.commit().await?;
        Ok(totals)
    }

    async fn tell_one(&self, tenant: TenantId, customer: &str, total: &Total, now: Timestamp) -> Result<(), Trouble> {
        let identifier =
            format!("{}-{}-{}-{}", tenant.0.simple(), total.line.slug(), total.day.format("%Y%m%d"), total.revision);
        let told = UsageTotal {
            event_name: &event_name(&total.line),
            customer,
            units: total.units,
            at: now.min(last_second_of(total.day)),
            identifier: &identifier,
        };
        // Told before is as good as told now: this identifier never stood for another total.
        let _ = self.stripe.tell_usage(told).await?;
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        store::note_taken(&mut tx, total.day, &total.line, total.revision, total.units).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// The days of a period under the terms that Stripe bills it by.
pub(super) async fn billed(tx: &mut TenantTx, period: &PeriodRow) -> Result<(Terms, Vec<BilledDay>), Fault> {
    let plans = load_plans(tx).await?;
    let plan = plans.into_iter().map(|stored| stored.plan).find(|plan| plan.code == period.terms.plan);
    let plan = plan.ok_or_else(|| Fault::internal("a plan that is gone"))?;
    let terms = terms(tx, plan, Some(period.terms.version)).await?;
    let days = crate::store::list_day_units(tx, period.period, terms.currency()).await?.map_err(Fault::internal)?;
    let billed = bill(&terms, period.period, &days);
    Ok((terms, billed))
}

/// Totals by day and line: what is billed, and what is carried there.
pub(super) fn totals(billed: &[BilledDay], told: &[ToldDay]) -> BTreeMap<(NaiveDate, InvoiceLine), i64> {
    let mut totals = BTreeMap::new();
    for day in billed {
        *totals.entry((day.day, day.line.clone())).or_default() += day.billed;
    }
    for day in told {
        *totals.entry((day.day, day.line.clone())).or_default() += day.carried;
    }
    totals
}

/// What Stripe does not have as it should, as far as is known. A total that was told without an answer is
/// told again as it was, and one that has changed anew.
fn untold(billed: &[BilledDay], told: &[ToldDay]) -> Vec<Total> {
    let known = |day: NaiveDate, line: &InvoiceLine| told.iter().find(|it| it.day == day && it.line == *line);
    let due = |((day, line), units): ((NaiveDate, InvoiceLine), i64)| {
        let revision = match known(day, &line) {
            None if units == 0 => return None,
            None => 1,
            Some(before) if before.revision == 0 && units == 0 => return None,
            Some(before) if before.revision == 0 || before.units != units => before.revision + 1,
            Some(before) if before.taken == Some(units) => return None,
            Some(before) => before.revision,
        };
        Some(Total { day, line, units, revision })
    };
    totals(billed, told).into_iter().filter_map(due).collect()
}

fn last_second_of(day: NaiveDate) -> Timestamp {
    midnight(day) + TimeDelta::seconds(24 * 60 * 60 - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 6, 3).unwrap()
    }

    fn billed(units: i64) -> BilledDay {
        BilledDay { day: day(), line: InvoiceLine::Plan, used: units, billed: units }
    }

    fn told(units: i64, revision: i32, taken: Option<i64>) -> ToldDay {
        ToldDay { day: day(), line: InvoiceLine::Plan, carried: 0, units, revision, taken }
    }

    fn next(billed: &[BilledDay], told: &[ToldDay]) -> Vec<(i64, i32)> {
        untold(billed, told).iter().map(|total| (total.units, total.revision)).collect()
    }

    #[test]
    fn what_is_new_or_changed_or_unanswered_is_told() {
        assert_eq!(next(&[billed(3)], &[]), [(3, 1)]);
        assert_eq!(next(&[billed(0)], &[]), []);
        assert_eq!(next(&[billed(3)], &[told(3, 1, Some(3))]), []);
        assert_eq!(next(&[billed(3)], &[told(3, 1, None)]), [(3, 1)], "the same again");
        assert_eq!(next(&[billed(4)], &[told(3, 1, None)]), [(4, 2)]);
        assert_eq!(next(&[billed(4)], &[told(3, 1, Some(3))]), [(4, 2)]);
        assert_eq!(next(&[billed(3)], &[told(3, 3, Some(4))]), [(3, 3)], "back to an earlier total");
        assert_eq!(next(&[], &[told(3, 1, Some(3))]), [(0, 2)], "all of it was taken back");
    }

    #[test]
    fn what_is_carried_is_part_of_the_days_total() {
        let carried = ToldDay { carried: 5, ..told(0, 0, None) };
        assert_eq!(next(&[billed(3)], std::slice::from_ref(&carried)), [(8, 1)]);
        assert_eq!(next(&[], &[carried]), [(5, 1)]);
        assert_eq!(next(&[], &[ToldDay { carried: 5, ..told(5, 1, Some(5)) }]), []);
    }
}
