//! The mail server of the tests, a process of its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use core_kernel::{Entropy, SystemEntropy};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Whether the caller asked to leave out what needs Python.
pub fn left_out() -> bool {
    let left_out = std::env::var("POSTERN_TEST_SKIP").unwrap_or_default().split(',').any(|name| name == "python");
    if left_out {
        eprintln!("left out on request: python");
    }
    left_out
}

pub struct Sink {
    pub port: u16,
    folder: PathBuf,
    _process: Child,
}

impl Sink {
    /// Starts the server. Without Python or aiosmtpd the test fails: a test that cannot run is no pass.
    pub async fn start() -> Self {
        let mut suffix = [0_u8; 8];
        SystemEntropy.fill(&mut suffix);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sink-{:016x}", u64::from_le_bytes(suffix)));
        std::fs::create_dir_all(&folder).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/smtp_sink.py");
        let mut process = Command::new(python())
            .arg(script)
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("Python; scripts/ensure-tools.sh test installs what the tests need");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.next_line().await.unwrap().expect("the sink's port: is aiosmtpd installed?");
        Self { port: port.parse().unwrap(), folder, _process: process }
    }

    /// From now on it does this: `busy`, `refuse`, `hang`.
    pub fn tell(&self, what: &str) {
        std::fs::write(self.folder.join(what), "").unwrap();
    }

    /// And no longer.
    pub fn tell_no_longer(&self, what: &str) {
        std::fs::remove_file(self.folder.join(what)).unwrap();
    }

    /// All mails so far, in order.
    pub fn mails(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "eml")).collect();
        files.sort();
        files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
    }

    /// Waits for this many mails.
    pub async fn receives(&self, count: usize) -> Vec<String> {
        for _ in 0..600 {
            let mails = self.mails();
            if mails.len() >= count {
                return mails;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} mails instead of {count}", self.mails().len());
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn python() -> PathBuf {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.venv/bin/python");
    match std::env::var_os("POSTERN_PYTHON") {
        Some(python) => python.into(),
        None if installed.is_file() => installed,
        None => "python3".into(),
    }
}
