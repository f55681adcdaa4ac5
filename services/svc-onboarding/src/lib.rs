//! Bringing users and tenants on board from files, a million rows at a time.
//!
//! *Arriving.* A file is cut into rows as it comes ([`csv::Splitter`]), the rows are packed into blocks,
//! the blocks sealed under the tenant's data key, since what lies in them is contacts, and stored in
//! `import_block`. That is done a mebibyte at a time, each in one statement and a
//! short transaction: one that lasted as long as a slow upload would keep every table from being cleaned. The
//! import is shown, and worked on, when the last byte is there; an upload that breaks off leaves nothing.
//!
//! *At work.* A worker claims an import with a lease and takes its blocks in order, some thousand rows at a time. Rows are
//! read, checked and indexed together on a thread of their own; what they meet is asked for set-wise; a pure
//! function decides ([`users`]); what changes is sealed and written set-wise. The same transaction moves the
//! import forward, so that after a crash, however hard, the next worker goes on where the last commit
//! was. Rows that are refused are kept, sealed, for 30 days, and given back as a file that can be
//! corrected and sent again.
//!
//! *Beside logins.* Batches are as large as keeps a transaction short, one is written at a time in each process, imports take
//! turns batch by batch, and after each the writer rests for a share of the time that it took.
//!
//! *Progress* is in the import's row with every batch, and whoever watches an import is woken at most once a second by
//! [`io_postgres::Thing::Import`] with the tenant and the import's identifier (`import TENANT IMPORT` in
//! hexadecimal on the channel `postern_touch`); of an import of tenants the tenant is
//! [`core_kernel::PLATFORM_TENANT`], where it lies.

mod blocks;
mod commands;
pub mod csv;
mod download;
mod events;
mod imports;
mod model;
mod queries;
mod refusals;
mod store;
mod tenants;
mod users;
mod waiting;
mod worker;

pub use commands::receive::{TenantImportOptions, UserImportOptions};
pub use download::{DownloadUrls, RefusedRows};
pub use imports::{ImportLimits, Imports};
pub use model::{FileUpload, ImportError, ImportJob, ImportKind, ImportStatus, RowFault, UploadFault};
pub use waiting::imports_waiting;
pub use worker::{ImportOptions, ImportWorker};
