//! The refused rows as a file: the original row under the original header, its line and why, so that it
//! can be corrected in a spreadsheet and sent again.

use std::sync::Arc;

use bytes::Bytes;
use chrono::TimeDelta;
use core_crypto::{DataKey, DownloadTicket};
use core_kernel::{Fault, ImportId, TenantId, TypedId};
use futures::Stream;
use futures::stream::try_unfold;
use io_postgres::TenantTx;
use svc_platform::{Keys, Platform};

use crate::csv::{fields, neutralise, write_row};
use crate::model::{ImportJob, RowFault};
use crate::store::{self, RefusalRow};
use crate::{Imports, blocks};

/// How long a URL holds.
const HOLDS: TimeDelta = TimeDelta::minutes(15);
/// Rows that are read at once; one may be as long as [`crate::csv::MAX_ROW`].
const PAGE: i64 = 64;

/// Makes and reads the URLs of refused rows. Cheap to clone.
#[derive(Clone)]
pub struct DownloadUrls {
    public_url: Arc<str>,
    keys: Keys,
}

impl DownloadUrls {
    pub(crate) fn new(platform: &Platform) -> Self {
        Self { public_url: platform.public_url.clone(), keys: platform.keys.clone() }
    }
}

/// A file of refused rows.
pub struct RefusedRows {
    platform: Platform,
    key: Arc<DataKey>,
    id: ImportId,
    header: Vec<String>,
}

impl Imports {
    /// Where the refused rows of an import are, for a quarter of an hour; none where there are none (any more).
    #[must_use]
    pub fn errors_url(&self, job: &ImportJob) -> Option<String> {
        if !job.has_refused_rows {
            return None;
        }
        let ticket = DownloadTicket { tenant: job.tenant, expires_at: self.platform.now() + HOLDS };
        let sealed = ticket.seal(&self.urls.keys.ring(), job.id);
        Some(format!("{}/imports/{}/{sealed}/refused.csv", self.urls.public_url, job.id.to_text()))
    }

    /// The file that a URL names; none where it is not ours, or over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refused_rows(&self, import: &str, ticket: &str) -> Result<Option<RefusedRows>, Fault> {
        let Some(id) = ImportId::from_text(import) else { return Ok(None) };
        let now = self.platform.now();
        let Some(ticket) = DownloadTicket::open(&self.urls.keys.ring(), id, ticket, now) else { return Ok(None) };
        let key = self.platform.keys.data_key(&self.platform.database, ticket.tenant).await?;
        let header = self.header(ticket.tenant, id).await?;
        Ok(header.map(|header| RefusedRows { platform: self.platform.clone(), key, id, header }))
    }

    async fn header(&self, tenant: TenantId, id: ImportId) -> Result<Option<Vec<String>>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        Ok(store::find_header(&mut tx, id).await?)
    }
}

impl RefusedRows {
    /// The file, page by page.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, Fault>> + Send + 'static {
        let names = ["line", "error"].into_iter().chain(self.header.iter().map(String::as_str).filter(is_original));
        let header = Bytes::from(write_row(names));
        try_unfold((self, Some(header), 0), |(file, header, after)| async move {
            if let Some(header) = header {
                return Ok(Some((header, (file, None, after))));
            }
            let page = file.page(after).await?;
            Ok(page.map(|(text, last)| (text, (file, None, last))))
        })
    }

    /// The next rows, and the line of the last.
    async fn page(&self, after: i32) -> Result<Option<(Bytes, i32)>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, self.key.tenant()).await?;
        let rows = store::list_refusals(&mut tx, self.id, after, PAGE).await?;
        tx.rollback().await?;
        let Some(last) = rows.last().map(|row| row.line) else { return Ok(None) };
        let texts: Result<Vec<String>, Fault> = rows.iter().map(|row| self.row(row)).collect();
        Ok(Some((Bytes::from(texts?.concat()), last)))
    }

    fn row(&self, refused: &RefusalRow) -> Result<String, Fault> {
        let bytes = blocks::open_refused(&self.key, self.id, refused.line, &refused.sealed).map_err(Fault::internal)?;
        Ok(write_refused(&self.header, refused.line, &refused.faults.0, &bytes))
    }
}

/// Columns that an earlier file of refused rows brought along are written anew.
fn is_original(name: &&str) -> bool {
    !matches!(*name, "line" | "error")
}

fn write_refused(header: &[String], line: i32, faults: &[RowFault], row: &[u8]) -> String {
    let originals = fields(row).into_iter().enumerate();
    let originals = originals.filter(|(place, _)| header.get(*place).is_none_or(|name| is_original(&name.as_str())));
    let originals: Vec<String> = originals.map(|(_, field)| String::from_utf8_lossy(&field).into_owned()).collect();
    let (line, reasons) = (line.to_string(), reasons(faults));
    let own = [neutralise(&line), neutralise(&reasons)];
    let row = own.into_iter().chain(originals.iter().map(|field| neutralise_original(field)));
    let row: Vec<_> = row.collect();
    write_row(row.iter().map(|field| &**field))
}

/// What was neutralised when it came is as it should be.
fn neutralise_original(field: &str) -> std::borrow::Cow<'_, str> {
    let restored = crate::csv::restore(field);
    if restored == field { neutralise(field) } else { field.into() }
}

fn reasons(faults: &[RowFault]) -> String {
    let one = |fault: &RowFault| match &fault.column {
        Some(column) => format!("{column}: {}", fault.message),
        None => fault.message.clone(),
    };
    faults.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_refused_row_is_given_back_with_its_line_and_why() {
        let faults = [RowFault::at("phone", "No such number."), RowFault::of_row("And more.")];
        let row = write_refused(&header(&["external_id", "phone"]), 17, &faults, b"a,\"+1 415, x\"");
        assert_eq!(row, "17,phone: No such number. And more.,a,\"'+1 415, x\"\r\n");
    }

    #[test]
    fn formulas_are_neutralised_once_and_numbers_stay() {
        let row = |text: &str| write_refused(&header(&["a", "b"]), 2, &[], text.as_bytes());
        assert_eq!(row("=1+1,+14155550132"), "2,,'=1+1,+14155550132\r\n");
        assert_eq!(row("'=1+1,b"), "2,,'=1+1,b\r\n", "sent again, it does not grow");
    }

    #[test]
    fn line_and_error_of_an_earlier_file_are_replaced() {
        let row = write_refused(&header(&["line", "error", "a"]), 3, &[RowFault::of_row("new")], b"9,old,x");
        assert_eq!(row, "3,new,x\r\n");
    }

    #[test]
    fn what_is_not_utf8_or_has_too_many_fields_is_shown_as_well_as_can_be() {
        assert_eq!(write_refused(&header(&["a"]), 4, &[], b"x\xff,y"), "4,,x\u{fffd},y\r\n");
    }
}
