//! From a path to content: looked at, copied, opened, proved.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use chrono::DateTime;
use core_kernel::Timestamp;

use super::{Content, Reading};
use crate::database::Database;
use crate::list::NetworkList;
use crate::private_copy::Bytes;
use crate::status::{Loaded, SourceKind};

/// By what a file is known to be the same. Times of the inode are in it, so that a change of rights
/// is one, and one that kept size and time of the content too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint {
    inode: (u64, u64),
    size: u64,
    written: (i64, i64),
    changed: (i64, i64),
}

impl Fingerprint {
    fn of(metadata: &Metadata) -> Self {
        Self {
            inode: (metadata.dev(), metadata.ino()),
            size: metadata.size(),
            written: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// What was taken from a file.
pub(super) struct Taken {
    pub fingerprint: Fingerprint,
    pub content: Content,
    pub loaded: Loaded,
}

/// Why nothing was taken.
pub(super) enum Refused {
    /// It could not be read, which may be otherwise in a moment.
    Unreadable(String),
    /// It was read whole and is no such file.
    Wrong(Fingerprint, String),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(format!("it cannot be read ({error})"))
    }
}

/// Takes a file up; `None` where it is the one that is `known`.
pub(super) fn take(
    kind: SourceKind,
    path: &Path,
    known: Option<Fingerprint>,
    reading: &Reading<'_>,
) -> Result<Option<Taken>, Refused> {
    // Before it is opened: opening a pipe would wait for who writes to it.
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(Refused::Unreadable("it is not a file".into()));
    }
    if known == Some(Fingerprint::of(&metadata)) {
        return Ok(None);
    }
    let file = File::open(path)?;
    let before = file.metadata()?;
    let list = is_list(kind, path);
    let bytes = Bytes::copy_of(&file, if list { &[] } else { reading.folders })?;
    let fingerprint = Fingerprint::of(&before);
    if Fingerprint::of(&file.metadata()?) != fingerprint {
        return Err(Refused::Unreadable("it was written to while it was read; replace it by renaming".into()));
    }
    let opened = if list { open_list(&bytes, &before, reading) } else { open_database(bytes, reading) };
    let (content, loaded) = opened.map_err(|reason| Refused::Wrong(fingerprint, reason))?;
    Ok(Some(Taken { fingerprint, content, loaded }))
}

/// Places and networks come in databases alone; what anonymizes, as a list too.
fn is_list(kind: SourceKind, path: &Path) -> bool {
    let is_database = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("mmdb"));
    kind == SourceKind::Anonymizer && !is_database
}

fn open_database(bytes: Bytes, reading: &Reading<'_>) -> Result<(Content, Loaded), String> {
    let in_memory = bytes.is_in_memory();
    let database =
        Database::open(bytes).map_err(|error| format!("it is not a whole database in MaxMind's format ({error})"))?;
    let loaded = Loaded {
        built_at: database.built_at(),
        loaded_at: reading.now,
        entries: database.nodes(),
        database_type: database.database_type().to_owned(),
        description: database.description().unwrap_or_default().to_owned(),
        in_memory,
        bad_lines: Vec::new(),
    };
    Ok((Content::Database(database), loaded))
}

fn open_list(bytes: &Bytes, metadata: &Metadata, reading: &Reading<'_>) -> Result<(Content, Loaded), String> {
    let text = std::str::from_utf8(bytes.as_ref()).map_err(|_| "it is not text in UTF-8")?;
    let (list, bad_lines) = NetworkList::parse(text);
    if list.len() == 0 {
        // An empty list is what one looks like that is just being written.
        return Err("it names no network".into());
    }
    let loaded = Loaded {
        built_at: written_at(metadata),
        loaded_at: reading.now,
        entries: list.len() as u64,
        database_type: "list".into(),
        description: String::new(),
        in_memory: false,
        bad_lines,
    };
    Ok((Content::List(list), loaded))
}

fn written_at(metadata: &Metadata) -> Option<Timestamp> {
    DateTime::from_timestamp(metadata.mtime(), 0)
}
