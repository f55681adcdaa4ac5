//! Reading a GraphQL request from a body: bounded in size, strict in form.

use std::time::Duration;

use async_graphql::Variables;
use axum::body::Body;
use axum::http::StatusCode;
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::Deserialize;

use crate::refusal::Refused;

/// The longest body of a request.
pub(crate) const MAX_BODY: usize = 256 * 1024;

/// The parameters of a request (GraphQL over HTTP, section 5.1).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GraphqlRequest {
    pub query: String,
    #[serde(default)]
    pub operation_name: Option<String>,
    #[serde(default)]
    pub variables: Option<Variables>,
    /// Allowed, and nothing to us.
    #[serde(default)]
    #[expect(dead_code, reason = "read so that anything but an object is refused")]
    extensions: Option<serde_json::Map<String, serde_json::Value>>,
}

/// Reads the whole body.
///
/// # Errors
/// 413 where it is too long, 408 where it does not come within `patience`, 400 where it breaks off.
pub(crate) async fn read(body: Body, patience: Duration) -> Result<Bytes, Refused> {
    let collected = tokio::time::timeout(patience, Limited::new(body, MAX_BODY).collect()).await;
    match collected {
        Err(_elapsed) => Err(Refused::bad(StatusCode::REQUEST_TIMEOUT, "The request's body did not arrive in time.")),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_long()),
        Ok(Err(_)) => Err(Refused::bad(StatusCode::BAD_REQUEST, "The request's body broke off.")),
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
    }
}

fn too_long() -> Refused {
    let message = format!("The request is longer than {} KiB.", MAX_BODY / 1024);
    Refused::bad(StatusCode::PAYLOAD_TOO_LARGE, message)
}

/// Parses a body.
///
/// # Errors
/// 400 for anything but one well-formed request.
pub(crate) fn parse(body: &[u8]) -> Result<GraphqlRequest, Refused> {
    if body.trim_ascii_start().first() == Some(&b'[') {
        return Err(Refused::bad(StatusCode::BAD_REQUEST, "Batches are not served; send one request at a time."));
    }
    // What serde says of the text is of no use to anybody who did not write it, and could quote it.
    serde_json::from_slice(body).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let message = format!("The body is not a GraphQL request in JSON ({place}): query, operationName, variables.");
        Refused::bad(StatusCode::BAD_REQUEST, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_are_read() {
        let request =
            parse(br#"{"query":"{a}","operationName":null,"variables":{"a":1},"extensions":{},"more":1}"#).unwrap();
        assert_eq!(request.query, "{a}");
        assert_eq!(request.variables.unwrap().len(), 1);
        assert!(parse(br#"{"query":"{a}"}"#).unwrap().variables.is_none());
        assert!(parse(br#"{"query":"{a}","variables":null}"#).is_ok());
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [
            "",
            "null",
            "{}",
            "[]",
            r#" [{"query":"{a}"}]"#,
            r#"{"query":1}"#,
            r#"{"query":null}"#,
            r#"{"query":"{a}","operationName":1}"#,
            r#"{"query":"{a}","variables":"{}"}"#,
            r#"{"query":"{a}","variables":[]}"#,
            r#"{"query":"{a}","extensions":"x"}"#,
            r#"{"query":"{a}""#,
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(parse(&[0xff, 0xfe]).is_err());
        let deep =
            format!(r#"{{"query":"{{a}}","variables":{{"a":{}1{}}}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert!(parse(deep.as_bytes()).is_err(), "nesting that would exhaust the stack");
    }

    #[tokio::test]
    async fn a_body_has_an_end() {
        assert!(read(Body::from(vec![b' '; MAX_BODY]), Duration::from_secs(10)).await.is_ok());
        let refused = read(Body::from(vec![b' '; MAX_BODY + 1]), Duration::from_secs(10)).await.unwrap_err();
        assert_eq!(refused.respond(crate::media::Media::Json).status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
}
