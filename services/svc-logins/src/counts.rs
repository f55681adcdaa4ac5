//! How many logins there were, by day and by what became of them: what a chart is drawn from.

use std::collections::BTreeMap;

use chrono::{DurationRound as _, NaiveDate, TimeDelta};
use core_access::Permit;
use core_kernel::{Fault, Refusal, Stop, TenantId, Timestamp};
use core_policy::{Completion, LoginOutcome};
use io_postgres::TenantTx;
use svc_platform::tenants_after;

use crate::Logins;
use crate::model::word;
use crate::store::counts::{self as store, CountRow, CountSpan};

/// The longest span: a chart's.
const LONGEST: TimeDelta = TimeDelta::days(100);
/// What is counted once and kept.
const QUARTER: TimeDelta = TimeDelta::minutes(15);
/// When a login can change no more: it ends after a quarter of an hour, and clocks differ by less than the rest.
const SETTLED_AFTER: TimeDelta = TimeDelta::hours(1);
/// After each tenant of a round.
const REST: std::time::Duration = std::time::Duration::from_millis(20);
/// How much one transaction counts.
const AT_ONCE: TimeDelta = TimeDelta::days(1);

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
        let (database, tenant) = (&self.platform.database, permit.tenant());
        let ahead = self.platform.clocks.offset(database, tenant).await?;
        let advisor = permit.caller().only_users_of();
        let kept = match advisor {
            Some(_) => None,
            None => Kept::within(range, self.settle_counts(tenant, ahead).await?),
        };
        let mut tx = TenantTx::begin(database, tenant).await?;
        let mut rows = Vec::new();
        for (from, to) in Kept::around(kept, range) {
            rows.extend(store::count_logins(&mut tx, &CountSpan { from, to, ahead }, time_zone, advisor).await?);
        }
        if let Some(kept) = kept {
            rows.extend(store::sum_quarters(&mut tx, kept.from, kept.to, time_zone).await?);
        }
        summed(rows)
    }

    /// Counts what is settled of every tenant, one after the other and never more than fifty in a second, so that
    /// no chart has to do it.
    ///
    /// # Errors
    /// When it cannot be asked which tenants there are; a tenant that cannot be counted is left for the next round.
    pub async fn settle_all_counts(&self) -> Result<(), Fault> {
        let mut after = None;
        loop {
            let tenants = tenants_after(&self.platform.database, after).await?;
            let Some(last) = tenants.last() else { return Ok(()) };
            after = Some(*last);
            for tenant in tenants {
                if let Err(error) = self.settle_counts_of(tenant).await {
                    tracing::warn!(tenant_id = %tenant, error = %error, "logins of a tenant stay uncounted for now");
                }
                tokio::time::sleep(REST).await;
            }
        }
    }

    async fn settle_counts_of(&self, tenant: TenantId) -> Result<Timestamp, Fault> {
        let ahead = self.platform.clocks.offset(&self.platform.database, tenant).await?;
        self.settle_counts(tenant, ahead).await
    }

    /// Counts what can change no more and was not counted yet, a day at a time; until when all is counted
    /// now. A chart that comes before the workers' round pays for what they have not come to.
    async fn settle_counts(&self, tenant: TenantId, ahead: TimeDelta) -> Result<Timestamp, Fault> {
        loop {
            let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
            let (now, until) = store::counted_until(&mut tx).await?;
            let settled = quarter_of(now - SETTLED_AFTER);
            let Some(until) = until else {
                let first = store::first_login(&mut tx).await?.unwrap_or(now);
                store::begin_counting(&mut tx, quarter_of(first - SETTLED_AFTER)).await?;
                tx.commit().await?;
                continue;
            };
            if until >= settled {
                return Ok(until);
            }
            let to = settled.min(until + AT_ONCE);
            // Otherwise somebody else is counting them: what has been counted then is seen the next time round.
            if store::claim_quarters(&mut tx, until, to).await? {
                store::count_quarters(&mut tx, &CountSpan { from: until, to, ahead }, QUARTER).await?;
                tx.commit().await?;
            }
        }
    }
}

/// The part of a range that is read from what was counted before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kept {
    from: Timestamp,
    to: Timestamp,
}

impl Kept {
    /// The whole quarters of a range, as far as they are counted.
    fn within(range: &CountRange, counted: Timestamp) -> Option<Self> {
        let from = quarter_of(range.from + QUARTER - TimeDelta::nanoseconds(1));
        let to = quarter_of(range.to).min(counted);
        (from < to).then_some(Self { from, to })
    }

    /// What is left of the range before and after it.
    fn around(kept: Option<Self>, range: &CountRange) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let spans = match kept {
            None => [(range.from, range.to), (range.to, range.to)],
            Some(kept) => [(range.from, kept.from), (kept.to, range.to)],
        };
        spans.into_iter().filter(|(from, to)| from < to)
    }
}

/// The quarter of an hour in which a time lies.
fn quarter_of(at: Timestamp) -> Timestamp {
    at.duration_trunc(QUARTER).unwrap_or(at)
}

/// One entry for each day, decision and completion.
fn summed(rows: Vec<CountRow>) -> Result<Vec<LoginCount>, Stop> {
    let mut sums: BTreeMap<_, (i64, i64)> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry((row.day, row.outcome, row.completed_with.is_none(), row.completed_with)).or_default();
        *sum = (sum.0 + row.logins, sum.1 + row.completed);
    }
    let count = |((day, outcome, _, completed_with), (logins, completed))| {
        LoginCount::try_from(CountRow { day, outcome, completed_with, logins, completed })
    };
    sums.into_iter().map(count).collect()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    fn at(text: &str) -> Timestamp {
        DateTime::parse_from_rfc3339(&format!("2026-03-01T{text}Z")).unwrap().with_timezone(&Utc)
    }

    fn range(from: &str, to: &str) -> CountRange {
        CountRange::new(at(from), at(to)).unwrap()
    }

    fn parts(from: &str, to: &str, counted: &str) -> (Option<Kept>, Vec<(Timestamp, Timestamp)>) {
        let range = range(from, to);
        let kept = Kept::within(&range, at(counted));
        (kept, Kept::around(kept, &range).collect())
    }

    fn kept(from: &str, to: &str) -> Option<Kept> {
        Some(Kept { from: at(from), to: at(to) })
    }

    #[test]
    fn whole_quarters_are_read_and_the_rest_is_counted() {
        let (found, rest) = parts("10:07:00", "12:20:00", "23:00:00");
        assert_eq!(found, kept("10:15:00", "12:15:00"));
        assert_eq!(rest, [(at("10:07:00"), at("10:15:00")), (at("12:15:00"), at("12:20:00"))]);
    }

    #[test]
    fn what_lies_on_quarters_needs_nothing_else() {
        assert_eq!(parts("10:00:00", "12:00:00", "23:00:00"), (kept("10:00:00", "12:00:00"), vec![]));
    }

    #[test]
    fn what_is_not_settled_yet_is_counted() {
        let (found, rest) = parts("10:00:00", "12:00:00", "11:00:00");
        assert_eq!((found, rest), (kept("10:00:00", "11:00:00"), vec![(at("11:00:00"), at("12:00:00"))]));
        assert_eq!(parts("10:00:00", "12:00:00", "09:00:00"), (None, vec![(at("10:00:00"), at("12:00:00"))]));
    }

    #[test]
    fn a_span_within_a_quarter_is_counted_whole() {
        assert_eq!(parts("10:01:00", "10:14:00", "23:00:00"), (None, vec![(at("10:01:00"), at("10:14:00"))]));
    }

    #[test]
    fn the_same_day_and_outcome_from_two_places_is_one_entry() {
        let row = |with: Option<&str>, logins| CountRow {
            day: NaiveDate::from_ymd_opt(2026, 3, 1).unwrap(),
            outcome: "CHALLENGE".to_owned(),
            completed_with: with.map(str::to_owned),
            logins,
            completed: if with.is_some() { logins } else { 0 },
        };
        let sums = summed(vec![row(None, 3), row(Some("SMS"), 2), row(Some("SMS"), 5), row(None, 1)]).unwrap();
        let found: Vec<_> = sums.iter().map(|sum| (sum.completed_with.is_some(), sum.logins, sum.completed)).collect();
        assert_eq!(found, [(true, 7, 7), (false, 4, 0)]);
    }
}
