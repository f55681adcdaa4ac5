//! A copy of a file that nobody else can change, mapped into memory.
//!
//! Databases of places are large (60 MB and more), so that every process that serves should share the
//! kernel's pages of one, not hold its own. Mapping the operator's file itself would be unsound:
//! whoever truncates it in place (`curl -o`, `cp`) takes pages away from under a look-up, and the
//! kernel ends the process (SIGBUS); whoever rewrites it changes bytes that Rust believes constant.
//!
//! So a file is copied first, into one without a name (`O_TMPFILE`, or removed as soon as it is made),
//! and the copy is mapped. Nobody can open what has no name, and we drop our own handle: from then on
//! nothing but the mapping leads to it, and it is gone with the mapping. Writing it back (`sync_data`)
//! makes a full disk an error here and not a missing page later; populating the mapping reads its pages
//! now, in a thread that may block, and not later under a login.
//!
//! Where no folder takes the copy, the file is read into memory instead.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use memmap2::{Mmap, MmapOptions};

/// The content of a file, which nobody changes.
pub(crate) enum Bytes {
    /// A private copy on disk.
    Mapped(Mmap),
    /// No folder took a copy.
    InMemory(Vec<u8>),
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::InMemory(bytes) => bytes,
        }
    }
}

impl Bytes {
    /// Copies a file into the first of `folders` that takes it, else into memory.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn copy_of(file: &File, folders: &[PathBuf]) -> io::Result<Self> {
        for folder in folders {
            match mapped_copy(file, folder) {
                Ok(map) => return Ok(Self::Mapped(map)),
                Err(error) => tracing::debug!(folder = %folder.display(), error = %error, "no private copy here"),
            }
        }
        let mut bytes = Vec::new();
        from_start(file)?.read_to_end(&mut bytes)?;
        Ok(Self::InMemory(bytes))
    }

    pub(crate) fn is_in_memory(&self) -> bool {
        matches!(self, Self::InMemory(_))
    }
}

fn mapped_copy(file: &File, folder: &Path) -> io::Result<Mmap> {
    let mut copy = tempfile::tempfile_in(folder)?;
    io::copy(&mut from_start(file)?, &mut copy)?;
    copy.sync_data()?;
    map(copy)
}

fn from_start(mut file: &File) -> io::Result<&File> {
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

#[expect(unsafe_code, reason = "mapping is unsafe because others may change the file: this one has no name, see above")]
fn map(nameless: File) -> io::Result<Mmap> {
    // SAFETY: the file was made without a name by this process, was given to nobody, is taken by value
    // and closed at the end of this function: no one can write to it or truncate it any more.
    unsafe { MmapOptions::new().populate().map(&nameless) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn file_of(content: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        file
    }

    #[test]
    fn the_copy_outlives_what_happens_to_the_file() {
        let content = vec![7; 1 << 20];
        let file = file_of(&content);
        let copy = Bytes::copy_of(&file, &[std::env::temp_dir()]).unwrap();
        assert!(!copy.is_in_memory());
        file.set_len(0).unwrap();
        assert!(copy.as_ref() == content);
    }

    #[test]
    fn a_folder_that_does_not_take_it_is_passed_over() {
        let missing = PathBuf::from("/nonexistent/folder");
        let file = file_of(b"content");
        let copy = Bytes::copy_of(&file, &[missing.clone(), std::env::temp_dir()]).unwrap();
        assert!(!copy.is_in_memory() && copy.as_ref() == b"content");
        let copy = Bytes::copy_of(&file, &[missing]).unwrap();
        assert!(copy.is_in_memory() && copy.as_ref() == b"content");
    }

    #[test]
    fn it_leaves_nothing_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let copy = Bytes::copy_of(&file_of(b"content"), &[folder.path().to_owned()]).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert_eq!(copy.as_ref(), b"content");
    }
}
