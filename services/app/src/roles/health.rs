//! The part of `postern doctor` that looks at what goes wrong slowly: the database beside what serving needs,
//! keys that should be replaced, a log that is not sealed, a disk that fills up.

use std::path::Path;

use anyhow::Context as _;
use chrono::TimeDelta;
use core_kernel::{Clock as _, SystemClock, Timestamp};
use io_postgres::health::{self, Finding};
use nix::sys::statvfs::statvfs;
use sqlx::PgConnection;
use svc_audit::chain::{SealLag, seal_lag};
use svc_keys::{KeyAge, key_ages};
use svc_platform::Platform;

use crate::config::Config;

/// Keys are replaced once a year (docs/runbooks/keys.md); a month more is nobody's alarm.
const OLD_KEY: TimeDelta = TimeDelta::days(396);
/// Sealing follows a second later, or a few under load.
const UNSEALED: TimeDelta = TimeDelta::minutes(5);
/// Of a disk, in percent, what has to be free.
const FREE: u64 = 10;

/// Everything but what takes the installation's keys.
pub(super) async fn examine(config: &Config, archive: Option<&Path>) -> anyhow::Result<Vec<Finding>> {
    // The owner sees more than who serves does; and PgBouncer answers for itself and not for the database.
    let (url, name) = match (&config.migration_database_url, &config.database_direct_url) {
        (Some(url), _) => (url, "migration_database_url"),
        (None, Some(url)) => (url, "database.direct_url"),
        (None, None) => (config.database_url.as_ref().context("database_url is not set")?, "database_url"),
    };
    let mut connection = super::connect(url, name).await?;
    let mut findings = health::examine(&mut connection, || SystemClock.now()).await?;
    findings.extend(keys(&mut connection).await?);
    findings.extend(archive.map(disk));
    Ok(findings)
}

async fn keys(connection: &mut PgConnection) -> anyhow::Result<Vec<Finding>> {
    let now = SystemClock.now();
    Ok(key_ages(connection, now).await?.iter().filter_map(|key| told_age(key, now)).collect())
}

fn told_age(key: &KeyAge, now: Timestamp) -> Option<Finding> {
    let how = match key.purpose.as_str() {
        "SIGNING" => "postern keys rotate signing",
        "PEPPER" => "postern keys rotate pepper",
        // Codes live minutes, and an index is made anew only with all that it finds: age does them no harm.
        _ => return None,
    };
    let age = now - key.since;
    let (purpose, days) = (key.purpose.to_lowercase(), age.num_days());
    (age > OLD_KEY).then(|| Finding::warning(format!("the {purpose} key is {days} days old: {how}")))
}

/// Whether the audit log is sealed as it should be.
pub(super) async fn sealing(platform: &Platform) -> anyhow::Result<Option<Finding>> {
    Ok(told_lag(seal_lag(platform).await?, platform.now()))
}

fn told_lag(lag: SealLag, now: Timestamp) -> Option<Finding> {
    let since = lag.oldest.filter(|oldest| now - *oldest > UNSEALED)?;
    let tenants = lag.tenants;
    Some(Finding::fault(format!(
        "the audit log of {tenants} tenants is not sealed, since {since}: workers seal it, is one running?"
    )))
}

/// The disk of the log's archive, where it is reached from here.
fn disk(archive: &Path) -> Finding {
    match statvfs(archive) {
        Ok(disk) => told_disk(archive, disk.blocks_available(), disk.blocks()),
        Err(error) => Finding::fault(format!("{}: {error}", archive.display())),
    }
}

fn told_disk(archive: &Path, free: u64, all: u64) -> Finding {
    let percent = (free * 100).checked_div(all).unwrap_or(0);
    let text = format!("the disk of {} has {percent} % free", archive.display());
    if percent < FREE { Finding::fault(text) } else { Finding::note(text) }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use io_postgres::health::Gravity;

    use super::*;

    fn at(days: i64) -> Timestamp {
        DateTime::UNIX_EPOCH + TimeDelta::days(days)
    }

    #[test]
    fn keys_that_are_replaced_once_a_year_are_told_after_thirteen_months() {
        let told = |purpose: &str, days| told_age(&KeyAge { purpose: purpose.to_owned(), since: at(0) }, at(days));
        assert!(told("SIGNING", 396).is_none());
        assert!(
            told("SIGNING", 397).is_some_and(|found| found.text.contains("397 days old: postern keys rotate signing"))
        );
        assert!(told("PEPPER", 397).is_some_and(|found| found.text.ends_with("rotate pepper")));
        assert!(told("CODE", 9_999).is_none() && told("INDEX", 9_999).is_none());
    }

    #[test]
    fn what_was_written_a_moment_ago_need_not_be_sealed_yet() {
        let lag = |minutes| SealLag { tenants: 3, oldest: Some(at(1) - TimeDelta::minutes(minutes)) };
        assert!(told_lag(lag(5), at(1)).is_none());
        assert!(told_lag(SealLag { tenants: 3, oldest: None }, at(1)).is_none());
        let found = told_lag(lag(6), at(1)).unwrap();
        assert!(found.gravity == Gravity::Fault && found.text.contains("3 tenants"), "{found:?}");
    }

    #[test]
    fn a_full_disk_and_one_that_is_not_there_are_faults() {
        let told = |free| told_disk(Path::new("/a"), free, 1_000).gravity;
        assert_eq!((told(99), told(100)), (Gravity::Fault, Gravity::Note));
        assert_eq!(told_disk(Path::new("/a"), 0, 0).gravity, Gravity::Fault);
        assert_eq!(disk(Path::new("/nonexistent/archive")).gravity, Gravity::Fault);
        assert!(disk(&std::env::temp_dir()).text.contains("% free"));
    }
}
