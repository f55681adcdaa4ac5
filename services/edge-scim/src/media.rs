//! The media type of RFC 7644 §3.1.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::error::ScimError;

/// `application/scim+json`.
pub(crate) const SCIM_JSON: HeaderValue = HeaderValue::from_static("application/scim+json; charset=utf-8");

/// Checks that a body says it is JSON; plain `application/json` is accepted, as the RFC has it.
///
/// # Errors
/// 415 for anything else.
pub(crate) fn check(headers: &HeaderMap) -> Result<(), ScimError> {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = value.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let charset = parts.find_map(|part| part.to_ascii_lowercase().strip_prefix("charset=").map(str::to_owned));
    let utf8 = charset.is_none_or(|charset| charset.trim_matches('"') == "utf-8");
    if utf8 && matches!(name.as_str(), "application/scim+json" | "application/json") {
        return Ok(());
    }
    let detail = "Send the request as `Content-Type: application/scim+json`, in UTF-8.";
    Err(ScimError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(value: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(value).unwrap());
        check(&headers).is_ok()
    }

    #[test]
    fn json_of_either_name_is_read() {
        for yes in
            ["application/scim+json", "Application/JSON; charset=UTF-8", "application/scim+json;charset=\"utf-8\""]
        {
            assert!(accepted(yes), "{yes}");
        }
        for no in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", ""] {
            assert!(!accepted(no), "{no}");
        }
        assert!(check(&HeaderMap::new()).is_err());
    }
}
