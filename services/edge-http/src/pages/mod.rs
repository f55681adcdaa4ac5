//! Pages for people. They load nothing from elsewhere, and what they run and how they look is allowed
//! by a nonce.

pub mod explorer;
pub mod link;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use core_kernel::Entropy;

/// A page whose `{{nonce}}` is filled in, with the content policy that goes with it.
fn page(status: StatusCode, template: &str, entropy: &dyn Entropy) -> Response {
    let mut random = [0; 16];
    entropy.fill(&mut random);
    let nonce = data_encoding::BASE64URL_NOPAD.encode(&random);
    // No `form-action`: Chromium applies it to where a form's answer redirects to as well.
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; \
         img-src data:; frame-ancestors 'none'; base-uri 'none'"
    );
    let policy = HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    let headers: [(HeaderName, HeaderValue); 1] = [(header::CONTENT_SECURITY_POLICY, policy)];
    (status, headers, Html(template.replace("{{nonce}}", &nonce))).into_response()
}

/// Text as it may stand in a page.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use core_kernel::SeededEntropy;

    #[test]
    fn nothing_breaks_out_of_a_page() {
        assert_eq!(escape("<a href=\"'&'\">"), "&lt;a href=&quot;&#39;&amp;&#39;&quot;&gt;");
    }

    #[test]
    fn every_page_has_its_own_nonce() {
        let entropy = SeededEntropy::new(1);
        let policy = || {
            let response = page(StatusCode::OK, "<p>", &entropy);
            response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned()
        };
        assert_ne!(policy(), policy());
        assert!(!policy().contains("unsafe"));
    }
}
