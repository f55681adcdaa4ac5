//! `GET /imports/{import}/{ticket}/refused.csv`: the rows that an import refused. The ticket is the
//! credential: whoever may see the import was given it, for a quarter of an hour.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use futures::StreamExt as _;

use crate::gateway::Gateway;
use crate::refusal::Refused;

/// Answers with the file, row by row as it is read.
pub(crate) async fn refused_rows(
    State(gateway): State<Gateway>,
    Path((import, ticket)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let place = gateway.begin()?;
    let rows = gateway.imports().refused_rows(&import, &ticket).await?;
    let rows = rows.ok_or_else(|| {
        Refused::bad(StatusCode::NOT_FOUND, "There is nothing at this address any more. Ask for `errorsUrl` again.")
    })?;
    let rows = rows.into_stream().map(move |bytes| {
        // Held until the last row is sent.
        let _ = &place;
        bytes
    });
    let mut response = Response::new(Body::from_stream(rows));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"refused.csv\""));
    Ok(response)
}
