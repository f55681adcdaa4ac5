//! Closing a period: what its invoice does not bill goes into the next.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use core_kernel::{Fault, TenantId};
use io_postgres::TenantTx;

use super::telling::{billed, totals};
use super::{Collector, Trouble};
use crate::store::stripe::{self as store, PeriodRow, ToldDay};
use crate::{InvoiceLine, Terms};

/// When a period is closed, after its end: nothing is told of it any more, and what was has arrived.
const SETTLED: TimeDelta = TimeDelta::minutes(75);

/// Units by day and line.
type Totals = BTreeMap<(NaiveDate, InvoiceLine), i64>;

impl Collector {
    /// Closes the periods that Stripe has billed.
    pub(super) async fn close_periods(&self, tenant: TenantId, customer: &str) -> Result<(), Trouble> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let open = store::list_open_periods(&mut tx).await?;
        tx.rollback().await?;
        for period in open {
            if self.platform.now() >= period.period.end() + SETTLED {
                self.close(tenant, customer, &period).await?;
            }
        }
        Ok(())
    }

    async fn close(&self, tenant: TenantId, customer: &str, period: &PeriodRow) -> Result<(), Trouble> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let (terms, billed) = billed(&mut tx, period).await?;
        let told = store::list_told(&mut tx, period.period).await?.map_err(Fault::internal)?;
        tx.rollback().await?;
        let due = totals(&billed, &told);
        let counted = self.counted(customer, &terms, period, &due, &told).await?;
        let now = self.platform.now();
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        for (line, units) in missing(&due, &counted) {
            tracing::warn!(tenant_id = %tenant, period = %period.period.first_day, line = line.slug(), units,
                "not billed in its period; it is carried to today");
            store::carry(&mut tx, now.date_naive(), &line, units).await?;
        }
        store::close_period(&mut tx, period.period, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What Stripe has of the period. Of days that it answered for that is known; of the others it is asked.
    async fn counted(
        &self,
        customer: &str,
        terms: &Terms,
        period: &PeriodRow,
        due: &Totals,
        told: &[ToldDay],
    ) -> Result<Totals, Trouble> {
        let answered = |day: NaiveDate, line: &InvoiceLine| {
            let found = told.iter().find(|it| it.day == day && it.line == *line);
            found.filter(|it| it.taken == Some(it.units)).map(|it| it.units)
        };
        let mut counted = Totals::new();
        let mut doubtful: Vec<InvoiceLine> = Vec::new();
        for ((day, line), units) in due {
            match answered(*day, line) {
                Some(known) => _ = counted.insert((*day, line.clone()), known),
                None if *units == 0 && !told.iter().any(|it| it.day == *day && it.line == *line) => {}
                None if doubtful.contains(line) => {}
                None => doubtful.push(line.clone()),
            }
        }
        for line in doubtful {
            for (day, units) in self.at_stripe(customer, terms, period, &line).await? {
                counted.entry((day, line.clone())).or_insert(units);
            }
        }
        Ok(counted)
    }

    /// What the meter of a line has of a period, by day.
    pub(super) async fn at_stripe(
        &self,
        customer: &str,
        terms: &Terms,
        period: &PeriodRow,
        line: &InvoiceLine,
    ) -> Result<Vec<(NaiveDate, i64)>, Trouble> {
        let catalog = self.catalog(terms).await?;
        let meter = catalog.meters.get(line).ok_or_else(|| Fault::internal("a line without a meter"))?;
        let (first, end) = (period.period.first_day, period.period.next);
        let days = self.stripe.usage(&meter.id, customer, first, end).await?;
        Ok(days.into_iter().map(|day| (day.day, day.units)).collect())
    }
}

/// Line by line what is due and not counted. Stripe bills nothing of a line that is below zero: what was
/// taken back there is carried too.
fn missing(due: &Totals, counted: &Totals) -> Vec<(InvoiceLine, i64)> {
    let by_line = |totals: &Totals| {
        let mut sums: BTreeMap<InvoiceLine, i64> = BTreeMap::new();
        for ((_, line), units) in totals {
            *sums.entry(line.clone()).or_default() += units;
        }
        sums
    };
    let counted = by_line(counted);
    let rest = |(line, units): (InvoiceLine, i64)| {
        let rest = units - counted.get(&line).copied().unwrap_or(0).max(0);
        (rest != 0).then_some((line, rest))
    };
    by_line(due).into_iter().filter_map(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(units: &[i64]) -> Totals {
        let day = |at: usize| NaiveDate::from_ymd_opt(2026, 6, u32::try_from(at + 1).unwrap()).unwrap();
        units.iter().enumerate().map(|(at, units)| ((day(at), InvoiceLine::Plan), *units)).collect()
    }

    #[test]
    fn what_was_not_counted_is_carried_and_so_is_what_was_taken_back() {
        let carried = |due: &[i64], counted: &[i64]| missing(&of(due), &of(counted)).first().map(|(_, units)| *units);
        assert_eq!(carried(&[3, 4], &[3, 4]), None);
        assert_eq!(carried(&[3, 4], &[3]), Some(4));
        assert_eq!(carried(&[3, 4], &[3, 9]), Some(-5));
        assert_eq!(carried(&[-2], &[-2]), Some(-2), "Stripe bills nothing and pays nothing out");
        assert_eq!(carried(&[5, -2], &[5, -2]), None);
    }
}
