//! What is asked, and whether it is let in.

use std::net::IpAddr;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use core_kernel::{Fault, Redacted};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use svc_admins::Client;

use super::routes::Auth;
use crate::body;
use crate::credentials::{session_cookie, signed_session};
use crate::envelope::ClientAddress;
use crate::gateway::Gateway;
use crate::graphql_route::user_agent;
use crate::media::is_json;
use crate::origin::is_own_origin;
use crate::refusal::Refused;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PasswordRequest {
    pub(super) email: String,
    pub(super) password: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SecondFactorRequest {
    pub(super) method_id: String,
    #[serde(default)]
    pub(super) code: Option<String>,
    /// What a passkey answered.
    #[serde(default)]
    pub(super) credential: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AcceptRequest {
    pub(super) token: String,
    pub(super) password: String,
    #[serde(default)]
    pub(super) display_name: Option<String>,
}

/// Signing out needs no more than a body that only a script can send.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// What anybody asks. Everything but the body is checked before that is read: 415 for anything but JSON, 403 for
/// another site, 429 past the limit of the address, 413 and 400.
pub(super) struct Asked<T> {
    pub(super) client: Client,
    pub(super) asked: T,
}

impl<T: DeserializeOwned> FromRequest<Auth> for Asked<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, auth: &Auth) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        let_in(&auth.gateway, &parts).await?;
        Ok(Self { client: client(&parts), asked: read_body(&auth.gateway, body).await? })
    }
}

/// What somebody asks who is signed in, which may change something: besides all that [`Asked`] wants, 401 without
/// a session and 403 without the header that a form of another site cannot send, before the body is read.
pub(super) struct AskedSigned<T> {
    pub(super) token: Redacted<String>,
    pub(super) client: Client,
    pub(super) asked: T,
}

impl<T: DeserializeOwned> FromRequest<Auth> for AskedSigned<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, auth: &Auth) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        let_in(&auth.gateway, &parts).await?;
        let token = signed_session(&parts.headers)?;
        Ok(Self { token, client: client(&parts), asked: read_body(&auth.gateway, body).await? })
    }
}

/// Whoever is signed in and only looks: that changes nothing, and no other site can read the answer.
pub(super) struct Looks {
    pub(super) token: Redacted<String>,
    pub(super) client: Client,
}

impl FromRequestParts<Auth> for Looks {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _auth: &Auth) -> Result<Self, Refused> {
        let token = session_cookie(&parts.headers).ok_or(Fault::Unauthenticated)?;
        Ok(Self { token, client: Client { ip: address(parts), ..Client::default() } })
    }
}

async fn let_in(gateway: &Gateway, parts: &Parts) -> Result<(), Refused> {
    if !is_json(&parts.headers) {
        let message = "Send the request as `Content-Type: application/json`, in UTF-8.";
        return Err(Refused::bad(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    check_origin(&parts.headers, &gateway.platform().public_url)?;
    Ok(ClientAddress(address(parts)).check(gateway.limits()).await?)
}

async fn read_body<T: DeserializeOwned>(gateway: &Gateway, body: Body) -> Result<T, Refused> {
    let bytes = body::read(body, gateway.options().time_limit).await?;
    // What serde says of the text could quote a password.
    serde_json::from_slice(&bytes)
        .map_err(|_| Refused::bad(StatusCode::BAD_REQUEST, "The body is not the JSON object that is expected here."))
}

/// A browser tells the origin with every POST of a script; what is not a browser tells none.
fn check_origin(headers: &HeaderMap, public_url: &str) -> Result<(), Fault> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let refused = Fault::Forbidden { reason: Some("ORIGIN_NOT_ALLOWED") };
    if is_own_origin(origin, public_url) { Ok(()) } else { Err(refused) }
}

fn address(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<ClientAddress>().and_then(|address| address.0)
}

fn client(parts: &Parts) -> Client {
    Client { ip: address(parts), user_agent: user_agent(&parts.headers) }
}

pub(super) fn secret(text: String) -> Redacted<String> {
    Redacted::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_our_own_pages_may_ask() {
        let check = |origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            }
            check_origin(&headers, "https://login.example:8443/postern").is_ok()
        };
        assert!(check(None) && check(Some("https://login.example:8443")));
        for other in [
            "null",
            "",
            "https://login.example",
            "http://login.example:8443",
            "https://login.example:8443.evil.example",
        ] {
            assert!(!check(Some(other)), "{other}");
        }
    }
}
