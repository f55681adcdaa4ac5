//! What was measured on.

use std::fs;

use sqlx::PgConnection;

/// One line: processor, memory, kernel, PostgreSQL.
///
/// # Errors
/// When PostgreSQL is gone.
pub async fn describe(connection: &mut PgConnection) -> anyhow::Result<String> {
    let postgres: String = sqlx::query_scalar("select current_setting('server_version')").fetch_one(connection).await?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let cpu = value_of("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let memory = value_of("/proc/meminfo", "MemTotal").and_then(|kib| kib.trim_end_matches(" kB").parse::<u64>().ok());
    let memory = memory.map_or_else(|| "?".to_owned(), |kib| format!("{:.0}", kib as f64 / f64::from(1 << 20)));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    Ok(format!(
        "{cores} cores ({cpu}), {memory} GiB, Linux {}, PostgreSQL {postgres}; driver, server and database on them",
        kernel.trim()
    ))
}

fn value_of(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim().to_owned())
}
