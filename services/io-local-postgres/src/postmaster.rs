//! A server that is already there: one we left running, or what a crash left behind.
//!
//! `postmaster.pid` in the data folder names the process, its socket folder and its state. The file
//! may be stale and its number may belong to another process by now, so a signal is sent only to a
//! process whose command line names this data folder.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::signal::kill;
use nix::unistd::Pid;

use crate::error::Context;
use crate::place::Place;
use crate::server::Server;
use crate::{Error, socket};

/// A process id that no system hands out.
const NOBODY: i32 = i32::MAX;

/// What `postmaster.pid` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Postmaster {
    pub(crate) pid: i32,
    pub(crate) socket_dir: PathBuf,
    pub(crate) ready: bool,
}

/// Reads `postmaster.pid`; `None` when it is missing or not yet complete.
pub(crate) fn read(place: &Place) -> Option<Postmaster> {
    parse(&fs::read_to_string(pid_file(place)).ok()?)
}

fn parse(text: &str) -> Option<Postmaster> {
    let lines: Vec<_> = text.lines().collect();
    let pid = lines.first()?.trim().parse().ok().filter(|pid| *pid > 1)?;
    let socket_dir = PathBuf::from(lines.get(4).copied().unwrap_or_default());
    Some(Postmaster { pid, socket_dir, ready: lines.get(7).is_some_and(|state| state.trim() == "ready") })
}

fn pid_file(place: &Place) -> PathBuf {
    place.data().join("postmaster.pid")
}

/// The running server of this place, if it takes connections.
pub(crate) fn answering(place: &Place) -> Option<Postmaster> {
    read(place).filter(|found| found.ready && serves(found.pid, &place.data()) && connects(&found.socket_dir))
}

/// Whether somebody listens on the socket.
pub(crate) fn connects(socket_dir: &Path) -> bool {
    UnixStream::connect(socket::file(socket_dir)).is_ok()
}

/// Stops a server that still runs here, and clears what would keep a new one from starting.
pub(crate) fn stop_leftover(place: &Place) -> Result<(), Error> {
    let Some(found) = read(place) else { return Ok(()) };
    if serves(found.pid, &place.data()) {
        Server::found(found.pid).stop(place)?;
    }
    socket::remove(&found.socket_dir);
    disown_recycled_pid(place)
}

/// A stale file whose number belongs to another process by now (usual after a container restarts)
/// would keep PostgreSQL from starting for ever. The number is replaced and the rest is left: the
/// server still checks by its shared memory that no process of the old one remains.
fn disown_recycled_pid(place: &Place) -> Result<(), Error> {
    let path = pid_file(place);
    let Ok(text) = fs::read_to_string(&path) else { return Ok(()) };
    let recycled = parse(&text).is_some_and(|found| exists(found.pid) && !serves(found.pid, &place.data()));
    match text.split_once('\n').filter(|_| recycled) {
        Some((_, rest)) => fs::write(&path, format!("{NOBODY}\n{rest}")).context("cannot write", &path),
        None => Ok(()),
    }
}

fn exists(pid: i32) -> bool {
    kill(Pid::from_raw(pid), None) != Err(nix::errno::Errno::ESRCH)
}

/// Whether process `pid` is the server of `data`: its command line names the folder.
pub(crate) fn serves(pid: i32, data: &Path) -> bool {
    let wanted = data.as_os_str().as_bytes();
    command_line(pid).split(|byte| *byte == 0).any(|argument| argument == wanted)
}

/// The arguments of a process, separated by zero bytes; empty when it is gone.
fn command_line(pid: i32) -> Vec<u8> {
    if Path::new("/proc/self/cmdline").exists() {
        return fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    }
    // Without /proc arguments are separated by spaces only: `-D` and `-c` mark where they end.
    let output = Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output();
    let line = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    line.replace(" -D ", "\0-D\0").replace(" -c ", "\0-c\0").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_servers_file_at_each_stage() {
        let early = parse("4711\n/data\n1700000000\n54329\n").unwrap();
        assert_eq!((early.pid, early.ready), (4711, false));
        let late = parse("4711\n/data\n1700000000\n54329\n/data/so cket\n\n  54329  1\nready   \n").unwrap();
        assert_eq!((late.socket_dir, late.ready), (PathBuf::from("/data/so cket"), true));
        let stopping = parse("4711\n/data\n1700000000\n54329\n/s\n\n  54329  1\nstopping\n").unwrap();
        assert!(!stopping.ready);
    }

    #[test]
    fn a_broken_file_names_nobody() {
        for text in ["", "\n", "x\n", "0\n", "-1\n", "1\n"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_process_serves_only_the_folder_on_its_command_line() {
        let me = i32::try_from(std::process::id()).unwrap();
        let program = std::env::args().next().unwrap();
        assert!(serves(me, Path::new(&program)));
        assert!(!serves(me, Path::new("/somewhere/else")));
        assert!(!serves(NOBODY, Path::new(&program)));
        assert!(exists(me) && !exists(NOBODY));
    }
}
