//! Who speaks: from the handshake and `connection_init`.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use core_kernel::{Fault, Redacted};
use graphql::RequestInfo;
use serde_json::{Map, Value};

use crate::credentials::{Credential, Presented, session_cookie};
use crate::graphql_route::info;
use crate::origin::is_own_origin;

/// What may stand in the payload of `connection_init`, named like the headers of a request; upper and
/// lower case are one.
const FIELDS: [&str; 4] = ["authorization", "x-postern-tenant", "x-postern-partner", "x-postern-actor"];

/// What of the handshake matters afterwards.
pub(super) struct Handshake {
    /// The console's session.
    session: Option<Redacted<String>>,
    /// Whether a page of this installation's own began it.
    is_own_page: bool,
    pub(super) info: RequestInfo,
}

impl Handshake {
    pub(super) fn read(parts: &Parts, public_url: &str) -> Self {
        let session = session_cookie(&parts.headers);
        Self { session, is_own_page: is_own_page(&parts.headers, public_url), info: info(parts) }
    }

    /// What the client presents. A key is preferred to a cookie: whoever sends one means it.
    ///
    /// # Errors
    /// UNAUTHENTICATED without credentials, FORBIDDEN for a session where another site's page began the
    /// handshake, BAD_REQUEST for fields that are no text.
    pub(super) fn presented(&self, payload: &Map<String, Value>) -> Result<Presented, Fault> {
        let headers = headers_of(payload)?;
        let ip = self.info.ip;
        if headers.contains_key(header::AUTHORIZATION) {
            return Presented::read(&headers, ip);
        }
        let session = self.session.clone().ok_or(Fault::Unauthenticated)?;
        if !self.is_own_page {
            return Err(Fault::Forbidden { reason: Some("ORIGIN_NOT_ALLOWED") });
        }
        Presented::within(&headers, Credential::Session(session), ip)
    }
}

fn headers_of(payload: &Map<String, Value>) -> Result<HeaderMap, Fault> {
    let mut headers = HeaderMap::new();
    for (name, value) in payload {
        let Some(known) = FIELDS.into_iter().find(|field| field.eq_ignore_ascii_case(name)) else { continue };
        let bad = || Fault::BadRequest(format!("{known} in connection_init is not a line of text."));
        let value = HeaderValue::from_bytes(value.as_str().ok_or_else(bad)?.as_bytes()).map_err(|_| bad())?;
        headers.append(HeaderName::from_static(known), value);
    }
    Ok(headers)
}

/// Every browser sends the page's origin with a handshake, and no page can change it.
fn is_own_page(headers: &HeaderMap, public_url: &str) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let (Some(origin), None) = (origins.next(), origins.next()) else { return false };
    is_own_origin(origin, public_url)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn handshake(headers: &[(&str, &str)]) -> Handshake {
        let mut request = axum::http::Request::get("/graphql?authorization=Bearer%20pk_url");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        Handshake::read(&parts, "https://postern.example/")
    }

    fn presented(headers: &[(&str, &str)], payload: &Value) -> Result<Presented, Fault> {
        handshake(headers).presented(payload.as_object().unwrap())
    }

    const COOKIE: (&str, &str) = ("cookie", "__Host-postern=s1");
    const OWN: (&str, &str) = ("origin", "https://postern.example");

    #[test]
    fn a_key_is_read_from_the_payload_whatever_page_it_comes_from() {
        for origin in ["https://evil.example", "https://postern.example"] {
            let payload = json!({ "Authorization": "Bearer pk_1", "X-Postern-Tenant": "tenant_1", "more": 1 });
            let presented = presented(&[COOKIE, ("origin", origin)], &payload).unwrap();
            assert!(matches!(presented.credential, Credential::ApiKey(key) if key.expose() == "pk_1"));
            assert_eq!(presented.tenant.as_deref(), Some("tenant_1"));
        }
    }

    #[test]
    fn a_session_counts_only_from_the_installations_own_pages() {
        let of = |headers: &[_]| presented(headers, &json!({ "x-postern-tenant": "tenant_1" }));
        let own = of(&[COOKIE, OWN]).unwrap();
        assert!(matches!(own.credential, Credential::Session(token) if token.expose() == "s1"));
        assert_eq!(own.tenant.as_deref(), Some("tenant_1"));
        for origin in [
            "https://evil.example",
            "http://postern.example",
            "https://postern.example:444",
            "https://postern.example.evil.example",
            "https://evil.example/https://postern.example",
            "https://Postern.example",
            "null",
            "",
        ] {
            assert!(
                matches!(
                    of(&[COOKIE, ("origin", origin)]),
                    Err(Fault::Forbidden { reason: Some("ORIGIN_NOT_ALLOWED") })
                ),
                "{origin}"
            );
        }
        assert!(matches!(of(&[COOKIE]), Err(Fault::Forbidden { .. })), "no browser");
        assert!(matches!(of(&[COOKIE, OWN, ("origin", "https://evil.example")]), Err(Fault::Forbidden { .. })), "two");
        assert!(matches!(of(&[OWN]), Err(Fault::Unauthenticated)));
    }

    #[test]
    fn neither_the_address_nor_the_handshakes_headers_hold_a_key() {
        let result = presented(&[OWN, ("authorization", "Bearer pk_1")], &json!({}));
        assert!(matches!(result, Err(Fault::Unauthenticated)));
    }

    #[test]
    fn what_is_no_text_or_stands_twice_is_refused() {
        for payload in [json!({ "authorization": 1 }), json!({ "authorization": "Bearer a\nb" })] {
            assert!(matches!(presented(&[], &payload), Err(Fault::BadRequest(_))), "{payload}");
        }
        let twice = json!({ "authorization": "Bearer a", "Authorization": "Bearer b" });
        assert!(matches!(presented(&[], &twice), Err(Fault::Unauthenticated)));
    }
}
