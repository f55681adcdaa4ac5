//! `POST /graphql` with a file beside the request: the GraphQL multipart request specification
//! (<https://github.com/jaydenseric/graphql-multipart-request-spec>), for one file.
//!
//! Of the file nothing is read before a resolver asks for it: the credential was checked, and with it the header that a form of
//! another site cannot send; then the size that is announced; then the document; then whether this caller may. From then on it
//! is read as fast as whoever takes it keeps up, and no faster.

mod download;
mod form;
mod multipart;

use std::sync::Arc;
use std::time::Duration;

use async_graphql::Response as Executed;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use core_kernel::Fault;
use futures::StreamExt as _;
use futures::stream::{BoxStream, unfold};
use graphql::Prepared;
use svc_onboarding::{FileUpload, UploadFault};
use tokio::sync::Mutex;

use crate::admission::{address, admit, finish};
use crate::body::{self, MAX_BODY};
use crate::credentials::Presented;
use crate::gateway::Gateway;
use crate::graphql_route::{charge, execute, info};
use crate::media::Media;
use crate::refusal::Refused;
use form::Form;

pub(crate) use download::refused_rows;

const MAX_MAP: usize = 4 * 1024;
/// What a form holds beside its file.
const MAX_REST: u64 = 2 * MAX_BODY as u64;
/// How long a file may take to come.
const FILE_WITHIN: Duration = Duration::from_secs(60 * 60);
/// What is still read of a file that is refused, and for how long.
const DRAIN: (u64, Duration) = (64 << 20, Duration::from_secs(5));

/// The boundary, where this request is a form.
pub(crate) fn boundary(headers: &HeaderMap) -> Option<String> {
    multipart::boundary(headers.get(header::CONTENT_TYPE)?.to_str().ok()?)
}

/// Answers a request with a file.
pub(crate) async fn answer(
    gateway: &Gateway,
    request: Request,
    boundary: &str,
    media: Media,
) -> Result<Executed, Refused> {
    let place = gateway.begin_upload()?;
    let (parts, body) = request.into_parts();
    let authority = admit(gateway, Presented::read(&parts.headers, address(&parts))?).await?;
    let max_bytes = gateway.max_upload_bytes();
    refuse_too_long(&parts.headers, max_bytes)?;
    let mut form = Form::new(body, boundary, max_bytes + MAX_REST);
    let prepared = prepare(gateway, &mut form, media).await;
    let form = Arc::new(Mutex::new(form));
    // Whatever comes of it: what was sent is read to its end, as far as that is not too far.
    let rest = Rest(form.clone());
    let (prepared, name) = prepared?;
    charge(gateway, &authority, prepared.complexity).await?;
    let prepared = prepared.with_upload(FileUpload { name, content: content(form, max_bytes) });
    let work = execute(gateway.clone(), prepared, authority, info(&parts));
    let answered = finish(place, FILE_WITHIN, work).await;
    drop(rest);
    answered?.map_err(|rejection| Refused::document(rejection, media))
}

fn refuse_too_long(headers: &HeaderMap, max_bytes: u64) -> Result<(), Refused> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > max_bytes + MAX_REST) {
        let message = format!("The file is longer than {} MiB. Send it in parts.", max_bytes >> 20);
        return Err(Refused::bad(StatusCode::PAYLOAD_TOO_LARGE, message));
    }
    Ok(())
}

/// The document, with the mark of the file in its variables, and the name of the file, of which nothing is read.
async fn prepare(gateway: &Gateway, form: &mut Form, media: Media) -> Result<(Prepared, String), Refused> {
    let operations = form.field("operations", MAX_BODY).await.map_err(refused)?;
    let map = form.field("map", MAX_MAP).await.map_err(refused)?;
    let request = body::parse(&operations)?;
    let mut variables = request.variables.unwrap_or_default();
    let (part, path) = form::mapped(&map).ok_or_else(one_file)?;
    form::mark(&mut variables, &path).ok_or_else(one_file)?;
    let prepared = gateway.api().prepare(request.query, request.operation_name, variables).await;
    let prepared = prepared.map_err(|rejection| Refused::document(rejection, media))?;
    if !prepared.is_mutation {
        return Err(Refused::bad(StatusCode::BAD_REQUEST, "Only a mutation takes a file."));
    }
    let head = form.head().await.map_err(refused)?;
    if head.name != part {
        return Err(one_file());
    }
    Ok((prepared, head.file_name.unwrap_or_default()))
}

/// The file's bytes, as they come.
fn content(form: Arc<Mutex<Form>>, max_bytes: u64) -> BoxStream<'static, Result<Bytes, UploadFault>> {
    let chunks = unfold(Some((form, max_bytes)), |state| async move {
        let (form, left) = state?;
        let chunk = form.lock().await.chunk().await;
        match chunk {
            Ok(None) => None,
            Ok(Some(bytes)) => match left.checked_sub(bytes.len() as u64) {
                Some(left) => Some((Ok(bytes), Some((form, left)))),
                None => Some((Err(UploadFault::TooLong), None)),
            },
            Err(fault) => Some((Err(fault), None)),
        }
    });
    chunks.boxed()
}

/// A form that was answered, perhaps before it was read.
struct Rest(Arc<Mutex<Form>>);

impl Drop for Rest {
    fn drop(&mut self) {
        let form = self.0.clone();
        tokio::spawn(async move {
            let (at_most, within) = DRAIN;
            form.lock().await.drain(at_most, within).await;
        });
    }
}

fn refused(fault: UploadFault) -> Refused {
    match fault {
        UploadFault::TooLong => Refused::bad(StatusCode::PAYLOAD_TOO_LARGE, "`operations` or `map` is too long."),
        UploadFault::BrokenOff => Refused::bad(StatusCode::REQUEST_TIMEOUT, "The request's body broke off."),
        UploadFault::Malformed => Refused::bad(
            StatusCode::BAD_REQUEST,
            "Send the parts `operations`, `map` and the file, in this order, as the GraphQL multipart request \
             specification says.",
        ),
    }
}

fn one_file() -> Refused {
    Refused::bad(
        StatusCode::BAD_REQUEST,
        "`map` names one part, the file, and for it one variable, which is null: {\"0\": [\"variables.input.file\"]}.",
    )
}

impl Gateway {
    /// A place among the uploads, held until it is dropped.
    ///
    /// # Errors
    /// UNAVAILABLE where there is none.
    fn begin_upload(&self) -> Result<tokio::sync::OwnedSemaphorePermit, Fault> {
        self.uploads().clone().try_acquire_owned().map_err(|_| Fault::Unavailable)
    }
}
