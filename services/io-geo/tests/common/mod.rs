//! What the tests of files share.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![expect(dead_code, reason = "each test file uses what it needs")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::DateTime;
use core_kernel::{ManualClock, Timestamp};
use io_geo::mmdb::{Value, Writer};
use io_geo::{Atlas, AtlasOptions, Located};
use tempfile::TempDir;

/// When all tests happen.
pub fn now() -> Timestamp {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

pub fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::starting_at(now()))
}

pub fn open(options: AtlasOptions) -> Atlas {
    Atlas::open(options, clock())
}

/// A folder of files, each an atlas can be opened on.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Puts a file in place as an operator should: whole, by renaming.
    pub fn put(&self, name: &str, content: &[u8]) -> PathBuf {
        let (draft, path) = (self.path("draft"), self.path(name));
        std::fs::write(&draft, content).unwrap();
        std::fs::rename(draft, &path).unwrap();
        path
    }

    /// An atlas of one file of places.
    pub fn city(&self, writer: &Writer) -> Atlas {
        open(AtlasOptions { city: vec![self.put("city.mmdb", &writer.finish())], ..self.options() })
    }

    /// An atlas of one file of networks.
    pub fn asn(&self, writer: &Writer) -> Atlas {
        open(AtlasOptions { asn: vec![self.put("asn.mmdb", &writer.finish())], ..self.options() })
    }

    /// An atlas of one file of what anonymizes.
    pub fn anonymizer(&self, name: &str, content: &[u8]) -> Atlas {
        open(AtlasOptions { anonymizer: vec![self.put(name, content)], ..self.options() })
    }

    pub fn options(&self) -> AtlasOptions {
        AtlasOptions { copy_folders: vec![self.0.path().to_owned()], ..AtlasOptions::default() }
    }
}

pub fn write_in_place(path: &Path, content: &[u8]) {
    std::fs::write(path, content).unwrap();
}

/// A database of records by network.
pub fn database<const N: usize>(records: [(&str, Value); N]) -> Writer {
    let mut writer = Writer::new("Test", now());
    for (network, record) in records {
        writer.insert(network.parse().unwrap(), &record);
    }
    writer
}

/// A flat record that names a city, and the database that puts it at 192.0.2.0/24.
pub fn city_named(city: &str) -> Writer {
    database([("192.0.2.0/24", Value::map([("country_code", "US".into()), ("city", city.into())]))])
}

pub fn locate(atlas: &Atlas, address: &str) -> Located {
    atlas.locate(address.parse().unwrap())
}

pub fn city_of(atlas: &Atlas, address: &str) -> Option<String> {
    locate(atlas, address).city
}
