//! One's own passkeys. As all that is done by a session, what changes them wants the header that a form of
//! another site cannot send; the service wants both factors proved just now.

use axum::Json;
use axum::extract::{Extension, Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use core_kernel::{Fault, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use svc_admins::{Client, MadePasskey, OwnPasskey};

use super::requests::{self, client};
use super::routes::Auth;
use crate::credentials::session_cookie;
use crate::envelope::ClientAddress;
use crate::refusal::Refused;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    id: String,
    name: String,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    is_disabled: bool,
}

impl From<OwnPasskey> for Listed {
    fn from(passkey: OwnPasskey) -> Self {
        let OwnPasskey { id, name, created_at, last_used_at, is_disabled } = passkey;
        Self { id, name, created_at, last_used_at, is_disabled }
    }
}

/// It changes nothing, and no other site can read the answer.
pub(super) async fn list(
    State(auth): State<Auth>,
    Extension(address): Extension<ClientAddress>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let token = session_cookie(&headers).ok_or(Fault::Unauthenticated)?;
    let client = Client { ip: address.0, ..Client::default() };
    let passkeys = auth.admins.passkeys(&token, &client).await?;
    let passkeys: Vec<Listed> = passkeys.into_iter().map(Listed::from).collect();
    Ok(Json(json!({ "passkeys": passkeys })).into_response())
}

#[derive(Deserialize)]
struct BeginRequest {
    name: String,
}

pub(super) async fn begin(State(auth): State<Auth>, request: Request) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let (token, asked): (_, BeginRequest) = requests::read_signed(&auth.gateway, &parts, body).await?;
    let (admins, client) = (auth.admins.clone(), client(&parts));
    let begun = auth.to_its_end(async move { admins.begin_passkey(&token, &asked.name, &client).await }).await?;
    Ok(Json(json!({ "id": begun.id, "creationOptions": begun.creation_options })).into_response())
}

#[derive(Deserialize)]
struct FinishRequest {
    id: String,
    credential: Value,
}

pub(super) async fn finish(State(auth): State<Auth>, request: Request) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let (token, asked): (_, FinishRequest) = requests::read_signed(&auth.gateway, &parts, body).await?;
    let made = MadePasskey { id: asked.id, credential: asked.credential };
    let (admins, client) = (auth.admins.clone(), client(&parts));
    auth.to_its_end(async move { admins.finish_passkey(&token, made, &client).await }).await?;
    Ok(Json(json!({ "added": true })).into_response())
}

#[derive(Deserialize)]
struct RemoveRequest {
    id: String,
}

pub(super) async fn remove(State(auth): State<Auth>, request: Request) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let (token, asked): (_, RemoveRequest) = requests::read_signed(&auth.gateway, &parts, body).await?;
    let (admins, client) = (auth.admins.clone(), client(&parts));
    auth.to_its_end(async move { admins.remove_passkey(&token, &asked.id, &client).await }).await?;
    Ok(Json(json!({ "removed": true })).into_response())
}
