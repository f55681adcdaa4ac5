//! Files that are there whole or not at all, and that nobody else reads: they hold people's data.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// A file that is being written under another name; dropped before [`Self::finish`], it leaves nothing.
pub(super) struct ExportFile {
    file: Option<BufWriter<File>>,
    partial: PathBuf,
    path: PathBuf,
}

impl ExportFile {
    /// Begins a file; one that is there already is left as it is.
    pub(super) fn create(path: &Path) -> anyhow::Result<Self> {
        anyhow::ensure!(!path.exists(), "{} is there already; it was left as it is", path.display());
        let partial = partial(path)?;
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial);
        let file = opened.with_context(|| partial.display().to_string())?;
        Ok(Self { file: Some(BufWriter::new(file)), partial, path: path.to_owned() })
    }

    /// Gives it its name, when all of it is on the disk.
    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        let file = self.file.take().context("it was finished before")?;
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        // Unlike a rename, a link does not replace what somebody put there meanwhile.
        fs::hard_link(&self.partial, &self.path).with_context(|| self.path.display().to_string())
    }
}

impl Write for ExportFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_mut().ok_or(io::ErrorKind::BrokenPipe)?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().ok_or(io::ErrorKind::BrokenPipe)?.flush()
    }
}

impl Drop for ExportFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.partial);
    }
}

/// A folder that is being filled under another name; dropped before [`Self::finish`], it leaves nothing.
pub(super) struct ExportFolder {
    partial: PathBuf,
    path: PathBuf,
}

impl ExportFolder {
    /// Begins a folder; one that is there already is left as it is.
    pub(super) fn create(path: &Path) -> anyhow::Result<Self> {
        anyhow::ensure!(!path.exists(), "{} is there already; it was left as it is", path.display());
        let partial = partial(path)?;
        let made = fs::DirBuilder::new().mode(0o700).create(&partial);
        made.with_context(|| partial.display().to_string())?;
        Ok(Self { partial, path: path.to_owned() })
    }

    /// A file in it.
    pub(super) fn file(&self, name: &str) -> anyhow::Result<ExportFile> {
        ExportFile::create(&self.partial.join(name))
    }

    /// Gives it its name.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        fs::rename(&self.partial, &self.path).with_context(|| self.path.display().to_string())
    }
}

impl Drop for ExportFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.partial);
    }
}

/// Beside it, so that both are on the same disk; of this process, so that two do not meet.
fn partial(path: &Path) -> anyhow::Result<PathBuf> {
    let name = path.file_name().with_context(|| format!("{} names no file", path.display()))?;
    Ok(path.with_file_name(format!(".{}.{}.partial", name.to_string_lossy(), std::process::id())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    /// A folder of this test's own.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("postern-export-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir(&path).unwrap();
            Self(path)
        }

        fn names(&self) -> Vec<String> {
            let entries = fs::read_dir(&self.0).unwrap();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_file_is_there_when_it_is_finished_and_for_its_owner_alone() {
        let folder = Folder::new("file");
        let path = folder.0.join("users.csv");
        let mut file = ExportFile::create(&path).unwrap();
        file.write_all(b"external_id\r\n").unwrap();
        assert!(!path.exists());
        file.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"external_id\r\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(folder.names(), ["users.csv"]);
    }

    #[test]
    fn what_is_not_finished_leaves_nothing_and_what_is_there_is_left() {
        let folder = Folder::new("left");
        let path = folder.0.join("users.csv");
        drop(ExportFile::create(&path).unwrap());
        assert_eq!(folder.names(), [""; 0]);
        let file = ExportFile::create(&path).unwrap();
        fs::write(&path, "somebody's").unwrap();
        assert!(file.finish().is_err(), "it came in between");
        assert!(ExportFile::create(&path).is_err());
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), folder.names().len()), ("somebody's", 1));
        assert!(ExportFile::create(Path::new("/")).is_err());
    }

    #[test]
    fn a_folder_is_there_with_all_its_files_or_not_at_all() {
        let folder = Folder::new("folder");
        let path = folder.0.join("tenant");
        let made = ExportFolder::create(&path).unwrap();
        made.file("users.jsonl").unwrap().finish().unwrap();
        assert!(!path.exists());
        made.finish().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        assert!(path.join("users.jsonl").exists() && ExportFolder::create(&path).is_err());
        drop(ExportFolder::create(&folder.0.join("other")).unwrap());
        assert_eq!(folder.names(), ["tenant"]);
    }
}
