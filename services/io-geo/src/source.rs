//! One configured file: taken up, looked after, and never given up for a worse one.

mod file;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use core_kernel::Timestamp;

use crate::database::Database;
use crate::list::NetworkList;
use crate::status::{Loaded, SourceKind, SourceState, SourceStatus};
use file::{Fingerprint, Refused, Taken};

/// What was read from a file.
pub(crate) enum Content {
    Database(Database),
    List(NetworkList),
}

/// What reading needs beside the file.
pub(crate) struct Reading<'a> {
    /// Folders for private copies.
    pub folders: &'a [PathBuf],
    /// Now.
    pub now: Timestamp,
}

/// A configured file and what is in use of it.
pub(crate) struct Source {
    kind: SourceKind,
    path: PathBuf,
    in_use: Option<(Arc<Content>, Loaded)>,
    /// The state of the file about which all is known, and what was wrong with it then.
    settled: Option<(Fingerprint, Option<String>)>,
    trouble: Option<String>,
}

impl Source {
    pub(crate) fn new(kind: SourceKind, path: &Path) -> Self {
        Self { kind, path: path.to_owned(), in_use: None, settled: None, trouble: None }
    }

    pub(crate) fn kind(&self) -> SourceKind {
        self.kind
    }

    /// What is in use; look-ups on their way keep it as long as they need it.
    pub(crate) fn content(&self) -> Option<Arc<Content>> {
        self.in_use.as_ref().map(|(content, _)| content.clone())
    }

    pub(crate) fn status(&self) -> SourceStatus {
        let state = match (&self.in_use, &self.trouble) {
            (Some((_, loaded)), None) => SourceState::Loaded(loaded.clone()),
            (Some((_, loaded)), Some(reason)) => SourceState::Kept { loaded: loaded.clone(), reason: reason.clone() },
            (None, reason) => SourceState::Missing { reason: reason.clone().unwrap_or_default() },
        };
        SourceStatus { kind: self.kind, path: self.path.clone(), state }
    }

    /// Looks at the file and takes up what changed; whether its status did. What cannot be read is
    /// tried again each time, what was read and is wrong only when the file is another.
    pub(crate) fn refresh(&mut self, reading: &Reading<'_>) -> bool {
        let known = self.settled.as_ref().map(|(fingerprint, _)| *fingerprint);
        match file::take(self.kind, &self.path, known, reading) {
            Ok(None) => {
                let verdict = self.settled.as_ref().and_then(|(_, wrong)| wrong.clone());
                self.note(verdict)
            }
            Ok(Some(taken)) => self.use_from_now_on(taken),
            Err(Refused::Unreadable(reason)) => self.note(Some(reason)),
            Err(Refused::Wrong(fingerprint, reason)) => {
                self.settled = Some((fingerprint, Some(reason.clone())));
                self.note(Some(reason))
            }
        }
    }

    fn use_from_now_on(&mut self, taken: Taken) -> bool {
        let Taken { fingerprint, content, loaded } = taken;
        self.settled = Some((fingerprint, None));
        self.in_use = Some((Arc::new(content), loaded));
        self.trouble = None;
        self.log();
        true
    }

    /// Remembers what is wrong, and says it in the log once.
    fn note(&mut self, trouble: Option<String>) -> bool {
        let changed = self.trouble != trouble;
        self.trouble = trouble;
        if changed {
            self.log();
        }
        changed
    }

    fn log(&self) {
        let status = self.status();
        if let Some(summary) = status.summary().filter(|_| self.trouble.is_none()) {
            tracing::info!(source = %self.kind, "{summary}");
        }
        for trouble in status.troubles() {
            tracing::warn!(source = %self.kind, "{trouble}");
        }
    }
}
