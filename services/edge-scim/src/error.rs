//! What is answered instead of doing it, as RFC 7644 §3.12 has it.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use core_kernel::{Fault, Refusal, RefusalCode, Stop};
use edge_http::Refused;
use serde_json::json;

use crate::media::SCIM_JSON;

const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// What kind of fault a client may put right (RFC 7644, table 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScimType {
    InvalidFilter,
    InvalidPath,
    InvalidSyntax,
    InvalidValue,
    Mutability,
    NoTarget,
    TooMany,
    Uniqueness,
}

impl ScimType {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::InvalidPath => "invalidPath",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidValue => "invalidValue",
            Self::Mutability => "mutability",
            Self::NoTarget => "noTarget",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
        }
    }
}

/// A refusal.
#[derive(Debug)]
pub(crate) struct ScimError {
    pub(crate) status: StatusCode,
    pub(crate) scim_type: Option<ScimType>,
    pub(crate) detail: String,
    retry_after: Option<u64>,
}

impl ScimError {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into(), retry_after: None }
    }

    /// 400, of a kind.
    pub(crate) fn bad(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self { scim_type: Some(scim_type), ..Self::new(StatusCode::BAD_REQUEST, detail) }
    }

    /// A value that cannot be this attribute's.
    pub(crate) fn value(path: &str, sentence: &str) -> Self {
        Self::bad(ScimType::InvalidValue, format!("{path}: {sentence}"))
    }

    /// The one answer for users that are malformed, foreign, absent or erased.
    pub(crate) fn no_such_user() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is no such user.")
    }

    /// Somebody else changed it first.
    pub(crate) fn changed_meanwhile() -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, "The user has changed: read it again, and decide again.")
    }
}

impl From<Refusal> for ScimError {
    fn from(refusal: Refusal) -> Self {
        let (status, scim_type) = match refusal.code {
            RefusalCode::NotFound => return Self::no_such_user(),
            RefusalCode::AlreadyExists => (StatusCode::CONFLICT, Some(ScimType::Uniqueness)),
            RefusalCode::Conflict => (StatusCode::PRECONDITION_FAILED, None),
            RefusalCode::Invalid => (StatusCode::BAD_REQUEST, Some(ScimType::InvalidValue)),
            _ => (StatusCode::FORBIDDEN, None),
        };
        let at = if refusal.field.is_empty() { String::new() } else { format!("{}: ", refusal.field.join(".")) };
        Self { scim_type, ..Self::new(status, at + &refusal.message) }
    }
}

impl From<Stop> for ScimError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Fault(fault) => fault.into(),
            Stop::Refused(refusals) => several(refusals.into_iter().map(Self::from).collect()),
        }
    }
}

/// All faults of one input are told at once, with the kind of the first.
fn several(mut errors: Vec<ScimError>) -> ScimError {
    let details: Vec<String> = errors.iter().map(|error| error.detail.clone()).collect();
    if errors.is_empty() {
        return Fault::internal("a refusal without a reason").into();
    }
    ScimError { detail: details.join(" "), ..errors.remove(0) }
}

impl From<Fault> for ScimError {
    fn from(fault: Fault) -> Self {
        let detail = fault.to_string();
        match fault {
            Fault::Unauthenticated => Self::new(StatusCode::UNAUTHORIZED, detail),
            Fault::Forbidden { reason } => {
                let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
                Self::new(StatusCode::FORBIDDEN, detail + &reason)
            }
            Fault::RateLimited { retry_after_seconds } => {
                let retry_after = Some(retry_after_seconds);
                Self { retry_after, ..Self::new(StatusCode::TOO_MANY_REQUESTS, detail) }
            }
            Fault::BadRequest(_) => Self::bad(ScimType::InvalidSyntax, detail),
            Fault::Unavailable => Self { retry_after: Some(1), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail) },
            Fault::Internal(source) => {
                tracing::error!(error = %source, "a SCIM request failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
            }
        }
    }
}

impl From<Refused> for ScimError {
    fn from(refused: Refused) -> Self {
        Self::new(refused.status(), refused.sentence())
    }
}

impl IntoResponse for ScimError {
    fn into_response(self) -> Response {
        // RFC 7644 has the status as a text.
        let mut body = json!({ "schemas": [ERROR], "status": self.status.as_str(), "detail": self.detail });
        if let Some(scim_type) = self.scim_type {
            body["scimType"] = json!(scim_type.as_str());
        }
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, SCIM_JSON);
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_the_status_and_kind_of_the_rfc() {
        for (refusal, status, scim_type) in [
            (Refusal::not_found("user"), 404, None),
            (Refusal::new(RefusalCode::AlreadyExists, "x"), 409, Some(ScimType::Uniqueness)),
            (Refusal::new(RefusalCode::Conflict, "x"), 412, None),
            (Refusal::invalid("userName", "x"), 400, Some(ScimType::InvalidValue)),
            (Refusal::new(RefusalCode::NotAllowedByPolicy, "x"), 403, None),
        ] {
            let error = ScimError::from(refusal);
            assert_eq!((error.status.as_u16(), error.scim_type), (status, scim_type));
        }
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let refusals = vec![Refusal::invalid("userName", "Bad."), Refusal::invalid("name.givenName", "Worse.")];
        assert_eq!(ScimError::from(Stop::from(refusals)).detail, "userName: Bad. name.givenName: Worse.");
    }

    #[test]
    fn whoever_comes_too_often_is_told_when_to_come_again() {
        for (fault, status, after) in
            [(Fault::RateLimited { retry_after_seconds: 7 }, 429, "7"), (Fault::Unavailable, 503, "1")]
        {
            let response = ScimError::from(fault).into_response();
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(response.headers()[header::RETRY_AFTER], after);
        }
        let nobody = ScimError::from(Fault::Unauthenticated).into_response();
        assert_eq!(nobody.headers()[header::WWW_AUTHENTICATE], "Bearer");
        assert_eq!(nobody.headers()[header::CONTENT_TYPE], SCIM_JSON);
    }

    #[test]
    fn what_broke_is_not_shown() {
        let error = ScimError::from(Fault::internal("the table is on fire"));
        assert!(!error.detail.contains("fire"));
    }
}
