//! A real server, started, killed and moved about.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod common;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use common::{Folder, ask, ask_url, options, start, wait_until};
use io_local_postgres::{Binaries, Error, Lifetime, LocalPostgres};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid};

#[test]
fn initialises_starts_stops_and_keeps_the_data() {
    let folder = Folder::new("life");
    let first = start(&folder);
    ask(&first, "create table kept (n int); insert into kept values (42)");
    let pid = first.pid();
    first.stop().unwrap();
    assert!(kill(Pid::from_raw(pid), None).is_err(), "the process is gone");
    let second = start(&folder);
    assert_eq!(ask(&second, "select n from kept"), "42");
}

#[test]
fn dropping_the_handle_stops_the_server() {
    let folder = Folder::new("drop");
    let pid = start(&folder).pid();
    assert!(kill(Pid::from_raw(pid), None).is_err());
}

#[test]
fn never_weakens_durability_and_opens_no_tcp_port() {
    let folder = Folder::new("settings");
    let server = start(&folder);
    for show in ["show fsync", "show full_page_writes", "show synchronous_commit", "show data_checksums"] {
        assert_eq!(ask(&server, show), "on", "{show}");
    }
    assert_eq!(ask(&server, "show listen_addresses"), "");
    assert_eq!(ask(&server, "show jit"), "off");
    assert_eq!(ask(&server, "show max_connections"), "200");
    assert_eq!(ask(&server, "show server_encoding"), "UTF8");
    assert_eq!(ask(&server, "select datcollate from pg_database where datname = 'postgres'"), "C");
}

#[test]
fn takes_given_settings_but_not_the_dangerous_ones() {
    let folder = Folder::new("given");
    let server = LocalPostgres::start(options(&folder).setting("work_mem", "7MB")).unwrap();
    assert_eq!(ask(&server, "show work_mem"), "7MB");
    let other = Folder::new("dangerous");
    let refused = LocalPostgres::start(options(&other).setting("fsync", "off")).unwrap_err();
    assert!(matches!(refused, Error::WeakensDurability { .. }), "{refused}");
    assert!(!other.path().exists(), "refused before anything is made");
}

#[test]
fn a_setting_the_server_refuses_is_reported_in_its_own_words() {
    let folder = Folder::new("refused");
    let refused = LocalPostgres::start(options(&folder).setting("no_such_setting", "1")).unwrap_err();
    assert!(refused.to_string().contains("unrecognized configuration parameter"), "{refused}");
}

#[test]
fn asks_everybody_for_a_password() {
    let folder = Folder::new("password");
    let server = start(&folder);
    let wrong = server.connection_url("postgres", "postgres", "wrong");
    let refused = ask_url(wrong.expose(), "select 1").unwrap_err();
    assert!(refused.contains("password authentication failed"), "{refused}");
}

#[test]
fn a_role_of_ones_own_connects_by_url() {
    let folder = Folder::new("role");
    let server = start(&folder);
    ask(&server, "create role \"a/b\" login password 'p@ss w:rd%'");
    let url = server.connection_url("postgres", "a/b", "p@ss w:rd%");
    assert_eq!(ask_url(url.expose(), "select current_user").unwrap(), "a/b");
}

#[test]
fn keeps_secrets_and_socket_from_others() {
    let folder = Folder::new("modes");
    let server = start(&folder);
    let mode = |name: &str| server.folder().join(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("superuser-password"), 0o600);
    assert_eq!(mode("data"), 0o700);
    assert_eq!(mode("socket"), 0o700);
    assert_eq!(mode("server.log"), 0o600);
    assert!(!server.folder().join("initdb-password").exists());
    assert!(!format!("{server:?}").contains(&fs::read_to_string(folder.path().join("superuser-password")).unwrap()));
}

#[test]
fn does_not_run_as_root() {
    let folder = Folder::new("uid");
    let server = start(&folder);
    let owner = fs::metadata(format!("/proc/{}", server.pid())).unwrap().uid();
    assert_ne!(owner, 0);
    assert_eq!(owner, server.folder().join("data").metadata().unwrap().uid());
}

#[test]
fn recovers_what_was_committed_after_a_kill() {
    let folder = Folder::new("kill");
    let server = start(&folder);
    ask(&server, "create table kept (n int); insert into kept select generate_series(1, 1000)");
    let killed = server.pid();
    kill(Pid::from_raw(killed), Signal::SIGKILL).unwrap();
    wait_until(|| !server.is_running());
    drop(server);
    let again = start(&folder);
    assert_ne!(again.pid(), killed);
    assert_eq!(ask(&again, "select count(*) from kept"), "1000");
}

#[test]
fn starts_over_a_pid_file_whose_number_now_belongs_to_another() {
    let folder = Folder::new("recycled");
    start(&folder).stop().unwrap();
    let pid_file = folder.path().join("data/postmaster.pid");
    let data = folder.path().join("data");
    let owner = data.metadata().unwrap();
    let text = format!("{}\n{}\n1700000000\n54329\n/tmp\n\n  54329  1\nready   \n", std::process::id(), data.display());
    fs::write(&pid_file, text).unwrap();
    std::os::unix::fs::chown(&pid_file, Some(owner.uid()), Some(owner.gid())).unwrap();
    let server = start(&folder);
    assert_eq!(ask(&server, "select 1"), "1");
    assert!(Path::new("/tmp").is_dir(), "somebody else's folder is left alone");
}

#[test]
fn two_owners_never_share_a_folder() {
    let folder = Folder::new("two");
    let _first = start(&folder);
    let second = LocalPostgres::start(options(&folder)).unwrap_err();
    assert!(matches!(second, Error::InUse { .. }), "{second}");
}

#[test]
fn a_half_made_folder_is_made_anew() {
    let folder = Folder::new("half");
    fs::create_dir_all(folder.path().join("data.new/base")).unwrap();
    fs::write(folder.path().join("data.new/PG_VERSION"), "15\n").unwrap();
    assert_eq!(ask(&start(&folder), "select 1"), "1");
}

#[test]
fn a_path_with_spaces_quotes_and_commas_works() {
    let folder = Folder::new("a folder, with \"quotes\" & ünïcode");
    let server = start(&folder);
    assert!(server.socket_dir().starts_with(server.folder()));
    assert_eq!(ask(&server, "select 1"), "1");
}

#[test]
fn a_very_long_path_gets_a_short_socket_folder() {
    let folder = Folder::new(&"long".repeat(40));
    let server = start(&folder);
    let socket_dir = server.socket_dir().to_owned();
    assert!(socket_dir.starts_with("/tmp/"));
    assert_eq!(socket_dir.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(ask(&server, "select 1"), "1");
    server.stop().unwrap();
    assert!(!socket_dir.exists(), "nothing is left in /tmp");
}

#[test]
fn data_of_another_major_version_are_left_alone() {
    let folder = Folder::new("major");
    start(&folder).stop().unwrap();
    let version = folder.path().join("data/PG_VERSION");
    fs::write(&version, "12\n").unwrap();
    let refused = LocalPostgres::start(options(&folder)).unwrap_err();
    assert!(matches!(refused, Error::OtherMajor { major: 12, .. }), "{refused}");
}

#[test]
fn a_detached_server_is_used_again_until_its_settings_change() {
    let folder = Folder::new("detached");
    let detached = |work_mem: &str| {
        let mut options = options(&folder).setting("work_mem", work_mem);
        options.lifetime = Lifetime::Detached;
        LocalPostgres::start(options).unwrap()
    };
    let first = detached("5MB");
    let pid = first.pid();
    drop(first);
    assert_eq!(detached("5MB").pid(), pid);
    let changed = detached("6MB");
    assert_ne!(changed.pid(), pid);
    assert_eq!(ask(&changed, "show work_mem"), "6MB");
    changed.stop().unwrap();
}

#[test]
fn root_in_a_private_folder_is_told_where_the_files_went() {
    if !Uid::effective().is_root() {
        return;
    }
    let folder = Folder::new("private");
    fs::create_dir_all(folder.path()).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let server = LocalPostgres::start(io_local_postgres::Options::new(folder.path().join("inner"))).unwrap();
    assert!(server.folder().starts_with("/var/lib/postern"), "{:?}", server.folder());
    assert!(server.notes().iter().any(|note| note.contains("/var/lib/postern")), "{:?}", server.notes());
    assert_eq!(ask(&server, "select 1"), "1");
    let moved = server.folder().to_owned();
    server.stop().unwrap();
    fs::remove_dir_all(moved).unwrap();
}

#[test]
fn programs_the_account_may_not_run_are_refused_in_one_sentence() {
    if !Uid::effective().is_root() {
        return;
    }
    let hidden = Folder::new("hidden");
    fs::create_dir_all(hidden.path().join("bin")).unwrap();
    for name in ["bin/initdb", "bin/postgres"] {
        fs::write(hidden.path().join(name), "#!/bin/sh\necho 'postgres (PostgreSQL) 15.20'\n").unwrap();
        fs::set_permissions(hidden.path().join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::set_permissions(hidden.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let folder = Folder::new("programs");
    let mut wanted = options(&folder);
    wanted.binaries = Binaries::named(&hidden.path().join("bin"));
    let refused = LocalPostgres::start(wanted).unwrap_err();
    assert!(matches!(refused, Error::UnreachablePrograms { .. }), "{refused}");
}
