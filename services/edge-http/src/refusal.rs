//! A refusal before anything ran, in the form of a GraphQL error, with the status that says the same.

use async_graphql::ServerError;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use core_kernel::{Fault, Refusal, RefusalCode, Stop};
use graphql::Rejection;
use serde::Serialize;

use crate::media::Media;

/// What is answered instead of doing it.
#[derive(Debug)]
pub struct Refused {
    status: StatusCode,
    errors: Vec<ServerError>,
    headers: Vec<(header::HeaderName, HeaderValue)>,
}

/// An answer without `data`: nothing was executed.
#[derive(Serialize)]
struct Errors<'a> {
    errors: &'a [ServerError],
}

impl Refused {
    /// A request that cannot be understood, with the status that says why.
    pub(crate) fn bad(status: StatusCode, message: impl Into<String>) -> Self {
        let fault = Fault::BadRequest(message.into());
        Self { status, errors: vec![graphql::fault_error(&fault)], headers: Vec::new() }
    }

    /// A document that was refused: how that is answered depends on the media type.
    pub(crate) fn document(rejection: Rejection, media: Media) -> Self {
        let status = match media {
            Media::Json => StatusCode::OK,
            Media::GraphqlResponse => StatusCode::BAD_REQUEST,
        };
        Self { status, errors: rejection.0, headers: Vec::new() }
    }

    /// An expected *no* of the sign-in.
    pub(crate) fn refusal(refusal: &Refusal) -> Self {
        let status = match refusal.code {
            RefusalCode::Invalid => StatusCode::BAD_REQUEST,
            RefusalCode::NotFound => StatusCode::NOT_FOUND,
            RefusalCode::TooSoon => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::UNAUTHORIZED,
        };
        Self { status, errors: vec![refusal_error(refusal)], headers: Vec::new() }
    }

    /// The same with all of an input's faults.
    pub(crate) fn refusals(refusals: &[Refusal]) -> Self {
        let first = refusals.first().map(Self::refusal);
        let first = first.unwrap_or_else(|| Self::from(Fault::internal("a refusal without a reason")));
        Self { errors: refusals.iter().map(refusal_error).collect(), ..first }
    }

    /// The same, telling how many tries are left.
    pub(crate) fn with_attempts(mut self, remaining: Option<i32>) -> Self {
        if let (Some(remaining), Some(error)) = (remaining, self.errors.first_mut()) {
            error.extensions.get_or_insert_default().set("attemptsRemaining", remaining);
        }
        self
    }

    /// The status that says what kind of *no* it is.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The first sentence of it, for an edge that words its refusals in another form.
    #[must_use]
    pub fn sentence(&self) -> &str {
        self.errors.first().map_or("", |error| &error.message)
    }

    /// The same with one more header.
    pub(crate) fn with(mut self, name: header::HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// As an answer of this media type.
    pub(crate) fn respond(self, media: Media) -> Response {
        let body = serde_json::to_vec(&Errors { errors: &self.errors }).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        response.headers_mut().insert(header::CONTENT_TYPE, media.content_type());
        for (name, value) in self.headers {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

fn refusal_error(refusal: &Refusal) -> ServerError {
    let mut error = ServerError::new(refusal.message.clone(), None);
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("code", refusal.code.as_str());
    if !refusal.field.is_empty() {
        extensions.set("field", refusal.field.clone());
    }
    error
}

impl From<Stop> for Refused {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Refused(refusals) => Self::refusals(&refusals),
            Stop::Fault(fault) => fault.into(),
        }
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        let (status, retry_after) = match &fault {
            Fault::Unauthenticated => (StatusCode::UNAUTHORIZED, None),
            Fault::Forbidden { .. } => (StatusCode::FORBIDDEN, None),
            Fault::RateLimited { retry_after_seconds } => (StatusCode::TOO_MANY_REQUESTS, Some(*retry_after_seconds)),
            Fault::BadRequest(_) => (StatusCode::BAD_REQUEST, None),
            Fault::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, Some(1)),
            Fault::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, None),
        };
        let mut refused = Self { status, errors: vec![graphql::fault_error(&fault)], headers: Vec::new() };
        if let Some(seconds) = retry_after {
            refused = refused.with(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            refused = refused.with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        refused
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        self.respond(Media::Json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_its_status() {
        for (fault, status) in [
            (Fault::Unauthenticated, 401),
            (Fault::Forbidden { reason: None }, 403),
            (Fault::RateLimited { retry_after_seconds: 7 }, 429),
            (Fault::BadRequest("x".into()), 400),
            (Fault::Unavailable, 503),
            (Fault::internal("x"), 500),
        ] {
            let response = Refused::from(fault).respond(Media::Json);
            assert_eq!(response.status().as_u16(), status);
            let retry = response.headers().get(header::RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned());
            let expected = match status {
                429 => Some("7"),
                503 => Some("1"),
                _ => None,
            };
            assert_eq!(retry.as_deref(), expected, "{status}");
        }
    }
}
