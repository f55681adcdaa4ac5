//! An import as others see it, and the file as it comes.

use bytes::Bytes;
use core_kernel::{ImportId, PartnerId, TenantId, Timestamp};
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant,)*
        }

        impl $name {
            /// As it is stored, and the API's name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// Reads exactly what [`Self::as_str`] writes.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    )*};
}

words! {
    /// What a file holds.
    ImportKind {
        /// Users of a tenant.
        Users = "USERS",
        /// Tenants of a partner.
        Tenants = "TENANTS",
    }
    /// How far an import has come.
    ImportStatus {
        /// Waiting for a worker.
        Queued = "QUEUED",
        /// At work.
        Running = "RUNNING",
        /// Every row is in.
        Completed = "COMPLETED",
        /// Some rows were refused; the others are in.
        CompletedWithErrors = "COMPLETED_WITH_ERRORS",
        /// The file could not be read; nothing was changed.
        Failed = "FAILED",
        /// Somebody ended it; what was in by then stays.
        Canceled = "CANCELED",
    }
}

impl ImportStatus {
    /// Whether nothing more will come of it.
    #[must_use]
    pub const fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImportJob {
    /// Its identifier.
    pub id: ImportId,
    /// Where it lies: the tenant whose users it brings; of an import of tenants the platform's own.
    pub tenant: TenantId,
    /// The partner whose tenants it brings.
    pub partner: Option<PartnerId>,
    /// What the file holds.
    pub kind: ImportKind,
    /// How far it has come.
    pub status: ImportStatus,
    /// Whether everything is done but the changes.
    pub dry_run: bool,
    /// As the sender called the file.
    pub file_name: String,
    /// Rows of the file, without the header.
    pub total_rows: i32,
    /// Rows worked through.
    pub processed_rows: i32,
    /// Of these, new ones; of a dry run, those that would be.
    pub created_rows: i32,
    /// Changed ones, likewise.
    pub updated_rows: i32,
    /// Those that were as the file has them.
    pub unchanged_rows: i32,
    /// Refused ones.
    pub failed_rows: i32,
    /// When the file came, by the wall clock.
    pub created_at: Timestamp,
    /// When it came to its end, by the wall clock.
    pub finished_at: Option<Timestamp>,
    /// Whether refused rows are (still) there.
    pub has_refused_rows: bool,
    /// Why nothing of the file could be read.
    pub failure: Vec<ImportError>,
}

/// One fault of a row: in a column, or of the row as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RowFault {
    /// The column, as its header spells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// A sentence for whoever has the file.
    pub message: String,
}

impl RowFault {
    /// Of a column.
    #[must_use]
    pub fn at(column: &str, message: impl Into<String>) -> Self {
        Self { column: Some(column.to_owned()), message: message.into() }
    }

    /// Of the row.
    #[must_use]
    pub fn of_row(message: impl Into<String>) -> Self {
        Self { column: None, message: message.into() }
    }
}

/// A fault and the line of the file on which it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ImportError {
    /// From 1, the header's.
    pub line: i32,
    /// What is wrong.
    #[serde(flatten)]
    pub fault: RowFault,
}

/// Why a file did not come whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadFault {
    /// The sender hung up, or fell silent.
    BrokenOff,
    /// It is longer than may be.
    TooLong,
    /// What carries it is malformed.
    Malformed,
}

/// A file on its way.
pub struct FileUpload {
    /// As the sender calls it.
    pub name: String,
    /// Its bytes, as they come; nothing is read of them before they are asked for.
    pub content: BoxStream<'static, Result<Bytes, UploadFault>>,
}

impl std::fmt::Debug for FileUpload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileUpload({:?})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_stored_flat_and_without_what_is_not_there() {
        let error = ImportError { line: 7, fault: RowFault::at("phone", "No.") };
        let text = serde_json::to_string(&error).unwrap();
        assert_eq!(text, r#"{"line":7,"column":"phone","message":"No."}"#);
        assert_eq!(serde_json::from_str::<ImportError>(&text).unwrap(), error);
        let of_row = serde_json::to_string(&RowFault::of_row("No.")).unwrap();
        assert_eq!(of_row, r#"{"message":"No."}"#);
        assert_eq!(serde_json::from_str::<RowFault>(&of_row).unwrap(), RowFault::of_row("No."));
    }

    #[test]
    fn what_is_queued_or_at_work_is_not_over() {
        let over = |name: &str| ImportStatus::parse(name).unwrap().is_over();
        assert!(!over("QUEUED") && !over("RUNNING") && over("FAILED") && over("CANCELED") && over("COMPLETED"));
        assert_eq!(ImportStatus::parse("RECEIVING"), None, "what is still arriving is nobody's to see");
    }
}
