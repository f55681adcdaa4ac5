//! Which units of a day are billed, and which the plan includes.

use chrono::NaiveDate;

use crate::{BillingPeriod, InvoiceLine, Terms};

/// What the ledger says of a line and a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayUnits {
    /// A UTC day.
    pub day: NaiveDate,
    /// What was used.
    pub line: InvoiceLine,
    /// How much, corrections deducted.
    pub units: i64,
}

/// What of it is billed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BilledDay {
    /// A UTC day.
    pub day: NaiveDate,
    /// What was used.
    pub line: InvoiceLine,
    /// How much.
    pub used: i64,
    /// What of that is not included in the plan; below zero where more is taken back than was used.
    pub billed: i64,
}

/// Bills the days of a period. The included units are used up day by day, and within a day by the dearest
/// line first. What a past day bills depends on earlier days alone, so that it stands once the day is over.
///
/// A correction that takes units back takes back what was billed last: over the period as many units
/// are billed as were used beyond the included ones, in whatever order they came.
#[must_use]
pub fn bill(terms: &Terms, period: BillingPeriod, days: &[DayUnits]) -> Vec<BilledDay> {
    let mut days: Vec<&DayUnits> = days.iter().filter(|entry| period.holds(entry.day)).collect();
    days.sort_by_key(|entry| (entry.day, terms.rank(&entry.line)));
    let included = i64::from(terms.plan().included_units);
    let mut used = 0_i64;
    let mut billed = fee(terms, period);
    for entry in days {
        let before = beyond(used, included);
        used += entry.units;
        let units = beyond(used, included) - before;
        billed.push(BilledDay { day: entry.day, line: entry.line.clone(), used: entry.units, billed: units });
    }
    billed
}

/// What of a period's units is billed. Below zero it is what was billed in an earlier period.
fn beyond(used: i64, included: i64) -> i64 {
    used - used.clamp(0, included)
}

/// A month of the plan, on the period's first day; a plan without a fee has no such line.
fn fee(terms: &Terms, period: BillingPeriod) -> Vec<BilledDay> {
    let month = || BilledDay { day: period.first_day, line: InvoiceLine::Plan, used: 1, billed: 1 };
    (terms.plan().monthly.millionths() > 0).then(month).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::BilledChannel::{Email, Sms, Voice};
    use crate::invoice::terms::tests::shipped;

    fn june() -> BillingPeriod {
        BillingPeriod::of("2026-06-15T00:00:00Z".parse().unwrap())
    }

    fn day(of: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 6, of).unwrap()
    }

    fn used(of: u32, channel: crate::BilledChannel, group: &str, units: i64) -> DayUnits {
        DayUnits { day: day(of), line: InvoiceLine::Usage(channel, group.to_owned()), units }
    }

    fn billed(plan: &str, days: &[DayUnits]) -> Vec<(String, i64)> {
        let shown = |entry: &BilledDay| (format!("{} {}", entry.day.format("%d"), entry.line.slug()), entry.billed);
        bill(&shipped(plan), june(), days).iter().map(shown).collect()
    }

    fn lines(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
        expected.iter().map(|(name, units)| ((*name).to_owned(), *units)).collect()
    }

    #[test]
    fn a_plan_without_included_units_bills_what_was_used() {
        let days = [used(2, Sms, "US_CA", 3), used(1, Email, "REST", 1), used(2, Sms, "US_CA", -1)];
        let expected = [("01 email_rest", 1), ("02 sms_us_ca", 3), ("02 sms_us_ca", -1)];
        assert_eq!(billed("pay_as_you_go", &days), lines(&expected));
    }

    #[test]
    fn included_units_run_out_by_day_and_within_it_the_dearest_first() {
        // 4,000 are included.
        let days = [
            used(1, Sms, "US_CA", 3_990),
            used(2, Email, "REST", 8),
            used(2, Voice, "REST", 4),
            used(3, Voice, "REST", 2),
        ];
        let expected =
            [("01 plan", 1), ("01 sms_us_ca", 0), ("02 voice_rest", 0), ("02 email_rest", 2), ("03 voice_rest", 2)];
        assert_eq!(billed("team", &days), lines(&expected));
    }

    #[test]
    fn what_is_taken_back_was_billed_or_was_included() {
        let days = [
            used(1, Sms, "US_CA", 3_999),
            used(2, Sms, "US_CA", -2),
            used(3, Sms, "US_CA", 5),
            used(4, Sms, "US_CA", -4),
        ];
        let expected =
            [("01 plan", 1), ("01 sms_us_ca", 0), ("02 sms_us_ca", 0), ("03 sms_us_ca", 2), ("04 sms_us_ca", -2)];
        assert_eq!(billed("team", &days), lines(&expected));
    }

    #[test]
    fn what_was_charged_in_an_earlier_period_is_taken_back_in_its_own_line() {
        let days = [used(1, Sms, "US_CA", -3), used(2, Voice, "REST", 5)];
        assert_eq!(billed("pay_as_you_go", &days), lines(&[("01 sms_us_ca", -3), ("02 voice_rest", 5)]));
    }

    #[test]
    fn days_of_other_periods_are_not_billed() {
        let other = DayUnits { day: NaiveDate::from_ymd_opt(2026, 7, 1).unwrap(), ..used(1, Sms, "US_CA", 9) };
        assert_eq!(billed("pay_as_you_go", &[other]), []);
    }

    proptest! {
        #[test]
        fn over_a_period_what_exceeds_the_included_units_is_billed(
            entries in prop::collection::vec((1_u32..=30, 0_usize..3, -50_i64..4_000), 0..40)
        ) {
            let lines = [(Sms, "US_CA"), (Voice, "EUROPE"), (Email, "REST")];
            let days: Vec<_> = entries.iter().map(|(of, line, units)| used(*of, lines[*line].0, lines[*line].1, *units)).collect();
            let whole: i64 = days.iter().map(|entry| entry.units).sum();
            let billed = bill(&shipped("team"), june(), &days);
            let units: i64 = billed.iter().filter(|entry| entry.line != InvoiceLine::Plan).map(|entry| entry.billed).sum();
            prop_assert_eq!(units, if whole < 0 { whole } else { (whole - 4_000).max(0) });
            // A day that is over stands, whatever comes after it.
            let until = |last: u32| days.iter().filter(|entry| entry.day <= day(last)).cloned().collect::<Vec<_>>();
            let before = bill(&shipped("team"), june(), &until(15));
            prop_assert_eq!(&billed[..before.len()], &before[..]);
        }
    }
}
