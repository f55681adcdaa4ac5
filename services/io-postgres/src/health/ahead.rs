//! What has to be there before it is needed: migrations, and the partitions of the months that come.

use sqlx::PgConnection;

use super::{Finding, Findings};
use crate::migrations::versions;

pub(super) async fn migrations(connection: &mut PgConnection) -> Findings {
    let readable: Option<bool> =
        sqlx::query_scalar("select has_table_privilege(to_regclass('public._sqlx_migrations'), 'select')")
            .fetch_one(&mut *connection)
            .await?;
    match readable {
        None => Ok(vec![Finding::fault("no migration has run: postern migrate")]),
        Some(false) => Ok(vec![Finding::note("which migrations have run is seen by migration_database_url alone")]),
        Some(true) => {
            let run = sqlx::query_as("select version, success from public._sqlx_migrations order by version");
            Ok(told_migrations(&versions(), &run.fetch_all(connection).await?))
        }
    }
}

/// Those of this program, and those of the database with whether they succeeded.
fn told_migrations(own: &[i64], run: &[(i64, bool)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let missing: Vec<i64> = own.iter().copied().filter(|version| !run.contains(&(*version, true))).collect();
    if !missing.is_empty() {
        findings.push(Finding::fault(format!("migrations {missing:?} have not run: postern migrate")));
    }
    let newer: Vec<i64> = run.iter().map(|(version, _)| *version).filter(|version| !own.contains(version)).collect();
    if !newer.is_empty() {
        findings.push(Finding::warning(format!(
            "migrations {newer:?} are of a newer Postern than this: upgrade this one too"
        )));
    }
    findings
}

pub(super) async fn partitions(connection: &mut PgConnection) -> Findings {
    let months: Vec<(String, bool, bool)> = sqlx::query_as(
        "select p.partrelid::regclass::text,
                to_regclass(format('public.%I', c.relname || to_char(now() at time zone 'utc', '_YYYY_MM'))) is not null,
                to_regclass(format('public.%I', c.relname
                    || to_char(now() at time zone 'utc' + interval '1 month', '_YYYY_MM'))) is not null
           from pg_partitioned_table p
           join pg_class c on c.oid = p.partrelid and c.relnamespace = 'public'::regnamespace
          order by 1",
    )
    .fetch_all(connection)
    .await?;
    Ok(months.iter().filter_map(|(table, this, next)| told_partition(table, *this, *next)).collect())
}

fn told_partition(table: &str, this: bool, next: bool) -> Option<Finding> {
    match (this, next) {
        (false, _) => {
            Some(Finding::fault(format!("{table} has no partition for this month: nothing can be written there")))
        }
        (true, false) => {
            let what = format!("{table} has no partition for next month: workers make them, is one running?");
            Some(Finding::warning(what))
        }
        (true, true) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::Gravity;

    #[test]
    fn migrations_that_are_missing_failed_or_newer_are_told() {
        let told = |run: &[(i64, bool)]| told_migrations(&[1, 2, 3], run);
        assert!(told(&[(1, true), (2, true), (3, true)]).is_empty());
        for (run, gravity, named) in [
            (&[(1, true), (2, true)][..], Gravity::Fault, "[3]"),
            (&[(1, true), (2, false), (3, true)], Gravity::Fault, "[2]"),
            (&[(1, true), (2, true), (3, true), (4, true)], Gravity::Warning, "[4]"),
        ] {
            let found = told(run);
            assert!(found.len() == 1 && found[0].gravity == gravity && found[0].text.contains(named), "{found:?}");
        }
    }

    #[test]
    fn a_month_that_comes_is_a_warning_and_one_that_is_here_a_fault() {
        assert_eq!(told_partition("login", true, true), None);
        assert_eq!(told_partition("login", true, false).unwrap().gravity, Gravity::Warning);
        assert_eq!(told_partition("login", false, true).unwrap().gravity, Gravity::Fault);
    }
}
