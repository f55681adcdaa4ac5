//! Reading a form, and whose it is.

use std::collections::HashMap;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, header};
use core_kernel::{Fault, Redacted};
use edge_http::is_own_origin;
use url::form_urlencoded;

/// Every form of ours is far smaller.
const MAX_FORM: usize = 8 * 1024;

/// The fields of a form.
pub(crate) struct Form(HashMap<String, String>);

impl Form {
    /// Reads a body; one that is too long or broken off is an empty form.
    pub(crate) async fn read(body: Body) -> Self {
        let bytes = to_bytes(body, MAX_FORM).await.unwrap_or_default();
        Self(form_urlencoded::parse(&bytes).into_owned().collect())
    }

    /// A field's text, or an empty one.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.trim())
    }

    /// A field that was filled in.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// A code, which is never logged.
    pub(crate) fn code(&self) -> Redacted<String> {
        Redacted::new(self.text("code").to_owned())
    }
}

/// Whether a form was sent by a page of ours. The cookie is not sent along with another site's form; this
/// holds for a browser that knows nothing of that, too. `Sec-Fetch-Site` is the browser's own word; only
/// without it is `Origin` asked, which some send as `null` from a page without a referrer.
///
/// # Errors
/// FORBIDDEN for a form of another site.
pub(crate) fn of_our_own(headers: &HeaderMap, public_url: &str) -> Result<(), Fault> {
    let by_origin = || headers.get(header::ORIGIN).is_none_or(|origin| is_own_origin(origin, public_url));
    let ours = headers.get("sec-fetch-site").map_or_else(by_origin, |site| site == "same-origin");
    if ours { Ok(()) } else { Err(Fault::Forbidden { reason: None }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn accepted(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers = pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
        of_our_own(&headers.collect(), "http://localhost:8080").is_ok()
    }

    #[test]
    fn a_form_of_another_site_is_not_taken() {
        assert!(accepted(&[]));
        assert!(accepted(&[("origin", "http://localhost:8080")]));
        assert!(accepted(&[("origin", "null"), ("sec-fetch-site", "same-origin")]), "a page without a referrer");
        for foreign in ["https://evil.example", "http://localhost:8081", "https://localhost:8080", "null", ""] {
            assert!(!accepted(&[("origin", foreign)]), "{foreign}");
        }
        assert!(!accepted(&[("sec-fetch-site", "cross-site")]));
        assert!(!accepted(&[("sec-fetch-site", "same-site")]));
    }

    #[tokio::test]
    async fn a_form_that_is_too_long_is_empty() {
        let form = Form::read(Body::from(format!("code={}", "1".repeat(MAX_FORM)))).await;
        assert_eq!(form.filled("code"), None);
        let form = Form::read(Body::from("code=+123+456+&number=%2B1415")).await;
        assert_eq!((form.text("code"), form.text("number"), form.text("else")), ("123 456", "+1415", ""));
    }
}
