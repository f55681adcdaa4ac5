//! `postern serve` and `postern worker` as processes of their own, as an operator runs them.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use core_kernel::{Clock, SystemClock};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::database::BenchDatabase;

const START_WITHIN: Duration = Duration::from_secs(20);
const STEP: Duration = Duration::from_millis(2);

/// How the login path's calls are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combining {
    /// As configured by default.
    On,
    /// One call, one transaction, on this many connections to the database.
    Off(usize),
}

/// Programs and folders.
#[derive(Debug, Clone)]
pub struct Programs {
    /// The binary `postern`.
    pub postern: PathBuf,
    /// Where the servers' logs and the master key are kept.
    pub folder: PathBuf,
}

impl Programs {
    fn command(&self, role: &str, database: &BenchDatabase) -> anyhow::Result<Command> {
        fs::create_dir_all(&self.folder)?;
        let key = self.folder.join(format!("{}.master", database.name));
        let _ = fs::remove_file(&key);
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&key)?;
        std::io::Write::write_all(&mut file, database.master.to_text().as_bytes())?;
        let addresses = io_geo::demo::write(&self.folder.join("addresses"), SystemClock.now())?;
        let log = fs::OpenOptions::new().create(true).append(true).open(self.folder.join(format!("{role}.log")))?;
        let mut command = Command::new(&self.postern);
        command
            .arg(role)
            .current_dir(&self.folder)
            .env("POSTERN_DATABASE_URL", &database.app_url)
            .env("POSTERN_KEYS__MASTER_FILE", &key)
            .env("POSTERN_GEOIP_CITY", joined(&addresses.city))
            .env("POSTERN_GEOIP_ASN", joined(&addresses.asn))
            .env("POSTERN_GEOIP_ANONYMIZER", joined(&addresses.anonymizer))
            .env("POSTERN_LOG__FILTER", "warn")
            .env("POSTERN_LOG__FORMAT", "json")
            .stdin(Stdio::null())
            .stderr(log.try_clone()?)
            .stdout(log);
        Ok(command)
    }
}

fn joined(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(",")
}

/// A process of Postern's, ended when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    /// Where it listens; of a worker, nowhere.
    pub address: SocketAddr,
    /// From its start to its first answer.
    pub first_answer_after: Duration,
}

impl Process {
    /// Starts a gateway with rates that are not in the way, and waits for its first answer.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn serve(programs: &Programs, database: &BenchDatabase, combining: Combining) -> anyhow::Result<Self> {
        let address = free_address()?;
        let mut command = programs.command("serve", database)?;
        command
            .env("POSTERN_LISTEN", address.to_string())
            .env("POSTERN_BENCH__ENABLED", "true")
            .env("POSTERN_SHUTDOWN__DRAIN_SECONDS", "0");
        for limit in ["API_KEY", "API_KEY_COMPLEXITY", "TENANT", "USER_EVALUATE_LOGIN", "USER_START_CHALLENGE"] {
            command.env(format!("POSTERN_LIMITS__{limit}_RATE"), "100000000");
            command.env(format!("POSTERN_LIMITS__{limit}_BURST"), "100000000");
        }
        if let Combining::Off(workers) = combining {
            command.env("POSTERN_LOGIN_PATH__WORKERS", workers.to_string()).env("POSTERN_LOGIN_PATH__MAX_BATCH", "1");
        }
        let began = Instant::now();
        let mut process =
            Self { child: command.spawn().context("postern")?, address, first_answer_after: Duration::ZERO };
        while !answers(address).await {
            if let Some(status) = process.child.try_wait()? {
                bail!("postern serve ended ({status}); its log is in {}", programs.folder.display());
            }
            if began.elapsed() > START_WITHIN {
                bail!("postern serve does not answer; its log is in {}", programs.folder.display());
            }
            tokio::time::sleep(STEP).await;
        }
        process.first_answer_after = began.elapsed();
        Ok(process)
    }

    /// Starts a worker, with settings of its own.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn worker(programs: &Programs, database: &BenchDatabase, settings: &[(&str, String)]) -> anyhow::Result<Self> {
        let mut command = programs.command("worker", database)?;
        let child = command.envs(settings.iter().map(|(name, value)| (name, value))).spawn().context("postern")?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Ok(Self { child, address, first_answer_after: Duration::ZERO })
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its resident memory, in bytes.
    ///
    /// # Errors
    /// When it has ended.
    pub fn resident_bytes(&self) -> anyhow::Result<u64> {
        resident(Path::new(&format!("/proc/{}/status", self.id())))
    }

    /// Ends it as an operator does, and waits: its sessions hand in their last counts.
    ///
    /// # Errors
    /// When it does not end well.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        kill(Pid::from_raw(i32::try_from(self.child.id())?), Signal::SIGTERM)?;
        let began = Instant::now();
        loop {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => bail!("postern ended with {status}"),
                None if began.elapsed() > START_WITHIN * 2 => bail!("postern does not stop"),
                None => tokio::time::sleep(STEP * 10).await,
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The resident memory of this very process, in bytes.
///
/// # Errors
/// Where the kernel does not tell.
pub fn own_resident_bytes() -> anyhow::Result<u64> {
    resident(Path::new("/proc/self/status"))
}

fn resident(status: &Path) -> anyhow::Result<u64> {
    let text = fs::read_to_string(status)?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib * 1_024)
}

fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// Whether it is ready to serve logins: readiness asks the database.
async fn answers(address: SocketAddr) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
        let mut response = Vec::new();
        stream.read_to_end(&mut response).await?;
        Ok::<_, std::io::Error>(response.starts_with(b"HTTP/1.1 200"))
    };
    ask.await.unwrap_or(false)
}
