//! How many logins there were, by day and by what became of them: what a chart is drawn from.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use core_access::Permit;
use core_kernel::{Refusal, Stop, Timestamp};
use core_policy::{Completion, LoginOutcome};
use io_postgres::TenantTx;

use crate::Logins;
use crate::model::word;
use crate::store_counts::{self, CountRow, CountSpan};

/// The longest span: every login of it is counted when it is asked for.
const LONGEST: TimeDelta = TimeDelta::days(100);

/// From when until before when, by the tenant's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountRange {
    from: Timestamp,
    to: Timestamp,
}

impl CountRange {
    /// The span that begins at `from` and ends before `to`.
    ///
    /// # Errors
    /// INVALID at `to` where it is empty, or longer than 100 days.
    pub fn new(from: Timestamp, to: Timestamp) -> Result<Self, Refusal> {
        if from >= to {
            return Err(Refusal::invalid("to", "`to` must be later than `from`."));
        }
        if to - from > LONGEST {
            return Err(Refusal::invalid("to", "Ask for at most 100 days."));
        }
        Ok(Self { from, to })
    }
}

/// How many logins of one day were decided and completed alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginCount {
    /// The day, in the tenant's time zone.
    pub day: NaiveDate,
    /// What the policy decided.
    pub outcome: LoginOutcome,
    /// How they were completed; none of those that were not, and of those that were allowed outright.
    pub completed_with: Option<Completion>,
    /// How many.
    pub logins: i64,
    /// How many of them are complete.
    pub completed: i64,
}

impl TryFrom<CountRow> for LoginCount {
    type Error = Stop;

    fn try_from(row: CountRow) -> Result<Self, Stop> {
        let completed_with = row.completed_with.map(|with| word(Completion::parse(&with), "completion"));
        Ok(Self {
            day: row.day,
            outcome: word(LoginOutcome::parse(&row.outcome), "outcome")?,
            completed_with: completed_with.transpose()?,
            logins: row.logins,
            completed: row.completed,
        })
    }
}

impl Logins {
    /// Logins by the day of `time_zone` (an IANA name) on which they began, the oldest day first; days
    /// without any are left out. An advisor's are those of the users assigned to them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_logins(
        &self,
        permit: &Permit,
        range: &CountRange,
        time_zone: &str,
    ) -> Result<Vec<LoginCount>, Stop> {
        let database = &self.platform.database;
        let ahead = self.platform.clocks.offset(database, permit.tenant()).await?;
        let span = CountSpan {
            from: range.from,
            to: range.to,
            months: (month_of(range.from - ahead), month_of(range.to)),
            time_zone,
            advisor: permit.caller().only_users_of(),
        };
        let mut tx = TenantTx::begin(database, permit.tenant()).await?;
        store_counts::count_logins(&mut tx, &span).await?.into_iter().map(LoginCount::try_from).collect()
    }
}

/// The month whose partition holds what was written then. Partitions go by the wall clock, and a sandbox's
/// clock only moves forward: what its clock calls `from` was written at most as much earlier as it is ahead now.
fn month_of(at: DateTime<Utc>) -> NaiveDate {
    use chrono::Datelike as _;
    let day = at.date_naive();
    day.with_day(1).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_span_is_neither_empty_nor_endless() {
        let field = |from, to| CountRange::new(at(from), at(to)).err().map(|refusal| refusal.field);
        assert_eq!(field("2026-03-01T00:00:00Z", "2026-06-09T00:00:00Z"), None);
        for (from, to) in [
            ("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z"),
            ("2026-03-01T00:00:00Z", "2026-02-01T00:00:00Z"),
            ("2026-03-01T00:00:00Z", "2026-06-09T00:00:01Z"),
        ] {
            assert_eq!(field(from, to), Some(vec!["to".to_owned()]), "{from} {to}");
        }
    }

    #[test]
    fn a_month_begins_on_its_first() {
        assert_eq!(month_of(at("2026-03-31T23:59:59Z")), "2026-03-01".parse().unwrap());
    }
}
