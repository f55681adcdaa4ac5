//! What a request presents, and who finds out whose it is.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use core_kernel::{Fault, Redacted};
use futures::future::BoxFuture;
use graphql::Authority;

const TENANT: HeaderName = HeaderName::from_static("x-postern-tenant");
const PARTNER: HeaderName = HeaderName::from_static("x-postern-partner");
const ACTOR: HeaderName = HeaderName::from_static("x-postern-actor");
const CSRF: HeaderName = HeaderName::from_static("x-postern-csrf");
/// The console's session. `__Host-` ties it to this origin, by rule of the browser.
pub(crate) const SESSION_COOKIE: &str = "__Host-postern";
/// Longer than any key or session; whatever is longer is nobody's.
const MAX_SECRET: usize = 256;

/// What proves who is calling.
#[derive(Debug, Clone)]
pub enum Credential {
    /// An API key, from `Authorization: Bearer`.
    ApiKey(Redacted<String>),
    /// A session of the console, from its cookie; the request carried `X-Postern-Csrf: 1`.
    Session(Redacted<String>),
}

/// Everything of a request that says for whom it acts.
#[derive(Debug, Clone)]
pub struct Presented {
    /// The proof.
    pub credential: Credential,
    /// `X-Postern-Tenant`, as written.
    pub tenant: Option<String>,
    /// `X-Postern-Partner`, as written.
    pub partner: Option<String>,
    /// `X-Postern-Actor`, as written.
    pub actor: Option<String>,
    /// The client's address.
    pub ip: Option<IpAddr>,
}

/// Finds out whose credential it is. `app` wires the directory's keys and the console's sessions to it.
pub trait Authenticator: Send + Sync + 'static {
    /// Whose, and for which tenant.
    ///
    /// # Errors
    /// UNAUTHENTICATED, FORBIDDEN, UNAVAILABLE.
    fn authenticate(&self, presented: Presented) -> BoxFuture<'_, Result<Authority, Fault>>;

    /// The same, for a connection that is open and was authenticated when it was begun. Asked every
    /// second, it must not count as a use of the credential.
    ///
    /// # Errors
    /// As [`Self::authenticate`].
    fn authenticate_again(&self, presented: Presented) -> BoxFuture<'_, Result<Authority, Fault>>;
}

impl Presented {
    /// Reads the headers. A key is preferred to a cookie: whoever sends one means it.
    ///
    /// # Errors
    /// UNAUTHENTICATED without credentials, FORBIDDEN for a session without the header that only a
    /// script of our own origin can add.
    pub(crate) fn read(headers: &HeaderMap, ip: Option<IpAddr>) -> Result<Self, Fault> {
        let credential = match bearer(headers)? {
            Some(key) => Credential::ApiKey(key),
            None => Credential::Session(signed_session(headers)?),
        };
        Self::within(headers, credential, ip)
    }

    /// A credential that came another way, for whom these headers name.
    ///
    /// # Errors
    /// BAD_REQUEST for headers that are not UTF-8.
    pub(crate) fn within(headers: &HeaderMap, credential: Credential, ip: Option<IpAddr>) -> Result<Self, Fault> {
        let (tenant, partner, actor) = (text(headers, &TENANT)?, text(headers, &PARTNER)?, text(headers, &ACTOR)?);
        Ok(Self { credential, tenant, partner, actor, ip })
    }
}

fn bearer(headers: &HeaderMap) -> Result<Option<Redacted<String>>, Fault> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().map_err(|_| Fault::Unauthenticated)?;
    let (scheme, key) = text.split_once(' ').ok_or(Fault::Unauthenticated)?;
    let key = key.trim();
    if values.next().is_some() || !scheme.eq_ignore_ascii_case("bearer") || key.is_empty() || key.len() > MAX_SECRET {
        return Err(Fault::Unauthenticated);
    }
    Ok(Some(Redacted::new(key.to_owned())))
}

/// The console's session, as the cookie holds it.
pub(crate) fn session_cookie(headers: &HeaderMap) -> Option<Redacted<String>> {
    cookie(headers, SESSION_COOKIE)
}

/// A secret that one of our cookies holds.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<Redacted<String>> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, token) = pairs.find(|(found, _)| *found == name)?;
    let plausible = !token.is_empty() && token.len() <= MAX_SECRET;
    plausible.then(|| Redacted::new(token.to_owned()))
}

/// The console's session of a request that also shows the header that only a script of our own origin can add.
///
/// # Errors
/// UNAUTHENTICATED without a session, FORBIDDEN without the header.
pub(crate) fn signed_session(headers: &HeaderMap) -> Result<Redacted<String>, Fault> {
    let token = session_cookie(headers).ok_or(Fault::Unauthenticated)?;
    if headers.get(CSRF).map(HeaderValue::as_bytes) == Some(b"1") {
        Ok(token)
    } else {
        Err(Fault::Forbidden { reason: Some("CSRF_HEADER_REQUIRED") })
    }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Result<Option<String>, Fault> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = std::str::from_utf8(value.as_bytes())
        .map_err(|_| Fault::BadRequest(format!("The header {name} is not UTF-8.")))?;
    Ok(Some(text.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Presented, Fault> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        Presented::read(&headers, None)
    }

    #[test]
    fn a_key_is_read_from_the_authorization_header() {
        let presented = read(&[("authorization", "bearer  pk_1 "), ("x-postern-tenant", " tenant_1 ")]).unwrap();
        assert!(matches!(presented.credential, Credential::ApiKey(key) if key.expose() == "pk_1"));
        assert_eq!(presented.tenant.as_deref(), Some("tenant_1"));
    }

    #[test]
    fn anything_else_in_it_is_nobody() {
        for value in ["", "Bearer", "Bearer ", "Basic abc", "pk_1", &format!("Bearer {}", "k".repeat(257))] {
            assert!(matches!(read(&[("authorization", value)]), Err(Fault::Unauthenticated)), "{value}");
        }
        let two = [("authorization", "Bearer a"), ("authorization", "Bearer b")];
        assert!(matches!(read(&two), Err(Fault::Unauthenticated)));
        assert!(matches!(read(&[]), Err(Fault::Unauthenticated)));
    }

    #[test]
    fn a_session_needs_the_header_that_a_form_of_another_site_cannot_send() {
        let cookie = ("cookie", "theme=dark; __Host-postern=s1");
        assert!(matches!(read(&[cookie]), Err(Fault::Forbidden { reason: Some("CSRF_HEADER_REQUIRED") })));
        assert!(matches!(read(&[cookie, ("x-postern-csrf", "0")]), Err(Fault::Forbidden { .. })));
        let presented = read(&[cookie, ("x-postern-csrf", "1")]).unwrap();
        assert!(matches!(presented.credential, Credential::Session(token) if token.expose() == "s1"));
        assert!(matches!(read(&[("cookie", "postern=s1"), ("x-postern-csrf", "1")]), Err(Fault::Unauthenticated)));
    }

    #[test]
    fn secrets_do_not_print() {
        let presented = read(&[("authorization", "Bearer pk_secret")]).unwrap();
        assert!(!format!("{presented:?}").contains("pk_secret"));
    }
}
