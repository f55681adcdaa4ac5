//! What is served, and how (RFC 7644 §4). These documents are the same for everybody, and are read
//! before there is a key.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::answer::answer;
use crate::error::ScimError;
use crate::query::Parameters;
use crate::request::Scim;
use crate::schema::{self, LIST_RESPONSE};

/// `GET /ServiceProviderConfig`.
pub(crate) async fn service_provider_config(State(scim): State<Scim>, request: Request) -> Result<Response, ScimError> {
    unfiltered(&request)?;
    Ok(answer(StatusCode::OK, &schema::service_provider_config(&scim.base)))
}

/// `GET /ResourceTypes`.
pub(crate) async fn resource_types(State(scim): State<Scim>, request: Request) -> Result<Response, ScimError> {
    unfiltered(&request)?;
    Ok(list(schema::resource_types(&scim.base)))
}

/// `GET /ResourceTypes/{id}`.
pub(crate) async fn resource_type(State(scim): State<Scim>, Path(id): Path<String>) -> Result<Response, ScimError> {
    one(schema::resource_type(&scim.base, &id))
}

/// `GET /Schemas`.
pub(crate) async fn schemas(State(scim): State<Scim>, request: Request) -> Result<Response, ScimError> {
    unfiltered(&request)?;
    Ok(list(schema::schemas(&scim.base)))
}

/// `GET /Schemas/{id}`.
pub(crate) async fn schema(State(scim): State<Scim>, Path(id): Path<String>) -> Result<Response, ScimError> {
    one(schema::schema(&scim.base, &id))
}

/// A filter is refused, so that nobody takes what is answered for what was asked (RFC 7644 §4).
fn unfiltered(request: &Request) -> Result<(), ScimError> {
    if Parameters::of_url(request.uri().query()).has_filter() {
        return Err(ScimError::new(StatusCode::FORBIDDEN, "This address cannot be filtered."));
    }
    Ok(())
}

fn list(documents: Vec<Value>) -> Response {
    let list = json!({
        "schemas": [LIST_RESPONSE],
        "totalResults": documents.len(),
        "startIndex": 1,
        "itemsPerPage": documents.len(),
        "Resources": documents,
    });
    answer(StatusCode::OK, &list)
}

fn one(document: Option<Value>) -> Result<Response, ScimError> {
    let none = || ScimError::new(StatusCode::NOT_FOUND, "There is no such document.");
    Ok(answer(StatusCode::OK, &document.ok_or_else(none)?))
}
