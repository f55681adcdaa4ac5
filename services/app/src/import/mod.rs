//! `postern import`: sends a file to an installation, as anybody with a key may, and shows how it goes.

mod api;
mod file;
mod show;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use url::Url;

use crate::config::Config;
use api::{Api, Job};
use show::Bar;

/// How often progress is asked for.
const LOOK: Duration = Duration::from_millis(500);

/// What is to be imported. The comments are the help.
#[derive(Args, Debug)]
pub(crate) struct Import {
    /// The file: CSV with a header row
    file: PathBuf,
    /// The tenant whose users it holds, by slug or identifier; left out: it holds the partner's tenants
    #[arg(long)]
    tenant: Option<String>,
    /// Do everything but the changes
    #[arg(long)]
    dry_run: bool,
    /// The phones are the users' own, beyond doubt: ACTIVE instead of suggested
    #[arg(long, requires = "tenant")]
    trust_contacts: bool,
    /// Make a SANDBOX tenant beside each LIVE one
    #[arg(long, conflicts_with = "tenant")]
    sandbox_twins: bool,
    /// Where to write the refused rows, to correct and send again; a file that is there is replaced
    #[arg(long, value_name = "FILE")]
    refused: Option<PathBuf>,
    /// The installation; left out: that of `postern dev` on this machine
    #[arg(long, env = "POSTERN_URL")]
    url: Option<Url>,
    /// The API key; better in the environment, where others do not see it. Left out: that of `postern dev`
    #[arg(long, env = "POSTERN_API_KEY", hide_env_values = true)]
    key: Option<String>,
}

/// Imports, and waits for the end.
pub(crate) async fn run(config: &Config, import: Import) -> anyhow::Result<ExitCode> {
    let mut api = Api::new(config, import.url.as_ref(), import.key.as_deref())?;
    if let Some(tenant) = &import.tenant {
        api.act_for(tenant).await?;
    }
    let mut bar = Bar::default();
    let mut job = send(&api, &import, &mut bar).await?;
    while !job.is_over() {
        bar.show(&job.line());
        tokio::time::sleep(LOOK).await;
        job = api.job(&job.id).await?;
    }
    bar.end(&job.line());
    tell(&api, &import, &job).await
}

async fn send(api: &Api, import: &Import, bar: &mut Bar) -> anyhow::Result<Job> {
    let name = import.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let file = tokio::fs::File::open(&import.file).await;
    let file = file.with_context(|| import.file.display().to_string())?;
    let bytes = file.metadata().await?.len();
    let sent = bar.meter(bytes);
    match &import.tenant {
        Some(_) => api.import_users(name, file, bytes, sent, import.dry_run, import.trust_contacts).await,
        None => api.import_tenants(name, file, bytes, sent, import.dry_run, import.sandbox_twins).await,
    }
}

/// The end of it, on standard output.
#[expect(clippy::print_stdout, reason = "what was asked for goes to standard output")]
async fn tell(api: &Api, import: &Import, job: &Job) -> anyhow::Result<ExitCode> {
    println!("{}", job.summary());
    for error in &job.errors {
        println!("  {error}");
    }
    if let (Some(path), Some(url)) = (&import.refused, &job.errors_url) {
        api.download(url, path).await?;
        println!("The refused rows are in {}.", path.display());
    }
    Ok(match job.status.as_str() {
        "COMPLETED" => ExitCode::SUCCESS,
        "COMPLETED_WITH_ERRORS" => ExitCode::from(2),
        _ => ExitCode::FAILURE,
    })
}
