//! `postern audit`: proving an export of the audit log, and what that takes.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use core_access::{Caller, Operation};
use core_audit::{Head, Report, Verifier};
use core_crypto::Jwks;
use core_kernel::TypedId as _;
use data_encoding::HEXLOWER;
use io_postgres::{Database, DatabaseOptions};
use serde_json::Value;

use super::export_file::ExportFile;
use super::named;
use crate::config::Config;
use crate::wiring::open_platform;

/// Proves an export, without any connection; fails where it does not hold.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) fn verify(export: &Path, keys: &Path, kept: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let text = fs::read_to_string(keys).with_context(|| keys.display().to_string())?;
    let keys: Jwks = serde_json::from_str(&text).with_context(|| format!("{} is no key set", keys.display()))?;
    let mut heads = Vec::new();
    for file in kept {
        heads.extend(read_heads(file, &keys)?);
    }
    let report = read(export, &keys, heads)?;
    for finding in &report.findings {
        println!("{finding}");
    }
    println!("{}", told(&report));
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read(export: &Path, keys: &Jwks, kept: Vec<Head>) -> anyhow::Result<Report> {
    let file = File::open(export).with_context(|| export.display().to_string())?;
    let mut verifier = Verifier::new(keys, kept);
    let mut lines = BufReader::new(file);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        verifier.read(String::from_utf8_lossy(&line).trim_end_matches('\n'));
        line.clear();
    }
    Ok(verifier.finish())
}

/// The heads in a file that was kept: what `heads` wrote, or an earlier export.
fn read_heads(file: &Path, keys: &Jwks) -> anyhow::Result<Vec<Head>> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let tokens = text.lines().filter_map(|line| match serde_json::from_str::<Value>(line) {
        Ok(line) => line.get("head").and_then(Value::as_str).map(str::to_owned),
        Err(_) => Some(line.trim().to_owned()).filter(|line| !line.is_empty()),
    });
    let heads: Result<Vec<_>, _> = tokens.map(|token| Head::verify(&token, keys)).collect();
    heads.with_context(|| format!("{} holds a head that none of these keys signed", file.display()))
}

/// The report's last sentence.
fn told(report: &Report) -> String {
    if !report.holds() {
        let count = report.findings.len() as u64 + report.not_shown;
        return format!("This export does not hold: {count} findings in {} entries.", report.entries);
    }
    let tenant = report.tenant.map_or_else(String::new, |tenant| tenant.to_text());
    let hash = report.hash.map_or_else(String::new, |hash| HEXLOWER.encode(&hash));
    let ended = report.ended_at.map_or_else(String::new, |at| at.to_rfc3339());
    format!(
        "This export holds: entries {} to {} of {tenant}, complete as of {ended}; {} erased, {} signed heads agree.\n\
         The last entry's hash is {hash}.",
        report.first, report.last, report.erased, report.heads,
    )
}

/// Writes the set of all keys that ever signed.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn keys(config: &Config, output: &Path) -> anyhow::Result<()> {
    super::refuse_unfit(config).await?;
    let url = config.database_url.as_ref().context("database_url is not set")?;
    let database = Database::connect_lazy(&DatabaseOptions::new(url.expose()))?;
    let keys = svc_audit::chain::published_keys(&database).await?;
    let mut file = ExportFile::create(output)?;
    serde_json::to_writer_pretty(&mut file, &keys)?;
    file.write_all(b"\n")?;
    file.finish()?;
    println!("{} holds {} keys, none of them secret.", output.display(), keys.keys.len());
    database.close().await;
    Ok(())
}

/// Writes a tenant's signed heads, to be kept where the database's owner does not reach.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn heads(config: &Config, named: &str, output: &Path) -> anyhow::Result<()> {
    super::refuse_unfit(config).await?;
    let tenant = named::tenant(config, named).await?;
    let platform = open_platform(config).await?;
    let permit = Caller::system(tenant).permit(Operation::ReadAudit)?;
    let heads = svc_audit::chain::list_heads(&platform, &permit).await?;
    let mut file = ExportFile::create(output)?;
    for head in &heads {
        writeln!(file, "{head}")?;
    }
    file.finish()?;
    println!("{}: {} signed heads.", output.display(), heads.len());
    platform.database.close().await;
    Ok(())
}
