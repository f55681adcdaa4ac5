//! Signing in by a company's own identity provider.
//!
//! The provider sends the browser to a page of the console, whose script brings here what stands in the address.
//! So the cookie that binds an answer to its browser need never travel on a request that another site began: it is
//! `SameSite=Strict`, as the session's is.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use core_access::Operation;
use core_kernel::{Fault, Redacted, TenantId, TypedId};
use serde::Deserialize;
use serde_json::json;
use svc_admins::{Acting, Named, ProviderChoice, ProviderStep};
use svc_sso::{Begun, FinishSignIn, Finished};

use super::answers;
use super::requests::{Asked, AskedSigned};
use super::routes::Auth;
use crate::credentials::{cookie, session_cookie};
use crate::refusal::Refused;

/// What the browser keeps while somebody is away at their provider.
const COOKIE: &str = "__Host-postern-company";
const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Strict";
/// As long as the flow itself, in seconds.
const KEPT_FOR: u32 = 600;

#[derive(Deserialize)]
pub(super) struct BeginRequest {
    company: String,
}

pub(super) async fn begin(
    State(auth): State<Auth>,
    Asked { asked, .. }: Asked<BeginRequest>,
) -> Result<Response, Refused> {
    let sso = auth.sso.clone();
    sent_off(&auth.to_its_end(async move { sso.begin(&asked.company).await }).await?)
}

#[derive(Deserialize)]
pub(super) struct TestRequest {
    tenant: String,
}

/// An OWNER tries the provider; the session is not touched.
pub(super) async fn test(
    State(auth): State<Auth>,
    AskedSigned { token, client, asked }: AskedSigned<TestRequest>,
) -> Result<Response, Refused> {
    let named = Named { tenant: Some(&asked.tenant), partner: None };
    let acting = auth.admins.acting_by_session(&token, named, client.ip).await?;
    let Acting::InTenant(caller) = acting else { return Err(Fault::Forbidden { reason: None }.into()) };
    let permit = caller.permit(Operation::ManageIdentityProvider)?;
    let sso = auth.sso.clone();
    sent_off(&auth.to_its_end(async move { sso.try_provider(&permit).await }).await?)
}

fn sent_off(begun: &Begun) -> Result<Response, Refused> {
    let answer = Json(json!({ "next": "company", "goTo": begun.go_to }));
    with_cookie(answer.into_response(), begun.browser.expose(), KEPT_FOR)
}

/// What stands in the address, as the page read it.
#[derive(Deserialize)]
pub(super) struct FinishRequest {
    tenant: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    iss: Option<String>,
    #[serde(default)]
    error: Option<String>,
}

pub(super) async fn finish(
    State(auth): State<Auth>,
    headers: HeaderMap,
    Asked { client, asked }: Asked<FinishRequest>,
) -> Result<Response, Refused> {
    let input = FinishSignIn {
        tenant: asked.tenant,
        state: asked.state,
        code: asked.code.map(Redacted::new),
        issuer: asked.iss,
        error: asked.error,
        browser: kept(&headers),
        previous: session_cookie(&headers),
    };
    let sso = auth.sso.clone();
    let finished = auth.to_its_end(async move { sso.finish(input, &client).await }).await?;
    // Used up: what the browser kept is worth nothing any more.
    with_cookie(answer(&finished)?, "", 0)
}

fn answer(finished: &Finished) -> Result<Response, Refused> {
    match finished {
        Finished::Go(ProviderStep::SecondFactor(step)) => Ok(answers::first_step(step)),
        Finished::Go(ProviderStep::SignedIn(signed_in)) => answers::welcome(signed_in),
        Finished::Tested { email, second_factor } => {
            Ok(Json(json!({ "next": "tested", "email": email, "secondFactor": second_factor })).into_response())
        }
    }
}

fn kept(headers: &HeaderMap) -> Option<Redacted<String>> {
    cookie(headers, COOKIE)
}

fn with_cookie(mut response: Response, value: &str, seconds: u32) -> Result<Response, Refused> {
    let text = format!("{COOKIE}={value}; Max-Age={seconds}; {ATTRIBUTES}");
    let mut cookie = HeaderValue::try_from(text).map_err(Fault::internal)?;
    cookie.set_sensitive(true);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

#[derive(Deserialize)]
pub(super) struct AcceptRequest {
    tenant: String,
    accepted: bool,
}

/// Whoever has roles in several places says by whose provider they may be signed in.
pub(super) async fn accept(
    State(auth): State<Auth>,
    AskedSigned { token, client, asked }: AskedSigned<AcceptRequest>,
) -> Result<Response, Refused> {
    let tenant = TenantId::from_text(&asked.tenant).ok_or(Fault::Forbidden { reason: None })?;
    let choice = ProviderChoice { tenant, accepted: asked.accepted };
    let admins = auth.admins.clone();
    auth.to_its_end(async move { admins.accept_provider(&token, choice, &client).await }).await?;
    Ok(Json(json!({ "accepted": asked.accepted })).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_browser_keeps_is_for_this_origin_and_for_scripts_of_nobody() {
        let begun = Begun { go_to: "https://id.example/a".to_owned(), browser: "company_x".to_owned().into() };
        let response = sent_off(&begun).unwrap();
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        assert_eq!(cookie, "__Host-postern-company=company_x; Max-Age=600; Path=/; Secure; HttpOnly; SameSite=Strict");
    }

    #[test]
    fn it_is_found_by_its_whole_name() {
        let read = |value: &'static str| {
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(value))]);
            kept(&headers).map(|kept| kept.expose().clone())
        };
        assert_eq!(read("__Host-postern=s; __Host-postern-company=c").as_deref(), Some("c"));
        assert_eq!(read("__Host-postern=s"), None);
        assert_eq!(read("postern-company=c"), None);
    }
}
