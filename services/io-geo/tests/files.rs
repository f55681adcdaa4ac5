//! Files that change, break and come back under an atlas that is in use.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{Folder, city_named, city_of, clock, now, open, write_in_place};
use io_geo::{Atlas, AtlasOptions, SourceKind, SourceState};

const ADDRESS: &str = "192.0.2.1";

fn city(atlas: &Atlas) -> Option<String> {
    city_of(atlas, ADDRESS)
}

/// What is wrong with the only file, and whether something is in use.
fn trouble(atlas: &Atlas) -> (Option<String>, bool) {
    match atlas.status().remove(0).state {
        SourceState::Loaded(_) => (None, true),
        SourceState::Kept { reason, .. } => (Some(reason), true),
        SourceState::Missing { reason } => (Some(reason), false),
    }
}

fn assert_kept(atlas: &Atlas, part: &str) {
    let (reason, in_use) = trouble(atlas);
    let reason = reason.unwrap();
    assert!(in_use && reason.contains(part), "{reason}");
    assert_eq!(city(atlas).as_deref(), Some("Old"));
}

#[test]
fn a_file_replaced_by_renaming_is_taken_up() {
    let folder = Folder::new();
    let atlas = folder.city(&city_named("Old"));
    let clone = atlas.clone();
    folder.put("city.mmdb", &city_named("New").finish());
    assert_eq!(city(&atlas).as_deref(), Some("Old"), "not before it is looked at");
    atlas.refresh();
    assert_eq!((city(&atlas).as_deref(), city(&clone).as_deref()), (Some("New"), Some("New")));
}

#[test]
fn what_did_not_change_is_not_read_again() {
    let folder = Folder::new();
    let path = folder.put("city.mmdb", &city_named("Old").finish());
    let clock = clock();
    let atlas = Atlas::open(AtlasOptions { city: vec![path], ..folder.options() }, clock.clone());
    clock.advance(chrono::Duration::minutes(1));
    atlas.refresh();
    assert_eq!(atlas.status()[0].loaded().unwrap().loaded_at, now());
}

#[test]
fn a_file_that_is_gone_stays_in_use_until_it_is_back() {
    let folder = Folder::new();
    let atlas = folder.city(&city_named("Old"));
    std::fs::remove_file(folder.path("city.mmdb")).unwrap();
    atlas.refresh();
    assert_kept(&atlas, "cannot be read");
    folder.put("city.mmdb", &city_named("New").finish());
    atlas.refresh();
    assert_eq!((trouble(&atlas), city(&atlas).as_deref()), ((None, true), Some("New")));
}

#[test]
fn the_same_file_come_back_is_in_order_again() {
    let folder = Folder::new();
    let atlas = folder.city(&city_named("Old"));
    std::fs::rename(folder.path("city.mmdb"), folder.path("aside")).unwrap();
    atlas.refresh();
    assert_kept(&atlas, "cannot be read");
    std::fs::rename(folder.path("aside"), folder.path("city.mmdb")).unwrap();
    atlas.refresh();
    assert_eq!((trouble(&atlas), city(&atlas).as_deref()), ((None, true), Some("Old")));
}

#[test]
fn truncation_in_place_changes_nothing() {
    let folder = Folder::new();
    let atlas = folder.city(&city_named("Old"));
    let path = folder.path("city.mmdb");
    for length in [0, 100, 1_000] {
        let whole = city_named("New").finish();
        assert!(whole.len() > length);
        write_in_place(&path, &whole[..length]);
        assert_eq!(city(&atlas).as_deref(), Some("Old"), "before it is looked at: the pages are our own");
        atlas.refresh();
        assert_kept(&atlas, "not a whole database");
    }
    write_in_place(&path, &city_named("New").finish());
    atlas.refresh();
    assert_eq!((trouble(&atlas), city(&atlas).as_deref()), ((None, true), Some("New")));
}

#[test]
fn other_content_of_the_same_length_is_another_file() {
    let folder = Folder::new();
    let atlas = folder.city(&city_named("Old"));
    let path = folder.path("city.mmdb");
    let before = std::fs::metadata(&path).unwrap();
    write_in_place(&path, &city_named("New").finish());
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(before.modified().unwrap()).unwrap();
    atlas.refresh();
    assert_eq!(city(&atlas).as_deref(), Some("New"), "though size, inode and time of writing are the same");
}

#[test]
fn garbage_is_refused_and_the_old_stays() {
    let folder = Folder::new();
    let atlas = folder.city(&city_named("Old"));
    folder.put("city.mmdb", b"<html>Quota exceeded</html>");
    atlas.refresh();
    assert_kept(&atlas, "not a whole database");
    atlas.refresh();
    assert_kept(&atlas, "not a whole database");
}

#[test]
fn a_record_that_is_no_map_is_refused() {
    let folder = Folder::new();
    let writer = common::database([("192.0.2.0/24", "text".into())]);
    assert!(!trouble(&folder.city(&writer)).1);
}

#[test]
fn what_is_missing_at_the_start_is_taken_up_when_it_comes() {
    let folder = Folder::new();
    let atlas = open(AtlasOptions { city: vec![folder.path("city.mmdb")], ..folder.options() });
    let (reason, in_use) = trouble(&atlas);
    assert!(!in_use && reason.unwrap().contains("No such file"));
    assert_eq!(city(&atlas), None);
    folder.put("city.mmdb", &city_named("New").finish());
    atlas.refresh();
    assert_eq!(city(&atlas).as_deref(), Some("New"));
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let folder = Folder::new();
    let atlas = open(AtlasOptions { city: vec![folder.path("")], ..folder.options() });
    assert_eq!(trouble(&atlas).0.as_deref(), Some("it is not a file"));
    let device = open(AtlasOptions { anonymizer: vec!["/dev/zero".into()], ..folder.options() });
    assert_eq!(trouble(&device).0.as_deref(), Some("it is not a file"));
}

#[test]
fn a_list_that_is_just_being_written_is_not_taken_for_an_empty_one() {
    let folder = Folder::new();
    let atlas = folder.anonymizer("list.txt", b"192.0.2.0/24\n");
    let listed = || common::locate(&atlas, ADDRESS).anonymizer.is_some();
    for content in [&b""[..], b"# nothing\n", b"\xff\xfe", b"<html>\n"] {
        write_in_place(&folder.path("list.txt"), content);
        atlas.refresh();
        assert!(listed() && trouble(&atlas).0.is_some(), "{content:?}");
    }
    write_in_place(&folder.path("list.txt"), b"198.51.100.0/24\n");
    atlas.refresh();
    assert!(!listed() && trouble(&atlas).0.is_none());
}

#[test]
fn without_a_folder_for_copies_it_works_from_memory_and_says_so() {
    let folder = Folder::new();
    let city = vec![folder.put("city.mmdb", &city_named("Old").finish())];
    let atlas = open(AtlasOptions { city, copy_folders: vec!["/nonexistent".into()], ..AtlasOptions::default() });
    let status = atlas.status().remove(0);
    assert!(status.loaded().unwrap().in_memory);
    assert!(status.summary().unwrap().contains("held in memory"));
    assert_eq!(city_of(&atlas, ADDRESS).as_deref(), Some("Old"));
}

#[test]
fn status_tells_what_the_file_says_of_itself() {
    let folder = Folder::new();
    let status = folder.city(&city_named("Old")).status().remove(0);
    assert_eq!((status.kind, status.path.clone()), (SourceKind::City, folder.path("city.mmdb")));
    let loaded = status.loaded().unwrap();
    assert_eq!((loaded.database_type.as_str(), loaded.description.as_str()), ("Test", "Made by Postern"));
    assert_eq!((loaded.built_at, loaded.loaded_at, loaded.in_memory), (Some(now()), now(), false));
    assert_eq!(loaded.entries, 120, "nodes of a path of 96 and 24 bits");
    assert!(Atlas::empty(clock()).status().is_empty());
}

#[test]
fn look_ups_go_on_while_files_change() {
    let folder = Arc::new(Folder::new());
    let atlas = folder.city(&city_named("A"));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut seen = std::collections::BTreeSet::new();
                    while !done.load(Ordering::Relaxed) {
                        seen.insert(city(&atlas).expect("every look-up is answered"));
                    }
                    seen
                })
            })
            .collect();
        for round in 0..60 {
            let content = city_named(if round % 2 == 0 { "B" } else { "A" }).finish();
            match round % 3 {
                0 => write_in_place(&folder.path("city.mmdb"), &content[..content.len() / 2]),
                1 => std::fs::remove_file(folder.path("city.mmdb")).unwrap(),
                _ => drop(folder.put("city.mmdb", &content)),
            }
            atlas.refresh();
        }
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            let seen = reader.join().unwrap();
            assert!(seen.iter().all(|city| city == "A" || city == "B"), "{seen:?}");
        }
    });
}

#[tokio::test(start_paused = true)]
async fn watching_takes_up_what_changed() {
    let folder = Folder::new();
    let atlas = folder.city(&city_named("Old"));
    let watched = atlas.clone();
    let watch = tokio::spawn(async move { watched.watch(Duration::from_secs(60)).await });
    folder.put("city.mmdb", &city_named("New").finish());
    while city(&atlas).as_deref() != Some("New") {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    watch.abort();
}
