//! What is asked, and whether it is let in.

use std::net::IpAddr;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use core_kernel::{Fault, Redacted};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use svc_admins::Client;

use crate::body;
use crate::credentials::signed_session;
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

/// Checks everything but the body; then reads that.
///
/// # Errors
/// 415 for anything but JSON, 403 for another site, 429 past the limit of the address, 413 and 400.
pub(super) async fn read<T: DeserializeOwned>(gateway: &Gateway, parts: &Parts, body: Body) -> Result<T, Refused> {
    let_in(gateway, parts).await?;
    read_body(gateway, body).await
}

/// The same of whoever is signed in, with their session: without one the body is not read.
///
/// # Errors
/// Those of [`read`], 401 without a session, and 403 without the header.
pub(super) async fn read_signed<T: DeserializeOwned>(
    gateway: &Gateway,
    parts: &Parts,
    body: Body,
) -> Result<(Redacted<String>, T), Refused> {
    let_in(gateway, parts).await?;
    let token = signed_session(&parts.headers)?;
    Ok((token, read_body(gateway, body).await?))
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

pub(super) fn client(parts: &Parts) -> Client {
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
