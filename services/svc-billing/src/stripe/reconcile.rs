//! Comparing the ledger, what was told, and what Stripe has.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use core_kernel::{Fault, TenantId};
use io_postgres::{NoTenant, TenantTx};

use super::telling::{billed, totals};
use super::{Collector, Difference, Report, Trouble};
use crate::store::stripe::{self as store, PeriodRow, ToldDay};
use crate::{BilledDay, BillingPeriod, DayUnits, DraftInvoice, InvoiceLine, Terms};

/// The most tenants of one question.
const TENANTS: i32 = 64;

/// What one comparison is about.
struct Comparison<'a> {
    report: &'a mut Report,
    tenant: TenantId,
    period: BillingPeriod,
}

/// All that is known here of a period.
struct Books {
    terms: Terms,
    ledger: Vec<(InvoiceLine, i64)>,
    sums: Vec<DayUnits>,
    billed: Vec<BilledDay>,
    told: Vec<ToldDay>,
}

impl Collector {
    /// Compares, for every customer, the running period and the one before it: the ledger with its daily
    /// sums, these with what Stripe was told (of days that are over), that with what Stripe has, and the
    /// invoice that Stripe would write with ours. Stripe takes some minutes over what it is told: what differs
    /// and agrees a little later was on its way.
    ///
    /// # Errors
    /// When the database fails; tenants of which Stripe says nothing are part of the report.
    pub async fn reconcile(&self) -> Result<Report, Fault> {
        let (mut report, mut after) = (Report::default(), None);
        loop {
            let mut connection = NoTenant::acquire(&self.platform.database).await?;
            let tenants = store::tenants_with_stripe(&mut connection, after, TENANTS).await?;
            drop(connection);
            let Some(last) = tenants.last() else { break };
            after = Some(*last);
            for tenant in tenants {
                report.tenants += 1;
                if let Err(trouble) = Box::pin(self.reconcile_tenant(tenant, &mut report)).await {
                    report.unknown.push((tenant, trouble.to_string()));
                }
            }
        }
        Ok(report)
    }

    async fn reconcile_tenant(&self, tenant: TenantId, report: &mut Report) -> Result<(), Trouble> {
        let current = BillingPeriod::of(self.platform.now());
        let previous = current.first_day.checked_sub_months(Months::new(1)).map(BillingPeriod::beginning);
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let account = store::find_account(&mut tx).await?;
        tx.rollback().await?;
        let Some((customer, subscription)) = account.and_then(|it| Some((it.customer_id?, it.subscription_id?))) else {
            return Ok(());
        };
        for period in previous.into_iter().chain([current]) {
            let Some((row, books)) = self.books(tenant, period).await? else { continue };
            let mut comparison = Comparison { report, tenant, period };
            comparison.inside(&books, self.platform.now().date_naive(), row.closed);
            for (line, _) in books.terms.lines() {
                let days = self.at_stripe(&customer, &books.terms, &row, &line).await?;
                comparison.meter(&books, &line, &days);
            }
            if period == current {
                let theirs = self.stripe.preview(&subscription).await?;
                comparison.invoice(&books, &theirs)?;
            }
        }
        Ok(())
    }

    async fn books(&self, tenant: TenantId, period: BillingPeriod) -> Result<Option<(PeriodRow, Books)>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let Some(row) = store::find_period(&mut tx, period).await? else { return Ok(None) };
        let (terms, billed) = billed(&mut tx, &row).await?;
        let ledger = store::ledger_units(&mut tx, period).await?.map_err(Fault::internal)?;
        let sums = crate::store::list_day_units(&mut tx, period, terms.currency()).await?.map_err(Fault::internal)?;
        let told = store::list_told(&mut tx, period).await?.map_err(Fault::internal)?;
        Ok(Some((row, Books { terms, ledger, sums, billed, told })))
    }
}

impl Comparison<'_> {
    fn compare(&mut self, of: impl Into<String>, left: (&'static str, i64), right: (&'static str, i64)) {
        self.report.compared += 1;
        if left.1 != right.1 {
            let shown = |(place, number): (&'static str, i64)| (place, number.to_string());
            let (tenant, period) = (self.tenant, self.period.first_day);
            let (left, right) = (shown(left), shown(right));
            self.report.differences.push(Difference { tenant, period, of: of.into(), left, right });
        }
    }

    /// The ledger against its sums, and these against what was told. What a closed period was not told
    /// has been carried on.
    fn inside(&mut self, books: &Books, today: NaiveDate, closed: bool) {
        let mut sums: BTreeMap<&InvoiceLine, i64> = BTreeMap::new();
        for day in &books.sums {
            *sums.entry(&day.line).or_default() += day.units;
        }
        for (line, units) in &books.ledger {
            let summed = sums.remove(line).unwrap_or(0);
            self.compare(line.slug(), ("the ledger has", *units), ("its sums", summed));
        }
        for (line, units) in sums {
            self.compare(line.slug(), ("the ledger has", 0), ("its sums", units));
        }
        if closed {
            return;
        }
        for ((day, line), units) in totals(&books.billed, &books.told) {
            if day < today {
                let told = books.told.iter().find(|it| it.day == day && it.line == line);
                let taken = told.and_then(|it| it.taken).unwrap_or(0);
                self.compare(format!("{} on {day}", line.slug()), ("due are", units), ("told", taken));
            }
        }
    }

    /// What was told against what the meter has.
    fn meter(&mut self, books: &Books, line: &InvoiceLine, at_stripe: &[(NaiveDate, i64)]) {
        let mut theirs: BTreeMap<NaiveDate, i64> = at_stripe.iter().copied().collect();
        for told in books.told.iter().filter(|told| told.line == *line) {
            if let Some(taken) = told.taken {
                let has = theirs.remove(&told.day).unwrap_or(0);
                self.compare(format!("{} on {}", line.slug(), told.day), ("told were", taken), ("Stripe has", has));
            }
        }
        let unheard = |day: &NaiveDate| !books.told.iter().any(|told| told.line == *line && told.day == *day);
        for (day, units) in theirs.into_iter().filter(|(day, _)| unheard(day)) {
            self.compare(format!("{} on {day}", line.slug()), ("told were", 0), ("Stripe has", units));
        }
    }

    /// Stripe's next invoice against what it would be by what it was told, in minor units.
    fn invoice(&mut self, books: &Books, theirs: &io_stripe::Preview) -> Result<(), Fault> {
        let told = |day: &ToldDay| {
            let billed = day.taken.unwrap_or(0);
            BilledDay { day: day.day, line: day.line.clone(), used: billed, billed }
        };
        let days: Vec<_> = books.told.iter().map(told).collect();
        let ours = DraftInvoice::of(&books.terms, self.period, &days, &[]).map_err(Fault::internal)?;
        let minor = i64::try_from(ours.total.millionths() / 1_000_000).map_err(Fault::internal)?;
        self.compare("the next invoice in minor units", ("ours is", minor), ("Stripe's", theirs.total));
        Ok(())
    }
}
