//! Pages for people. They load nothing from elsewhere, and what they run and how they look is allowed
//! by a nonce.

pub mod explorer;
pub mod link;
pub mod logo;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use core_kernel::{Entropy, Fault};

/// What a page's own styles and scripts are known by; another one for each page that is drawn.
pub struct Nonce(String);

impl Nonce {
    /// A new one.
    pub fn new(entropy: &dyn Entropy) -> Self {
        let mut random = [0; 16];
        entropy.fill(&mut random);
        Self(data_encoding::BASE64URL_NOPAD.encode(&random))
    }

    /// As it stands in the page.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A page in which it stands, with the content policy that goes with it.
    #[must_use]
    pub fn page(&self, status: StatusCode, text: String) -> Response {
        let Self(nonce) = self;
        // No `form-action`: Chromium applies it to where a form's answer redirects to as well.
        let policy = format!(
            "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; \
             img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"
        );
        let policy = HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        let headers: [(HeaderName, HeaderValue); 1] = [(header::CONTENT_SECURITY_POLICY, policy)];
        (status, headers, Html(text)).into_response()
    }
}

/// 303: what follows is a GET, whatever this was.
///
/// # Errors
/// When the address cannot stand in a header.
pub fn see_other(address: &str) -> Result<Response, Fault> {
    let location = HeaderValue::try_from(address).map_err(Fault::internal)?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
}

/// A page whose `{{nonce}}` is filled in.
fn page(status: StatusCode, template: &str, entropy: &dyn Entropy) -> Response {
    let nonce = Nonce::new(entropy);
    nonce.page(status, template.replace("{{nonce}}", nonce.as_str()))
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

    #[test]
    fn what_cannot_stand_in_a_header_leads_nowhere() {
        let response = see_other("https://firm.example/?a=b").unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()[header::LOCATION]),
            (303, &HeaderValue::from_static("https://firm.example/?a=b"))
        );
        assert!(see_other("https://firm.example/\r\nset-cookie: a=b").is_err());
    }
}
