//! The server: its version, its clock, and room for connections.

use chrono::TimeDelta;
use core_kernel::Timestamp;
use sqlx::PgConnection;

use super::{Finding, Findings};
use crate::fitness::RECOMMENDED;

/// The clocks may differ by so much before a person would notice: codes of apps live 30 seconds.
const SKEW_NOTICED: TimeDelta = TimeDelta::seconds(2);
/// From here on codes of apps are refused, and what expires does so at the wrong time.
const SKEW_HARMFUL: TimeDelta = TimeDelta::seconds(25);
/// Of all connections, in percent.
const CROWDED: i64 = 80;

pub(super) async fn version(connection: &mut PgConnection) -> Findings {
    let (version, number): (String, i32) =
        sqlx::query_as("select current_setting('server_version'), current_setting('server_version_num')::integer")
            .fetch_one(connection)
            .await?;
    Ok(vec![told_version(&version, number)])
}

fn told_version(version: &str, number: i32) -> Finding {
    if (150_000..RECOMMENDED).contains(&number) {
        return Finding::warning(format!(
            "PostgreSQL {version}: 15.14 or later is recommended (CVE-2025-8713, statistics leak past row-level security)"
        ));
    }
    Finding::note(format!("PostgreSQL {version}"))
}

pub(super) async fn standby(connection: &mut PgConnection) -> Findings {
    let (standby, read_only): (bool, bool) =
        sqlx::query_as("select pg_is_in_recovery(), current_setting('default_transaction_read_only')::boolean")
            .fetch_one(connection)
            .await?;
    let what = match (standby, read_only) {
        (true, _) => "database_url leads to a standby: nothing can be written there",
        (false, true) => "default_transaction_read_only is on: nothing can be written",
        (false, false) => return Ok(Vec::new()),
    };
    Ok(vec![Finding::fault(what)])
}

/// The question and its answer take a while; the database's time was within it.
pub(super) async fn clock(connection: &mut PgConnection, now: impl Fn() -> Timestamp + Send) -> Findings {
    let asked = now();
    let there: Timestamp = sqlx::query_scalar("select clock_timestamp()").fetch_one(connection).await?;
    Ok(told_clock(asked, there, now()).into_iter().collect())
}

fn told_clock(asked: Timestamp, there: Timestamp, answered: Timestamp) -> Option<Finding> {
    let (ahead, behind) = (there - answered, asked - there);
    let (by, which) = if ahead > behind { (ahead, "ahead of") } else { (behind, "behind") };
    let seconds = by.num_seconds();
    let what = format!("the database's clock is {seconds} s {which} this machine's: run a time service on both");
    if by > SKEW_HARMFUL {
        return Some(Finding::fault(format!(
            "{what}; codes of apps are refused, and what expires does so at another time"
        )));
    }
    (by > SKEW_NOTICED).then(|| Finding::warning(what))
}

pub(super) async fn connections(connection: &mut PgConnection) -> Findings {
    let (open, most): (i64, i64) = sqlx::query_as(
        "select (select count(*) from pg_stat_activity where backend_type = 'client backend'),
                current_setting('max_connections')::bigint
                  - current_setting('superuser_reserved_connections')::bigint",
    )
    .fetch_one(connection)
    .await?;
    Ok(told_connections(open, most).into_iter().collect())
}

fn told_connections(open: i64, most: i64) -> Option<Finding> {
    let crowded = open * 100 >= most * CROWDED;
    crowded.then(|| {
        Finding::warning(format!(
            "{open} of {most} connections to PostgreSQL are in use: raise max_connections, lower database.max_connections, or put PgBouncer before it"
        ))
    })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::health::Gravity;

    #[test]
    fn an_old_minor_version_is_a_warning() {
        assert_eq!(told_version("15.13", 150_013).gravity, Gravity::Warning);
        for number in [150_014, 160_001, 180_000] {
            assert_eq!(told_version("x", number).gravity, Gravity::Note, "{number}");
        }
    }

    #[test]
    fn clocks_are_compared_with_what_the_question_took() {
        let at = |seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        assert_eq!(told_clock(at(100), at(104), at(108)), None, "a slow answer is no skew");
        for (there, gravity, word) in [
            (103, Gravity::Warning, "3 s ahead of"),
            (97, Gravity::Warning, "3 s behind"),
            (130, Gravity::Fault, "30 s ahead of"),
            (70, Gravity::Fault, "30 s behind"),
        ] {
            let found = told_clock(at(100), at(there), at(100)).unwrap();
            assert!(found.gravity == gravity && found.text.contains(word), "{found:?}");
        }
    }

    #[test]
    fn four_fifths_of_the_connections_are_a_crowd() {
        assert_eq!(told_connections(79, 100), None);
        assert_eq!(told_connections(80, 100).unwrap().gravity, Gravity::Warning);
    }
}
