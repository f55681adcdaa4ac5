//! The billing period: a calendar month in UTC.

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use core_kernel::Timestamp;

use crate::Money;

/// Millionths in a minor unit.
const MILLIONTHS: i128 = 1_000_000;

/// From its first instant to that of the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BillingPeriod {
    /// Its first day.
    pub(crate) first_day: NaiveDate,
    /// The next period's first day.
    pub(crate) next: NaiveDate,
}

impl BillingPeriod {
    /// The one in which an instant lies.
    #[must_use]
    pub fn of(now: Timestamp) -> Self {
        let first_day = first_of_month(now.date_naive());
        Self { first_day, next: first_day.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX) }
    }

    /// The one that begins on a day.
    #[must_use]
    pub fn beginning(first_day: NaiveDate) -> Self {
        Self::of(midnight(first_day))
    }

    /// Whether a UTC day is one of its days.
    #[must_use]
    pub fn holds(&self, day: NaiveDate) -> bool {
        (self.first_day..self.next).contains(&day)
    }

    /// Its first instant.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        midnight(self.first_day)
    }

    /// The next one's first instant.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        midnight(self.next)
    }

    /// What the whole period will cost if it goes on as it went until now: the amount by the share of
    /// the period that has passed, rounded half up, once, to the minor unit.
    #[must_use]
    pub fn project(&self, amount: Money, now: Timestamp) -> Money {
        let whole = i128::from((self.end() - self.start()).num_milliseconds());
        let passed = i128::from((now - self.start()).num_milliseconds()).min(whole);
        let scale = passed.saturating_mul(MILLIONTHS);
        let minor = (scale > 0).then(|| half_up(amount.millionths().checked_mul(whole)?, scale)).flatten();
        minor
            .and_then(|minor| minor.checked_mul(MILLIONTHS))
            .map_or_else(|| amount.rounded(), |millionths| Money::from_millionths(millionths, amount.currency()))
    }
}

/// The quotient, rounded half up.
fn half_up(dividend: i128, divisor: i128) -> Option<i128> {
    Some(dividend.checked_mul(2)?.checked_add(divisor)?.div_euclid(divisor.checked_mul(2)?))
}

/// The first day of a day's month.
pub(crate) fn first_of_month(day: NaiveDate) -> NaiveDate {
    day - TimeDelta::days(i64::from(day.day0()))
}

/// A day's first instant.
pub(crate) fn midnight(day: NaiveDate) -> Timestamp {
    DateTime::<Utc>::from_naive_utc_and_offset(day.and_time(NaiveTime::MIN), Utc)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Currency;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn dollars(text: &str) -> Money {
        Money::parse(text, Currency::parse("USD").unwrap()).unwrap()
    }

    #[test]
    fn a_month_ends_where_the_next_begins() {
        for (now, start, end) in [
            ("2026-02-28T23:59:59.999Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"),
            ("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"),
            ("2026-12-31T12:00:00Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("2028-02-29T00:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"),
        ] {
            let period = BillingPeriod::of(at(now));
            assert_eq!((period.start(), period.end()), (at(start), at(end)), "{now}");
        }
    }

    #[test]
    fn a_projection_goes_on_as_it_went() {
        for (amount, now, projected) in [
            // Half of June: twice the amount.
            ("10.00", "2026-06-16T00:00:00Z", "20.00"),
            // 10 of 30 days.
            ("0.0079", "2026-06-11T00:00:00Z", "0.02"),
            // 0.005 exactly is rounded up, and a hair less is not.
            ("0.0025", "2026-06-16T00:00:00Z", "0.01"),
            ("0.00249999", "2026-06-16T00:00:00Z", "0.00"),
            ("7.77777777", "2026-06-30T23:59:59.999Z", "7.78"),
            ("0", "2026-06-01T00:00:01Z", "0.00"),
        ] {
            let (now, period) = (at(now), BillingPeriod::of(at(now)));
            assert_eq!(period.project(dollars(amount), now).to_string(), projected, "{amount} at {now}");
        }
    }

    #[test]
    fn where_there_is_no_share_yet_the_amount_is_all_that_is_known() {
        let period = BillingPeriod::of(at("2026-06-01T00:00:00Z"));
        assert_eq!(period.project(dollars("1.005"), period.start()).to_string(), "1.01");
        assert_eq!(period.project(dollars("1"), period.start() - TimeDelta::seconds(1)).to_string(), "1.00");
        let past = period.end() + TimeDelta::days(3);
        assert_eq!(period.project(dollars("1"), past).to_string(), "1.00", "nothing passes beyond the end");
        let most = Money::from_millionths(i128::MAX, Currency::parse("USD").unwrap());
        assert_eq!(period.project(most, at("2026-06-16T00:00:00Z")), most.rounded());
    }
}
