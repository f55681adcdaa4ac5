//! Taking out what a tenant has, as CSV or JSON Lines.
//!
//! Rows are read a thousand at a time, each thousand in a transaction of its own, and written before the
//! next are asked for: memory does not grow with the tenant. What changes meanwhile is seen or not; no
//! row is seen twice. The log says who took out what, before the first row is read.
//!
//! CSV of users has the columns that an import takes, so that it can be edited and imported again.
//! Contacts lie sealed and are opened for the operator alone, where that is asked for; without it their
//! columns are not there.

mod audit;
mod cell;
mod csv;
mod logins;
mod messages;
mod users;

use std::io::{self, Write};
use std::sync::Arc;

use core_access::{Permit, Principal};
use core_crypto::DataKey;
use core_kernel::{Fault, TypedId};
use io_postgres::TenantTx;
use serde_json::{Map, json};
use svc_platform::Platform;

use cell::{Cell, Row};

/// How many rows are read at a time.
const PAGE: i64 = 1000;

/// What is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exported {
    /// Users, as an import takes them.
    Users,
    /// Logins, with what was decided.
    Logins,
    /// Messages, without where they went and what they said.
    Messages,
    /// The audit log.
    Audit,
}

impl Exported {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Users, Self::Logins, Self::Messages, Self::Audit];

    /// Its name, on the command line and in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Logins => "logins",
            Self::Messages => "messages",
            Self::Audit => "audit",
        }
    }
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// RFC 4180, in UTF-8, with a header; no cell is a formula.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportRequest {
    /// What.
    pub what: Exported,
    /// How.
    pub format: ExportFormat,
    /// Whether sealed contacts are opened; by the operator alone.
    pub contacts: bool,
}

/// Writes all of it; how many rows.
///
/// # Errors
/// FORBIDDEN where contacts are to be opened by anybody but the operator; when the database fails or
/// nothing can be written.
pub async fn export(
    platform: &Platform,
    permit: &Permit,
    request: ExportRequest,
    out: &mut (dyn Write + Send),
) -> Result<u64, Fault> {
    if request.contacts && permit.caller().principal != Principal::System {
        return Err(Fault::Forbidden { reason: None });
    }
    record(platform, permit, request).await?;
    let source = Source { platform, permit };
    let key = match request.contacts {
        true => Some(platform.keys.data_key(&platform.database, permit.tenant()).await?),
        false => None,
    };
    match request.what {
        Exported::Users => pump(&source, users::Users::new(key, request.format), request.format, out).await,
        Exported::Logins => pump(&source, logins::Logins::default(), request.format, out).await,
        Exported::Messages => pump(&source, messages::Messages::default(), request.format, out).await,
        Exported::Audit => {
            let chain = svc_audit::chain::close_chain(platform, permit.tenant()).await?;
            pump(&source, audit::Audit::new(chain, request.format), request.format, out).await
        }
    }
}

async fn record(platform: &Platform, permit: &Permit, request: ExportRequest) -> Result<(), Fault> {
    let mut tx = TenantTx::begin(&platform.database, permit.tenant()).await?;
    let detail = json!({ "what": request.what.as_str(), "contacts": request.contacts });
    let target = permit.tenant().to_text();
    svc_audit::record_as(&mut tx, &who(permit), "tenant.exported", Some(&target), detail, permit.caller().ip).await?;
    Ok(tx.commit().await?)
}

/// The installation itself reads nothing by itself: it is its operator who does.
pub(crate) fn who(permit: &Permit) -> String {
    match permit.caller().principal {
        Principal::System => "operator".to_owned(),
        _ => permit.caller().audit_name(),
    }
}

/// From where rows are read.
struct Source<'a> {
    platform: &'a Platform,
    permit: &'a Permit,
}

/// Rows of one kind, page by page.
trait Pages {
    fn columns(&self) -> &'static [&'static str];
    /// The next rows, none at the end.
    async fn next(&mut self, tx: &mut TenantTx) -> Result<Vec<Row>, Fault>;
}

async fn pump(
    source: &Source<'_>,
    mut pages: impl Pages,
    format: ExportFormat,
    out: &mut (dyn Write + Send),
) -> Result<u64, Fault> {
    let columns = pages.columns();
    if format == ExportFormat::Csv {
        csv::write_row(out, columns.iter().map(|name| Cell::from((*name).to_owned()))).map_err(Fault::internal)?;
    }
    let mut rows = 0;
    loop {
        let mut tx = TenantTx::begin(&source.platform.database, source.permit.tenant()).await?;
        let page = pages.next(&mut tx).await?;
        tx.rollback().await?;
        if page.is_empty() {
            return Ok(rows);
        }
        rows += page.len() as u64;
        for row in page {
            write(out, format, columns, row).map_err(Fault::internal)?;
        }
    }
}

fn write(out: &mut (dyn Write + Send), format: ExportFormat, columns: &[&str], row: Row) -> io::Result<()> {
    match format {
        ExportFormat::Csv => csv::write_row(out, row.into_iter()),
        ExportFormat::Jsonl => {
            let object: Map<_, _> =
                columns.iter().zip(row).map(|(name, cell)| ((*name).to_owned(), cell.into_json())).collect();
            serde_json::to_writer(&mut *out, &object)?;
            out.write_all(b"\n")
        }
    }
}

/// Opens a sealed text; `None` where nothing is to be opened.
pub(crate) fn open_sealed(
    key: Option<&Arc<DataKey>>,
    table: &'static str,
    row: uuid::Uuid,
    column: &'static str,
    sealed: Option<&[u8]>,
) -> Result<Option<String>, Fault> {
    let (Some(key), Some(sealed)) = (key, sealed.filter(|sealed| !sealed.is_empty())) else { return Ok(None) };
    let plain = key.open(&svc_platform::place(key.tenant(), table, row, column), sealed).map_err(Fault::internal)?;
    String::from_utf8(plain.to_vec()).map(Some).map_err(Fault::internal)
}
