//! What is there when this machine is not any more: the archive of the log, slots, standbys.

use chrono::TimeDelta;
use core_kernel::Timestamp;
use sqlx::{FromRow, PgConnection};

use super::{Finding, Findings};

/// The log that a slot may hold back, in bytes, before it is worth a look.
const HELD_BACK: i64 = 1 << 30;
/// A standby that is further behind than this loses more than an operator expects.
const LAG: f64 = 30.0;
/// A log file is archived when it is full, or after `archive_timeout`; an hour without one is quiet or broken.
const SILENT: TimeDelta = TimeDelta::hours(1);

#[derive(FromRow)]
struct Archiver {
    on: bool,
    archived_at: Option<Timestamp>,
    failed_at: Option<Timestamp>,
    failed_file: Option<String>,
    now: Timestamp,
}

pub(super) async fn log(connection: &mut PgConnection) -> Findings {
    let archiver: Archiver = sqlx::query_as(
        "select current_setting('archive_mode') <> 'off' as on, last_archived_time as archived_at,
                last_failed_time as failed_at, last_failed_wal as failed_file, now() as now
           from pg_stat_archiver",
    )
    .fetch_one(connection)
    .await?;
    Ok(told_log(&archiver).into_iter().collect())
}

fn told_log(archiver: &Archiver) -> Option<Finding> {
    if !archiver.on {
        return Some(Finding::note(
            "archive_mode is off: what is lost with this machine is everything since the last backup (docs/runbooks/backup-restore.md)",
        ));
    }
    if archiver.failed_at > archiver.archived_at {
        let file = archiver.failed_file.as_deref().unwrap_or_default();
        return Some(Finding::fault(format!(
            "the log's archive does not take {file}: the log grows until the disk is full. Look at archive_command and at the archive's disk"
        )));
    }
    match archiver.archived_at {
        None => Some(Finding::warning("archive_mode is on, and nothing was archived yet")),
        Some(at) if archiver.now - at > SILENT => {
            Some(Finding::warning(format!("nothing was archived since {at}: set archive_timeout")))
        }
        Some(_) => None,
    }
}

#[derive(FromRow)]
struct Slot {
    name: String,
    active: bool,
    status: Option<String>,
    held_back: Option<i64>,
}

pub(super) async fn slots(connection: &mut PgConnection) -> Findings {
    let slots: Vec<Slot> = sqlx::query_as(
        "select slot_name::text as name, active, wal_status as status,
                case when not pg_is_in_recovery() then pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint end as held_back
           from pg_replication_slots order by 1",
    )
    .fetch_all(connection)
    .await?;
    Ok(slots.iter().filter_map(told_slot).collect())
}

fn told_slot(slot: &Slot) -> Option<Finding> {
    let (name, held_back) = (&slot.name, slot.held_back.unwrap_or(0));
    if slot.status.as_deref() == Some("lost") {
        return Some(Finding::fault(format!(
            "the replication slot {name} lost log that its standby needs: make that one anew"
        )));
    }
    let mib = held_back >> 20;
    if !slot.active {
        let what = format!(
            "the replication slot {name} is not in use and holds back {mib} MiB of log, which grows: drop it, or start its standby"
        );
        return Some(if held_back > HELD_BACK { Finding::fault(what) } else { Finding::warning(what) });
    }
    (held_back > HELD_BACK).then(|| Finding::warning(format!("the standby of slot {name} is {mib} MiB behind")))
}

#[derive(FromRow)]
struct Standby {
    name: Option<String>,
    /// Null where the role may not see it.
    state: Option<String>,
    lag: Option<f64>,
}

pub(super) async fn standbys(connection: &mut PgConnection) -> Findings {
    let standbys: Vec<Standby> = sqlx::query_as(
        "select application_name as name, state, extract(epoch from replay_lag)::double precision as lag
           from pg_stat_replication order by 1",
    )
    .fetch_all(connection)
    .await?;
    Ok(standbys.iter().filter_map(told_standby).collect())
}

fn told_standby(standby: &Standby) -> Option<Finding> {
    let name = standby.name.as_deref().unwrap_or("a standby");
    let Some(state) = &standby.state else {
        return Some(Finding::note("how far standbys are behind is seen by a member of pg_monitor alone"));
    };
    if state != "streaming" {
        return Some(Finding::warning(format!("the standby {name} is not streaming but in state {state}")));
    }
    let lag = standby.lag.filter(|lag| *lag > LAG)?;
    Some(Finding::warning(format!("the standby {name} is {lag:.0} s behind")))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::health::Gravity::{self, Fault, Note, Warning};

    fn archiver(on: bool, archived: Option<i64>, failed: Option<i64>) -> Option<Gravity> {
        let at = |minutes| DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        let failed_file = failed.map(|_| "0000000100000000000000A7".to_owned());
        let archiver =
            Archiver { on, archived_at: archived.map(at), failed_at: failed.map(at), failed_file, now: at(100) };
        told_log(&archiver).map(|finding| finding.gravity)
    }

    #[test]
    fn an_archive_that_fails_is_a_fault_and_one_that_recovered_is_not() {
        assert_eq!(archiver(false, None, None), Some(Note));
        assert_eq!(archiver(true, None, None), Some(Warning));
        assert_eq!(archiver(true, None, Some(90)), Some(Fault));
        assert_eq!(archiver(true, Some(80), Some(90)), Some(Fault));
        assert_eq!(archiver(true, Some(95), Some(90)), None);
        assert_eq!(archiver(true, Some(30), None), Some(Warning), "an hour of silence");
    }

    #[test]
    fn a_slot_without_a_standby_fills_the_disk() {
        let slot = |active, status: &str, held_back| {
            let slot =
                Slot { name: "s".to_owned(), active, status: Some(status.to_owned()), held_back: Some(held_back) };
            told_slot(&slot).map(|finding| finding.gravity)
        };
        assert_eq!(slot(true, "reserved", 0), None);
        assert_eq!(slot(true, "extended", HELD_BACK + 1), Some(Warning));
        assert_eq!(slot(false, "reserved", 0), Some(Warning));
        assert_eq!(slot(false, "extended", HELD_BACK + 1), Some(Fault));
        assert_eq!(slot(false, "lost", 0), Some(Fault));
    }

    #[test]
    fn a_standby_that_is_behind_or_unseen_is_told() {
        let standby = |state: Option<&str>, lag| {
            told_standby(&Standby { name: Some("b".to_owned()), state: state.map(str::to_owned), lag })
                .map(|found| found.gravity)
        };
        assert_eq!(standby(Some("streaming"), None), None, "nothing to replay is no lag");
        assert_eq!(standby(Some("streaming"), Some(0.2)), None);
        assert_eq!(standby(Some("streaming"), Some(31.0)), Some(Warning));
        assert_eq!(standby(Some("catchup"), Some(0.0)), Some(Warning));
        assert_eq!(standby(None, None), Some(Note));
    }
}
