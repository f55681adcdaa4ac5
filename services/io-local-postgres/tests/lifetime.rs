//! The server and the processes and threads that started it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod common;

use std::path::Path;
use std::process::{Command, Stdio};

use common::{Folder, ask, options, wait_until};
use io_local_postgres::LocalPostgres;

const OWNERS_FOLDER: &str = "POSTERN_TEST_OWNERS_FOLDER";

/// Not a test by itself: the process that the next test starts and kills.
#[test]
fn owner_process() {
    let Some(folder) = std::env::var_os(OWNERS_FOLDER) else { return };
    let server = LocalPostgres::start(io_local_postgres::Options::new(folder)).unwrap();
    std::fs::write(server.folder().join("owner-is-ready"), "").unwrap();
    loop {
        std::thread::park();
    }
}

#[test]
fn the_server_ends_with_a_killed_owner() {
    let folder = Folder::new("killed-owner");
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "owner_process"])
        .env(OWNERS_FOLDER, folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    wait_until(|| folder.path().join("owner-is-ready").exists());
    let pid_file = folder.path().join("data/postmaster.pid");
    let text = std::fs::read_to_string(&pid_file).unwrap();
    let pid = text.lines().next().unwrap().to_owned();
    owner.kill().unwrap();
    owner.wait().unwrap();
    // Without a death signal (other systems) the next start stops the leftover server.
    if cfg!(target_os = "linux") {
        wait_until(|| !Path::new(&format!("/proc/{pid}/cwd")).exists());
        assert!(!pid_file.exists(), "it was shut down, not killed");
    }
    let server = LocalPostgres::start(options(&folder)).unwrap();
    assert_eq!(ask(&server, "select 1"), "1");
}

#[test]
fn the_server_outlives_the_thread_that_started_it() {
    let folder = Folder::new("thread");
    let wanted = options(&folder);
    let server = std::thread::spawn(move || LocalPostgres::start(wanted).unwrap()).join().unwrap();
    let pid = server.pid();
    assert_eq!(ask(&server, "select 1"), "1");
    assert!(server.is_running());
    assert_eq!(server.pid(), pid);
}

#[test]
fn the_handle_may_be_shared_between_threads() {
    fn shareable<T: Send + Sync>() {}
    shareable::<LocalPostgres>();
}
