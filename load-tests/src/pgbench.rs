//! The limit that PostgreSQL itself sets: the same statement, one call each, by its own load driver.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use io_local_postgres::LocalPostgres;
use sqlx::Connection as _;
use tokio::process::Command;

use crate::copy::copy;
use crate::database::{BenchDatabase, run};
use crate::seed::Population;
use crate::stats::Sample;
use crate::targets::Target;

/// What the login path's combiner sends, for one call. Each client walks through its own part of the
/// targets; the table stands for the request that carries them.
const SCRIPT: &str = "\\set i :i + 1
select v.outcome, v.login_id, v.completed_at
  from bench_target b,
       hot_verify_batch(array[b.tenant_id], array[b.challenge_id], array[b.month], array[b.code_key::text],
                        array[6::smallint], array[null::smallint], array[false], array[null::bigint], array[false],
                        array[''], array[null::uuid], array[null::bytea], array[null::integer], array[null::integer],
                        array[null::uuid], array[null::bytea]) v
 where b.n = :i * CLIENTS + :client_id;
";

/// pgbench's path: beside the server's programs, or on PATH.
#[must_use]
pub fn program() -> Option<PathBuf> {
    let beside = LocalPostgres::find_binaries(&[]).ok().map(|binaries| binaries.folder().join("pgbench"));
    let on_path: Option<Vec<_>> = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).map(|folder| folder.join("pgbench")).collect());
    beside.into_iter().chain(on_path.unwrap_or_default()).find(|path| path.is_file())
}

/// Verifies all targets on `clients` connections as the role of `url`.
///
/// # Errors
/// When pgbench fails, or not every call completed its login.
pub async fn verify(
    database: &BenchDatabase,
    url: &str,
    population: &Population,
    targets: &[Target],
    clients: usize,
    folder: &Path,
) -> anyhow::Result<Sample> {
    write_targets(database, population, targets).await?;
    database.checkpoint().await?;
    let folder = folder.join("pgbench");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("verify.sql"), SCRIPT.replace("CLIENTS", &clients.to_string()))?;
    let each = targets.len() / clients;
    let output = Command::new(program().context("pgbench, which comes with PostgreSQL's server, is not installed")?)
        .current_dir(&folder)
        .args([
            "--no-vacuum",
            "--protocol=prepared",
            "--log",
            "--log-prefix=calls",
            "--file=verify.sql",
            "--define=i=-1",
        ])
        .arg(format!("--client={clients}"))
        .arg(format!("--jobs={}", clients.min(2)))
        .arg(format!("--transactions={each}"))
        .arg(url)
        .output()
        .await?;
    ensure!(output.status.success(), "pgbench: {}", String::from_utf8_lossy(&output.stderr));
    check_completed(database, each * clients).await?;
    sample(&folder, &String::from_utf8_lossy(&output.stdout))
}

async fn write_targets(database: &BenchDatabase, population: &Population, targets: &[Target]) -> anyhow::Result<()> {
    let mut connection = database.superuser().await?;
    let sql = "drop table if exists bench_target;
        create table bench_target (n integer, tenant_id uuid, challenge_id uuid, month date, code_key smallint);
        grant select on bench_target to postern_app";
    run(&mut connection, sql.to_owned()).await?;
    let key: i64 = sqlx::query_scalar("select max(key_id)::bigint from crypto_key where purpose = 'CODE'")
        .fetch_one(&mut connection)
        .await?;
    copy(&mut connection, "bench_target", targets.iter().enumerate(), |row, (n, target)| {
        row.number(n as i64).uuid(population.tenants[target.user.tenant as usize].id.0).uuid(target.challenge.0);
        row.text(&target.challenge.month().to_string()).number(key);
    })
    .await?;
    run(&mut connection, "alter table bench_target add primary key (n); analyze bench_target".to_owned()).await?;
    Ok(connection.close().await?)
}

/// A statement that completes nothing would be fast.
async fn check_completed(database: &BenchDatabase, expected: usize) -> anyhow::Result<()> {
    let mut connection = database.superuser().await?;
    let completed: i64 = sqlx::query_scalar(
        "select count(*) from bench_target b join login l on l.tenant_id = b.tenant_id and l.completed_by = b.challenge_id",
    )
    .fetch_one(&mut connection)
    .await?;
    ensure!(completed == i64::try_from(expected)?, "{completed} of {expected} logins were completed");
    // A server would refuse to start beside a table that belongs to no tenant.
    run(&mut connection, "drop table bench_target".to_owned()).await?;
    Ok(connection.close().await?)
}

fn sample(folder: &Path, said: &str) -> anyhow::Result<Sample> {
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")).and_then(|rest| rest.split(' ').next());
    let rate: f64 = rate.context("pgbench tells no rate")?.parse()?;
    let mut latencies = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("calls.")) {
            latencies.extend(fs::read_to_string(path)?.lines().filter_map(latency));
        }
    }
    Ok(Sample::new(Duration::from_secs_f64(latencies.len() as f64 / rate), latencies))
}

/// `client transaction microseconds …`
fn latency(line: &str) -> Option<Duration> {
    line.split(' ').nth(2)?.parse().ok().map(Duration::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_log_tells_microseconds() {
        assert_eq!(latency("0 199 2241 0 1175850568 995598"), Some(Duration::from_micros(2_241)));
        assert_eq!(latency(""), None);
    }
}
