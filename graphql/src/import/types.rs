//! An import and what it refused.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use core_kernel::Fault;

use crate::connection::{connection, page_request};
use crate::context::services;
use crate::enums::{ImportKind, ImportStatus};
use crate::ids::id;
use crate::loaders::loaders;
use crate::scalars::DateTime;

connection! {
    /// A page of imports.
    ImportJobConnection, ImportJobEdge of ImportJob;
}

/// A file of users or tenants, and what becomes of it. Read it by `node`, or watch it by `importProgress`, until it has finished.
pub struct ImportJob(svc_onboarding::ImportJob);

impl From<svc_onboarding::ImportJob> for ImportJob {
    fn from(job: svc_onboarding::ImportJob) -> Self {
        Self(job)
    }
}

#[Object]
impl ImportJob {
    /// Opaque, unique and never reused.
    pub(crate) async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// What the file holds.
    async fn kind(&self) -> ImportKind {
        self.0.kind.into()
    }

    /// How far it has come.
    async fn status(&self) -> ImportStatus {
        self.0.status.into()
    }

    /// Whether everything is done but the changes.
    async fn dry_run(&self) -> bool {
        self.0.dry_run
    }

    /// As the sender called the file.
    async fn file_name(&self) -> &str {
        &self.0.file_name
    }

    /// Rows of the file, without the header and empty lines.
    async fn total_rows(&self) -> Option<i32> {
        Some(self.0.total_rows)
    }

    /// Rows worked through, written with every batch: several times a second.
    async fn processed_rows(&self) -> i32 {
        self.0.processed_rows
    }

    /// New ones; of a dry run, those that would be.
    async fn created_rows(&self) -> i32 {
        self.0.created_rows
    }

    /// Changed ones, likewise.
    async fn updated_rows(&self) -> i32 {
        self.0.updated_rows
    }

    /// Those that were as the file has them.
    async fn unchanged_rows(&self) -> i32 {
        self.0.unchanged_rows
    }

    /// Refused ones.
    async fn failed_rows(&self) -> i32 {
        self.0.failed_rows
    }

    /// The first of what was refused, in the order of the file; a row has as many as it has faults.
    async fn errors(&self, ctx: &Context<'_>, #[graphql(default = 25)] first: i32) -> Result<Vec<ImportError>> {
        let first = page_request(first, None)?.first;
        let imports = services(ctx)?.imports.clone();
        let load = |keys| async move { errors_of(&imports, keys).await };
        let errors = loaders(ctx)?.import_errors.load((self.0.clone(), first), load).await?.unwrap_or_default();
        Ok(errors.into_iter().map(ImportError::from).collect())
    }

    /// All refused rows, as CSV: the original row, its line and why, to be corrected and sent again. The URL holds for 15 minutes
    /// and is asked for anew after that; the rows are kept for 30 days.
    async fn errors_url(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(services(ctx)?.imports.errors_url(&self.0))
    }

    /// When the file came.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it came to its end.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(DateTime::from)
    }
}

type Key = (svc_onboarding::ImportJob, u32);

/// Fields that stand under other names may ask for other numbers.
async fn errors_of(
    imports: &svc_onboarding::Imports,
    keys: Vec<Key>,
) -> Result<HashMap<Key, Vec<svc_onboarding::ImportError>>, Fault> {
    let mut of_sizes: HashMap<u32, Vec<svc_onboarding::ImportJob>> = HashMap::new();
    for (job, first) in keys {
        of_sizes.entry(first).or_default().push(job);
    }
    let mut found = HashMap::new();
    for (first, jobs) in of_sizes {
        let mut errors = imports.errors_of(&jobs, first).await?;
        found.extend(jobs.into_iter().map(|job| {
            let errors = errors.remove(&job.id).unwrap_or_default();
            ((job, first), errors)
        }));
    }
    Ok(found)
}

/// One thing that is wrong with a row.
#[derive(SimpleObject)]
pub struct ImportError {
    /// The line of the file, from 1; 0 where it is not the file's fault.
    line: i32,
    /// The column; null where it is the row as a whole.
    column: Option<String>,
    /// What is wrong, for whoever has the file.
    message: String,
}

impl From<svc_onboarding::ImportError> for ImportError {
    fn from(error: svc_onboarding::ImportError) -> Self {
        Self { line: error.line, column: error.fault.column, message: error.fault.message }
    }
}
