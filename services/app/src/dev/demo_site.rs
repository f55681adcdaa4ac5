//! The demo's client website: a program of its own, as an integrator's would be, that knows of Postern
//! what its environment tells it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::banner;
use super::places::demo_url;
use super::seed::{Seeded, SeededTenant};
use crate::config::{Config, HostPort};

const PATIENCE: Duration = Duration::from_secs(20);
const STEP: Duration = Duration::from_millis(50);
/// Ends the website when the pipe to it breaks: also when we are killed, and can end nobody.
const WITH_US: &str = "data:text/javascript,process.stdin.on('end', () => process.exit()).on('error', () => process.exit()).resume().unref()";

/// The website at work; it ends with this.
pub(super) struct DemoSite {
    url: String,
    _process: Child,
}

impl DemoSite {
    /// Starts the website and waits until it answers; `None`, with a word why, where it cannot be had.
    pub(super) async fn start(
        config: &Config,
        postern_url: &str,
        place: &HostPort,
        seeded: &Seeded,
        folder: &Path,
    ) -> anyhow::Result<Option<Self>> {
        let Some(site) = folder_of(config) else {
            banner::note("the demo's website is not here; the API works without it");
            return Ok(None);
        };
        let Some(tenant) = seeded.sandbox() else { return Ok(None) };
        let log = std::fs::File::create(folder.join("demo-site.log"))?;
        let mut command = Command::new("node");
        command.args(["--import", WITH_US, "server.mjs"]).current_dir(site);
        command.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log);
        command.kill_on_drop(true);
        environment(&mut command, postern_url, place, seeded, tenant);
        match command.spawn() {
            Ok(process) => {
                let mut site = Self { url: demo_url(place), _process: process };
                site.wait(place, folder).await?;
                Ok(Some(site))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                banner::note(
                    "Node.js is not installed, so the demo's website was not started; the API works without it",
                );
                Ok(None)
            }
            Err(error) => Err(error).context("the demo's website could not be started"),
        }
    }

    /// Where a browser finds it.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    async fn wait(&mut self, place: &HostPort, folder: &Path) -> anyhow::Result<()> {
        let answers = async {
            while TcpStream::connect((place.host.as_str(), place.port)).await.is_err() {
                if let Some(status) = self._process.try_wait()? {
                    anyhow::bail!("the demo's website ended at once ({status})");
                }
                tokio::time::sleep(STEP).await;
            }
            Ok(())
        };
        let log = folder.join("demo-site.log");
        match tokio::time::timeout(PATIENCE, answers).await {
            Ok(answers) => answers.with_context(|| format!("see {}", log.display())),
            Err(_elapsed) => anyhow::bail!("the demo's website does not answer; see {}", log.display()),
        }
    }
}

/// Below where we run, or where the sources lie in whose `target` this program does. Not where it was built: a release
/// is the same wherever that is.
fn folder_of(config: &Config) -> Option<PathBuf> {
    let program = std::env::current_exe().unwrap_or_default();
    let above = program.ancestors().skip(1).take(3).map(|folder| folder.join(&config.demo_site));
    std::iter::once(config.demo_site.clone()).chain(above).find(|folder| folder.join("server.mjs").is_file())
}

fn environment(command: &mut Command, postern_url: &str, place: &HostPort, seeded: &Seeded, tenant: &SeededTenant) {
    let hosts = if place.host == "localhost" { "127.0.0.1,::1" } else { &place.host };
    let users = serde_json::to_string(&seeded.users).unwrap_or_default();
    command
        .env("HOST", hosts)
        .env("PORT", place.port.to_string())
        .env("SITE_URL", demo_url(place))
        .env("POSTERN_URL", postern_url)
        .env("POSTERN_TENANT_ID", &tenant.id)
        .env("POSTERN_API_KEY", &tenant.api_key)
        .env("POSTERN_SUPPORT_API_KEY", &tenant.support_api_key)
        .env("DEMO_ADVISOR_EMAIL", &seeded.advisor_email)
        .env("DEMO_USERS", users);
}
