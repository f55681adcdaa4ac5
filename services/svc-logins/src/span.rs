//! Where in the order of identifiers the logins of a span of time lie. Lists go by identifier, which
//! tells when a login was made by the wall clock; what is asked for are times by the tenant's clock.

use chrono::{NaiveDate, TimeDelta};
use core_kernel::{LoginId, Timestamp};
use uuid::Uuid;

/// How far the clocks of gateways and of the database may be apart, and how long a login may wait for its row.
const SKEW: TimeDelta = TimeDelta::hours(1);

/// A position in the order of logins: the partition's month, and the identifier within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) month: NaiveDate,
    pub(crate) id: Uuid,
}

impl Position {
    pub(crate) fn of(id: Uuid) -> Self {
        Self { month: LoginId(id).month(), id }
    }

    /// No login that began at `from` or later lies before it. A sandbox's clock is ahead of the wall
    /// clock and only moves forward: what it calls `from` was written at most as much earlier.
    pub(crate) fn not_before(from: Timestamp, ahead: TimeDelta) -> Self {
        Self::of(first_uuid_at(from - ahead - SKEW))
    }

    /// No login that began before `to` lies here or after it.
    pub(crate) fn before(to: Timestamp) -> Self {
        Self::of(first_uuid_at(to + SKEW))
    }
}

/// The smallest UUIDv7 of a millisecond (RFC 9562 §5.7).
fn first_uuid_at(at: Timestamp) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use core_kernel::SeededEntropy;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    fn login(made: Timestamp) -> Position {
        Position::of(LoginId::new(&SeededEntropy::new(3), made).0)
    }

    #[test]
    fn a_login_lies_between_the_ends_of_its_span() {
        for made in [at(0), at(1_799), at(3_599)] {
            assert!(Position::not_before(at(0), TimeDelta::zero()) <= login(made));
            assert!(login(made) < Position::before(at(3_600)));
        }
    }

    #[test]
    fn clocks_may_differ_by_less_than_an_hour() {
        let (early, late) = (at(0) - SKEW, at(3_600) + SKEW - TimeDelta::seconds(1));
        assert!(Position::not_before(at(0), TimeDelta::zero()) <= login(early));
        assert!(login(late) < Position::before(at(3_600)));
    }

    #[test]
    fn what_a_sandbox_calls_now_may_have_been_written_when_its_clock_was_not_yet_ahead() {
        let ahead = TimeDelta::days(40);
        assert!(Position::not_before(at(0) + ahead, ahead) <= login(at(0)));
    }

    #[test]
    fn much_earlier_and_much_later_logins_lie_outside() {
        assert!(login(at(-7_200)) < Position::not_before(at(0), TimeDelta::zero()));
        assert!(login(at(7_201)) >= Position::before(at(3_600)));
    }

    #[test]
    fn months_are_those_of_partitions() {
        let last_of_month = DateTime::parse_from_rfc3339("2026-10-31T23:59:59Z").unwrap().to_utc();
        assert!(Position::before(last_of_month).month > login(last_of_month).month);
        assert_eq!(Position::not_before(DateTime::UNIX_EPOCH, TimeDelta::days(1)).id.get_version_num(), 7);
    }
}
