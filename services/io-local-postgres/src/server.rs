//! The server process: launching it, waiting for it, ending it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::error::Context;
use crate::initialise::last_lines;
use crate::place::{Place, private_file};
use crate::{Binaries, Error, Lifetime, Options, postmaster};

/// Long enough for the recovery of a large log after a crash.
const START_LIMIT: Duration = Duration::from_secs(300);
const STOP_LIMIT: Duration = Duration::from_secs(60);
/// How long processes of a killed server may take to notice that it is gone.
const ORPHANS_LIMIT: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(20);

/// A server process.
#[derive(Debug)]
pub(crate) struct Server {
    pid: i32,
    /// Tells when our own child ends; `None` for a server that somebody else started.
    exit: Option<Mutex<Receiver<ExitStatus>>>,
}

impl Server {
    /// A server that is already running.
    pub(crate) fn found(pid: i32) -> Self {
        Self { pid, exit: None }
    }

    pub(crate) fn pid(&self) -> i32 {
        self.pid
    }

    /// Starts the server and waits until it takes connections.
    pub(crate) fn launch(
        place: &Place,
        binaries: &Binaries,
        options: &Options,
        socket_dir: &Path,
    ) -> Result<Self, Error> {
        let launch = Launch { place, binaries, options, socket_dir, log: place.log_file(options) };
        let limit = Instant::now() + ORPHANS_LIMIT;
        loop {
            let said_before = fs::metadata(&launch.log).map_or(0, |log| log.len());
            let (server, failure) = launch.once()?;
            let Some(status) = failure else { return Ok(server) };
            let said = launch.said_since(said_before);
            // The server killed before us still has processes; they end by themselves.
            if said.contains("shared memory block") && Instant::now() < limit {
                thread::sleep(STEP * 10);
                continue;
            }
            let detail = format!("{} ({status}); log: {}", last_lines(&said), launch.log.display());
            return Err(Error::Program { program: "postgres", detail });
        }
    }

    /// Whether the process is still there.
    pub(crate) fn is_running(&self, place: &Place) -> bool {
        postmaster::serves(self.pid, &place.data())
    }

    /// Ends the server: politely (disconnecting its clients), then at once.
    pub(crate) fn stop(&mut self, place: &Place) -> Result<(), Error> {
        for signal in [Signal::SIGINT, Signal::SIGQUIT] {
            if !self.is_running(place) {
                break;
            }
            // It may have ended by itself in between; the wait tells.
            let _ = kill(Pid::from_raw(self.pid), signal);
            self.wait(place);
        }
        if self.is_running(place) { Err(Error::DoesNotStop { pid: self.pid }) } else { Ok(()) }
    }

    /// How our own child ended, if it does so in time; `None` when it is not our child.
    fn ended_within(&self, limit: Duration) -> Option<Result<ExitStatus, RecvTimeoutError>> {
        let exit = self.exit.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        Some(exit.recv_timeout(limit))
    }

    fn wait(&self, place: &Place) {
        if self.ended_within(STOP_LIMIT).is_some() {
            return;
        }
        let limit = Instant::now() + STOP_LIMIT;
        while self.is_running(place) && Instant::now() < limit {
            thread::sleep(STEP);
        }
    }
}

/// Everything that one start needs.
struct Launch<'a> {
    place: &'a Place,
    binaries: &'a Binaries,
    options: &'a Options,
    socket_dir: &'a Path,
    log: PathBuf,
}

impl Launch<'_> {
    /// One attempt; the exit status if the server ended before it was ready.
    fn once(&self) -> Result<(Server, Option<ExitStatus>), Error> {
        let (child, exit) = keep(self.command()?).context("cannot run", &self.binaries.program("postgres"))?;
        let limit = Instant::now() + START_LIMIT;
        let mut server = Server { pid: child, exit: Some(Mutex::new(exit)) };
        loop {
            match server.ended_within(STEP) {
                Some(Ok(status)) => return Ok((server, Some(status))),
                _ if self.is_ready(server.pid) => return Ok((server, None)),
                _ if Instant::now() > limit => break,
                _ => {}
            }
        }
        server.stop(self.place)?;
        Err(Error::Program { program: "postgres", detail: "it was not ready within five minutes".to_owned() })
    }

    fn is_ready(&self, pid: i32) -> bool {
        postmaster::read(self.place).is_some_and(|found| found.pid == pid && found.ready)
            && postmaster::connects(self.socket_dir)
    }

    fn command(&self) -> Result<Command, Error> {
        let log = self.open_log()?;
        let errors = log.try_clone().context("cannot open", &self.log)?;
        let (program, before) = self.program();
        let mut command = self.place.account().command(&program, self.place.base());
        // A group of its own: Ctrl-C at the terminal is for us, who end the server after its clients.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.args(before).arg("-D").arg(self.place.data());
        command.args(self.options.arguments(self.socket_dir)).stdout(log).stderr(errors);
        Ok(command)
    }

    /// The server, or `setpriv` that becomes the server: it alone can ask for a signal when we die.
    fn program(&self) -> (PathBuf, Vec<String>) {
        let postgres = self.binaries.program("postgres");
        if !setpriv_can("--pdeathsig") {
            return (postgres, Vec::new());
        }
        let mut arguments = vec!["--no-new-privs".to_owned()];
        if self.options.lifetime == Lifetime::WithParent {
            arguments.extend(["--pdeathsig", "INT"].map(str::to_owned));
        }
        arguments.extend(["--".to_owned(), postgres.to_string_lossy().into_owned()]);
        (PathBuf::from("setpriv"), arguments)
    }

    fn open_log(&self) -> Result<File, Error> {
        if let Some(folder) = self.log.parent() {
            fs::create_dir_all(folder).context("cannot create", folder)?;
        }
        private_file().open(&self.log).context("cannot open", &self.log)
    }

    fn said_since(&self, length: u64) -> String {
        let all = fs::read(&self.log).unwrap_or_default();
        let start = usize::try_from(length).unwrap_or(0).min(all.len());
        String::from_utf8_lossy(&all[start..]).into_owned()
    }
}

/// Whether this machine's `setpriv` has an option (BusyBox's has fewer; macOS has none).
fn setpriv_can(option: &str) -> bool {
    let help = Command::new("setpriv").arg("--help").stdin(Stdio::null()).output();
    help.is_ok_and(|help| String::from_utf8_lossy(&help.stdout).contains(option))
}

/// Runs a child under a thread that lives as long as the child does.
///
/// Linux sends the death signal when the *thread* that started the child ends. A thread of an async
/// runtime's blocking pool ends after seconds of idleness and would take the server with it.
fn keep(mut command: Command) -> std::io::Result<(i32, Receiver<ExitStatus>)> {
    let (started, start) = channel();
    let (ended, exit) = channel();
    thread::Builder::new()
        .name("local-postgres".to_owned())
        .spawn(move || attend(command.spawn(), &started, &ended))?;
    let pid = start.recv().map_err(std::io::Error::other)??;
    Ok((pid, exit))
}

fn attend(child: std::io::Result<Child>, started: &Sender<std::io::Result<i32>>, ended: &Sender<ExitStatus>) {
    match child {
        Err(failure) => drop(started.send(Err(failure))),
        Ok(mut child) => {
            let pid = i32::try_from(child.id()).map_err(std::io::Error::other);
            let _ = started.send(pid);
            if let Ok(status) = child.wait() {
                let _ = ended.send(status);
            }
        }
    }
}
