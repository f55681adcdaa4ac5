//! The history in pages, newest first, each read in a transaction of its own.

use chrono::{Months, NaiveDate, TimeDelta};
use core_kernel::{Fault, month_of};
use io_postgres::{Database, DbError, TenantTx};
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::replay::PastLogin;
use crate::store::{self, Claim, PageOfLogins, SentCodes};

/// The clocks that make identifiers and those that tell when a login was may differ by so much.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::hours(1);

/// A page as it was read, and where the next begins.
pub(super) struct Page {
    pub(super) rows: Vec<PgRow>,
    /// In the order of the rows.
    pub(super) sent: Vec<SentCodes>,
    pub(super) next: Option<Place>,
}

/// Where in the history a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    month: NaiveDate,
    before: Uuid,
}

impl Place {
    /// Where a simulation begins. Identifiers are made by the wall clock, whatever the tenant's says.
    pub(super) fn newest(claim: &Claim) -> Self {
        Self { month: month_of(identifier_at(claim, CLOCKS_DIFFER)), before: Uuid::max() }
    }

    fn month_before(self) -> Option<Self> {
        self.month.checked_sub_months(Months::new(1)).map(|month| Self { month, ..self })
    }
}

/// No login that counts has a smaller identifier: a tenant's clock is never behind the wall clock, and
/// never moves back, so whatever is new enough by it is new enough by the other.
fn oldest(claim: &Claim) -> Uuid {
    identifier_at(claim, -TimeDelta::days(claim.days.into()) - CLOCKS_DIFFER)
}

fn identifier_at(claim: &Claim, offset: TimeDelta) -> Uuid {
    let millis = u64::try_from((claim.created_at + offset).timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

impl Page {
    pub(super) async fn read(database: &Database, claim: &Claim, place: Place, limit: i64) -> Result<Self, Fault> {
        let from = oldest(claim);
        let Place { month, before } = place;
        let wanted = PageOfLogins { month, before, from, since: claim.since, until: claim.until, limit };
        let mut tx = TenantTx::begin(database, claim.tenant).await?;
        store::read_only(&mut tx).await?;
        let rows = store::list_logins(&mut tx, &wanted).await?;
        let Some((first, last)) = ends(&rows)? else {
            let next = place.month_before().filter(|next| next.month >= month_of(from));
            return Ok(Self { rows, sent: Vec::new(), next });
        };
        let sent = store::list_sent_codes(&mut tx, month, (first, last)).await?;
        tx.rollback().await?;
        Ok(Self { rows, sent, next: Some(Place { month, before: first }) })
    }
}

/// The oldest and the newest identifier.
fn ends(rows: &[PgRow]) -> Result<Option<(Uuid, Uuid)>, DbError> {
    let (Some(newest), Some(oldest)) = (rows.first(), rows.last()) else { return Ok(None) };
    Ok(Some((PastLogin::id_of(oldest)?, PastLogin::id_of(newest)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use core_kernel::{PolicySimulationId, TenantId, Timestamp};
    use core_policy::Policy;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn claim(created_at: &str, days: i16) -> Claim {
        Claim {
            tenant: TenantId(Uuid::nil()),
            id: PolicySimulationId(Uuid::nil()),
            attempt: 1,
            policy: Policy::default(),
            since: at("2026-01-01T00:00:00Z"),
            until: at("2026-01-01T00:00:00Z"),
            created_at: at(created_at),
            days,
            price_version: 1,
        }
    }

    fn months(claim: &Claim) -> Vec<String> {
        let places = std::iter::successors(Some(Place::newest(claim)), |place| {
            place.month_before().filter(|next| next.month >= month_of(oldest(claim)))
        });
        places.map(|place| place.month.format("%Y-%m").to_string()).collect()
    }

    #[test]
    fn the_months_of_a_simulation_are_those_of_its_days() {
        assert_eq!(months(&claim("2026-03-15T12:00:00Z", 1)), ["2026-03"]);
        assert_eq!(months(&claim("2026-03-15T12:00:00Z", 30)), ["2026-03", "2026-02"]);
        assert_eq!(months(&claim("2026-01-02T00:00:00Z", 90)), ["2026-01", "2025-12", "2025-11", "2025-10"]);
        assert_eq!(months(&claim("2026-02-28T23:30:00Z", 1)), ["2026-03", "2026-02"], "a clock may be ahead");
    }

    #[test]
    fn the_oldest_identifier_is_older_than_any_that_counts() {
        let oldest = oldest(&claim("2026-03-15T12:00:00Z", 7)).get_timestamp().unwrap().to_unix().0;
        assert_eq!(i64::try_from(oldest).unwrap(), at("2026-03-08T11:00:00Z").timestamp());
    }
}
