//! The shared server, asked for by several processes at once, as the tests of a suite do.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod common;

use std::path::Path;
use std::process::{Child, Command, Stdio};

use common::{Folder, ask_url, wait_until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

fn program(target: &Path, verb: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_test-postgres"));
    command.arg(verb).env("CARGO_TARGET_DIR", target).env_remove("POSTERN_TEST_SUPERUSER_URL");
    command
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn pid(target: &Path) -> i32 {
    let text = std::fs::read_to_string(target.join("test-postgres/data/postmaster.pid")).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

#[test]
fn everybody_who_asks_at_once_gets_the_one_server() {
    let folder = Folder::new("shared");
    let ask = |_| program(folder.path(), "url").stdout(Stdio::piped()).spawn().unwrap();
    let children: Vec<Child> = (0..6).map(ask).collect();
    let answers: Vec<_> = children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    let urls: Vec<_> = answers.iter().map(|answer| String::from_utf8_lossy(&answer.stdout).trim().to_owned()).collect();
    assert!(answers.iter().all(|answer| answer.status.success()));
    assert!(urls.iter().all(|url| *url == urls[0] && url.starts_with("postgres://")), "{urls:?}");
    assert_eq!(ask_url(&urls[0], "show max_connections").unwrap(), "400");
    output(&mut program(folder.path(), "reset"));
    assert!(!folder.path().join("test-postgres").exists());
}

#[test]
fn a_dead_server_is_started_again_with_its_data() {
    let folder = Folder::new("dead");
    let url = output(&mut program(folder.path(), "url"));
    ask_url(&url, "create table kept (n int); insert into kept values (7)").unwrap();
    let killed = pid(folder.path());
    kill(Pid::from_raw(killed), Signal::SIGKILL).unwrap();
    wait_until(|| kill(Pid::from_raw(killed), None).is_err() || is_zombie(killed));
    assert_eq!(output(&mut program(folder.path(), "url")), url);
    assert_eq!(ask_url(&url, "select n from kept").unwrap(), "7");
    output(&mut program(folder.path(), "reset"));
}

/// Killed, and not yet collected by whoever adopted it.
fn is_zombie(pid: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") Z "))
}

#[test]
fn stopping_keeps_the_databases_and_is_no_error_twice() {
    let folder = Folder::new("stop");
    output(&mut program(folder.path(), "start"));
    let url = output(&mut program(folder.path(), "url"));
    ask_url(&url, "create database kept").unwrap();
    output(&mut program(folder.path(), "stop"));
    output(&mut program(folder.path(), "stop"));
    assert!(ask_url(&url, "select 1").is_err());
    output(&mut program(folder.path(), "start"));
    assert_eq!(ask_url(&url, "select count(*) from pg_database where datname = 'kept'").unwrap(), "1");
    output(&mut program(folder.path(), "reset"));
}

#[test]
fn a_server_given_from_outside_is_used_instead() {
    let folder = Folder::new("given");
    let given = "postgres://u:p@elsewhere/db";
    let url = output(program(folder.path(), "url").env("POSTERN_TEST_SUPERUSER_URL", given));
    assert_eq!(url, given);
    assert!(!folder.path().exists());
}

#[test]
fn an_unknown_verb_is_refused() {
    let folder = Folder::new("verb");
    let status = program(folder.path(), "explode").stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(2));
}
