//! The invoice of a period as it stands.

use std::collections::BTreeMap;

use crate::{BilledDay, BillingPeriod, InvoiceLine, Money, MoneyError, Terms};

/// What would be to pay if the period ended now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftInvoice {
    /// The period.
    pub period: BillingPeriod,
    /// The fee, then the dearest first; those of which nothing was used are left out.
    pub lines: Vec<DraftLine>,
    /// All lines together.
    pub total: Money,
}

/// A line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftLine {
    /// What for.
    pub line: InvoiceLine,
    /// How much was used in the period.
    pub used: i64,
    /// What of that the plan includes.
    pub included: i64,
    /// Of earlier periods, whose invoices were written without them.
    pub carried: i64,
    /// What is billed: used less included and with what is carried; never below zero.
    pub billed: i64,
    /// What one costs.
    pub price: Money,
    /// Rounded half up to the minor unit, once.
    pub amount: Money,
}

#[derive(Default)]
struct Sums {
    used: i64,
    billed: i64,
    carried: i64,
}

impl DraftInvoice {
    /// Adds days up to lines.
    ///
    /// # Errors
    /// For amounts that cannot be counted.
    pub fn of(
        terms: &Terms,
        period: BillingPeriod,
        days: &[BilledDay],
        carried: &[(InvoiceLine, i64)],
    ) -> Result<Self, MoneyError> {
        let mut sums: BTreeMap<&InvoiceLine, Sums> = BTreeMap::new();
        for day in days {
            let of = sums.entry(&day.line).or_default();
            of.used += day.used;
            of.billed += day.billed;
        }
        for (line, units) in carried {
            sums.entry(line).or_default().carried += units;
        }
        let mut lines = Vec::new();
        let mut total = Money::zero(terms.currency());
        for (line, price) in terms.lines() {
            if let Some(sums) = sums.get(&line) {
                let drawn = sums.draw(line, price)?;
                total = total.plus(drawn.amount)?;
                lines.push(drawn);
            }
        }
        Ok(Self { period, lines, total })
    }
}

impl Sums {
    fn draw(&self, line: InvoiceLine, price: Money) -> Result<DraftLine, MoneyError> {
        let units = u64::try_from(self.billed + self.carried).unwrap_or(0);
        Ok(DraftLine {
            line,
            used: self.used,
            included: self.used - self.billed,
            carried: self.carried,
            billed: i64::try_from(units).unwrap_or(i64::MAX),
            price,
            amount: price.times(units)?.rounded(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invoice::terms::tests::shipped;
    use crate::{BilledChannel, DayUnits, bill};

    fn june() -> BillingPeriod {
        BillingPeriod::of("2026-06-15T00:00:00Z".parse().unwrap())
    }

    fn text(units: i64) -> DayUnits {
        DayUnits { day: june().first_day, line: InvoiceLine::Usage(BilledChannel::Sms, "US_CA".to_owned()), units }
    }

    fn draft(plan: &str, days: &[DayUnits], carried: &[(InvoiceLine, i64)]) -> DraftInvoice {
        let terms = shipped(plan);
        DraftInvoice::of(&terms, june(), &bill(&terms, june(), days), carried).unwrap()
    }

    #[test]
    fn a_line_is_rounded_once_and_lines_are_added_up() {
        let invoice = draft("team", &[text(4_001), text(1)], &[]);
        let lines: Vec<_> =
            invoice.lines.iter().map(|line| (line.billed, line.included, line.amount.to_string())).collect();
        // 0.015 is rounded up.
        assert_eq!(lines, [(1, 0, "49.00".to_owned()), (2, 4_000, "0.02".to_owned())]);
        assert_eq!(invoice.total.to_string(), "49.02");
        // Three texts are 0.0225; each by itself would be 0.01.
        assert_eq!(draft("team", &[text(4_003)], &[]).total.to_string(), "49.02");
    }

    #[test]
    fn what_is_carried_is_billed_and_nothing_is_paid_out() {
        let line = text(0).line;
        let invoice = draft("pay_as_you_go", &[text(10)], &[(line.clone(), 5)]);
        assert_eq!(
            (invoice.lines[0].billed, invoice.lines[0].carried, invoice.total.to_string().as_str()),
            (15, 5, "0.12")
        );
        let below = draft("pay_as_you_go", &[text(-3)], &[(line, 1)]);
        assert_eq!((below.lines[0].billed, below.total.to_string().as_str()), (0, "0.00"));
        assert_eq!(draft("pay_as_you_go", &[], &[]).lines, []);
    }
}
