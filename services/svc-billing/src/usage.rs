//! What was used, by time.

use chrono::{DateTime, DurationRound, Months, NaiveDate, TimeDelta};
use core_kernel::{Refusal, Timestamp};

use crate::period::first_of_month;
use crate::{BilledChannel, Money};

/// The longest spans. Hours are added up from the ledger itself, days and months from its daily sums.
const LONGEST_BY_HOUR: TimeDelta = TimeDelta::days(7);
const LONGEST_BY_DAY: TimeDelta = TimeDelta::days(400);
const LONGEST_BY_MONTH: TimeDelta = TimeDelta::days(3_700);

/// How usage is added up; in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsageBucket {
    /// By hours.
    Hour,
    /// By days.
    Day,
    /// By calendar months.
    Month,
}

/// Whole buckets: from the one in which the span begins to the last that begins within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageRange {
    from: Timestamp,
    to: Timestamp,
    bucket: UsageBucket,
}

/// What was used of one channel in one country within one bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsagePoint {
    /// The bucket's first instant.
    pub at: Timestamp,
    /// How it was sent.
    pub channel: BilledChannel,
    /// Where to (ISO 3166-1 alpha-2); none of mail.
    pub country: Option<String>,
    /// Segments of texts, calls, mails; below zero where corrections are all there is.
    pub units: i64,
    /// At list price.
    pub amount: Money,
}

impl UsageRange {
    /// The buckets of a span that begins at `from` and ends before `to`.
    ///
    /// # Errors
    /// INVALID at `to` where it is empty, or too long for its buckets.
    pub fn new(from: Timestamp, to: Timestamp, bucket: UsageBucket) -> Result<Self, Refusal> {
        let (longest, sentence) = match bucket {
            UsageBucket::Hour => (LONGEST_BY_HOUR, "By hour, ask for at most 7 days; or ask by day."),
            UsageBucket::Day => (LONGEST_BY_DAY, "By day, ask for at most 400 days; or ask by month."),
            UsageBucket::Month => (LONGEST_BY_MONTH, "By month, ask for at most ten years."),
        };
        if from >= to {
            return Err(Refusal::invalid("to", "`to` must be later than `from`."));
        }
        if to - from > longest {
            return Err(Refusal::invalid("to", sentence));
        }
        Ok(Self { from, to, bucket })
    }

    /// How it is added up.
    #[must_use]
    pub const fn bucket(&self) -> UsageBucket {
        self.bucket
    }

    /// From the first hour to the end of the last.
    pub(crate) fn hours(&self) -> (Timestamp, Timestamp) {
        let floor = |at: Timestamp| at.duration_trunc(TimeDelta::hours(1)).unwrap_or(at);
        let end = floor(self.to);
        (floor(self.from), if end == self.to { end } else { end + TimeDelta::hours(1) })
    }

    /// From the first day to the one after the last; of months all their days.
    pub(crate) fn days(&self) -> (NaiveDate, NaiveDate) {
        let (first, last) = (self.from.date_naive(), last_instant_of(self.to).date_naive());
        match self.bucket {
            UsageBucket::Month => (first_of_month(first), first_of_month(last) + Months::new(1)),
            UsageBucket::Hour | UsageBucket::Day => (first, last + TimeDelta::days(1)),
        }
    }
}

/// The last that is before it, as exactly as times are kept.
fn last_instant_of(end: Timestamp) -> DateTime<chrono::Utc> {
    end - TimeDelta::microseconds(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn range(from: &str, to: &str, bucket: UsageBucket) -> UsageRange {
        UsageRange::new(at(from), at(to), bucket).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn buckets_are_whole() {
        let hours = range("2026-03-01T10:59:59Z", "2026-03-01T12:00:01Z", UsageBucket::Hour).hours();
        assert_eq!(hours, (at("2026-03-01T10:00:00Z"), at("2026-03-01T13:00:00Z")));
        let hours = range("2026-03-01T10:00:00Z", "2026-03-01T12:00:00Z", UsageBucket::Hour).hours();
        assert_eq!(hours, (at("2026-03-01T10:00:00Z"), at("2026-03-01T12:00:00Z")));
        for (from, to, bucket, first, end) in [
            ("2026-02-27T23:00:00Z", "2026-03-01T00:00:00Z", UsageBucket::Day, "2026-02-27", "2026-03-01"),
            ("2026-02-27T23:00:00Z", "2026-03-01T00:00:01Z", UsageBucket::Day, "2026-02-27", "2026-03-02"),
            ("2026-02-27T23:00:00Z", "2026-03-01T00:00:00Z", UsageBucket::Month, "2026-02-01", "2026-03-01"),
            ("2025-12-31T23:59:59Z", "2026-01-01T00:00:01Z", UsageBucket::Month, "2025-12-01", "2026-02-01"),
        ] {
            assert_eq!(range(from, to, bucket).days(), (day(first), day(end)), "{from} to {to}");
        }
    }

    #[test]
    fn spans_that_are_empty_or_too_long_say_so() {
        let from = at("2026-01-01T00:00:00Z");
        for bucket in [UsageBucket::Hour, UsageBucket::Day, UsageBucket::Month] {
            for to in [from, from - TimeDelta::seconds(1)] {
                let refusal = UsageRange::new(from, to, bucket).unwrap_err();
                assert_eq!((refusal.field, refusal.message.contains("later")), (vec!["to".to_owned()], true));
            }
        }
        for (bucket, days) in [(UsageBucket::Hour, 7), (UsageBucket::Day, 400), (UsageBucket::Month, 3_700)] {
            let longest = from + TimeDelta::days(days);
            assert!(UsageRange::new(from, longest, bucket).is_ok());
            let refusal = UsageRange::new(from, longest + TimeDelta::seconds(1), bucket).unwrap_err();
            assert!(refusal.message.contains("at most"), "{refusal:?}");
        }
    }
}
