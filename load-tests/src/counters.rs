//! PostgreSQL's own counters: what a run cost, whatever the machine's mood.

use std::collections::BTreeMap;
use std::time::Duration;

use sqlx::PgConnection;

/// The tables that a login touches; none of them may ever be read from end to end.
const HOT_TABLES: &str = "^(tenant|tenant_user|factor|destination_send|idempotency_key|policy_version|api_key|tenant_data_key|(login|challenge|message)_[0-9]{4}_[0-9]{2})$";

/// A session that is still open hands in its counters at the latest after this long.
const SETTLE: Duration = Duration::from_millis(1_200);

/// What had been counted at one moment.
#[derive(Debug, Clone, Default)]
pub struct Counters {
    /// Flushes of the log to the disk.
    pub wal_syncs: i64,
    /// Log written, in bytes, images of whole pages left out.
    pub wal_bytes: i64,
    /// Images of whole pages, in bytes.
    pub full_page_bytes: i64,
    /// Calls of each function of the database.
    pub calls: BTreeMap<String, i64>,
    /// Rows read by sequential scans of each hot table; the planner may scan a month that is empty.
    pub sequential_scans: BTreeMap<String, i64>,
}

/// Where a count begins.
#[derive(Debug)]
pub struct Baseline {
    counters: Counters,
    /// The place in the log.
    from: String,
}

/// Begins to count. Sessions that worked before should have ended, or have been idle for a while.
///
/// # Errors
/// When PostgreSQL is gone.
pub async fn begin(superuser: &mut PgConnection) -> anyhow::Result<Baseline> {
    tokio::time::sleep(SETTLE).await;
    let from = sqlx::query_scalar("select pg_current_wal_flush_lsn()::text").fetch_one(&mut *superuser).await?;
    Ok(Baseline { counters: read(superuser).await?, from })
}

impl Baseline {
    /// What was counted since. Sessions of the run must have ended: an idle one keeps its last counts
    /// to itself for up to ten seconds.
    ///
    /// # Errors
    /// When PostgreSQL is gone.
    pub async fn end(self, superuser: &mut PgConnection) -> anyhow::Result<Counters> {
        tokio::time::sleep(SETTLE).await;
        let now = read(superuser).await?;
        let (wal_bytes, full_page_bytes) = self.log_written(superuser).await?;
        Ok(Counters {
            wal_syncs: now.wal_syncs - self.counters.wal_syncs,
            wal_bytes,
            full_page_bytes,
            calls: difference(&now.calls, &self.counters.calls),
            sequential_scans: difference(&now.sequential_scans, &self.counters.sequential_scans),
        })
    }
}

impl Baseline {
    /// Bytes of log since, and of images of whole pages. Where nothing was written there is no log to ask.
    async fn log_written(&self, superuser: &mut PgConnection) -> Result<(i64, i64), sqlx::Error> {
        let written: bool = sqlx::query_scalar("select pg_current_wal_flush_lsn() > $1::pg_lsn")
            .bind(&self.from)
            .fetch_one(&mut *superuser)
            .await?;
        if !written {
            return Ok((0, 0));
        }
        sqlx::query_as(
            "select coalesce(sum(record_size), 0)::bigint, coalesce(sum(fpi_size), 0)::bigint
               from pg_get_wal_stats_till_end_of_wal($1::pg_lsn)",
        )
        .bind(&self.from)
        .fetch_one(superuser)
        .await
    }
}

impl Counters {
    /// How often a function was called.
    #[must_use]
    pub fn calls_of(&self, function: &str) -> i64 {
        self.calls.get(function).copied().unwrap_or(0)
    }
}

async fn read(superuser: &mut PgConnection) -> anyhow::Result<Counters> {
    // What this session saw before would otherwise be shown again.
    let wal_syncs = sqlx::query_scalar("select wal_sync from pg_stat_wal").fetch_one(&mut *superuser).await?;
    let calls: Vec<(String, i64)> =
        sqlx::query_as("select funcname::text, calls from pg_stat_user_functions").fetch_all(&mut *superuser).await?;
    let scans: Vec<(String, i64)> =
        sqlx::query_as("select relname::text, seq_tup_read from pg_stat_user_tables where relname ~ $1")
            .bind(HOT_TABLES)
            .fetch_all(&mut *superuser)
            .await?;
    let (calls, sequential_scans) = (calls.into_iter().collect(), scans.into_iter().collect());
    Ok(Counters { wal_syncs, calls, sequential_scans, ..Counters::default() })
}

fn difference(now: &BTreeMap<String, i64>, before: &BTreeMap<String, i64>) -> BTreeMap<String, i64> {
    let since = |(name, count): (&String, &i64)| (name.clone(), count - before.get(name).unwrap_or(&0));
    now.iter().map(since).filter(|(_, count)| *count != 0).collect()
}
