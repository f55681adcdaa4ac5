//! One's own passkeys. As all that is done by a session, what changes them wants the header that a form of
//! another site cannot send; the service wants both factors proved just now.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use core_kernel::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use svc_admins::{MadePasskey, OwnPasskey};

use super::requests::{AskedSigned, Looks};
use super::routes::Auth;
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

pub(super) async fn list(State(auth): State<Auth>, Looks { token, client }: Looks) -> Result<Response, Refused> {
    let passkeys = auth.admins.passkeys(&token, &client).await?;
    let passkeys: Vec<Listed> = passkeys.into_iter().map(Listed::from).collect();
    Ok(Json(json!({ "passkeys": passkeys })).into_response())
}

#[derive(Deserialize)]
pub(super) struct BeginRequest {
    name: String,
}

pub(super) async fn begin(
    State(auth): State<Auth>,
    AskedSigned { token, client, asked }: AskedSigned<BeginRequest>,
) -> Result<Response, Refused> {
    let admins = auth.admins.clone();
    let begun = auth.to_its_end(async move { admins.begin_passkey(&token, &asked.name, &client).await }).await?;
    Ok(Json(json!({ "id": begun.id, "creationOptions": begun.creation_options })).into_response())
}

#[derive(Deserialize)]
pub(super) struct FinishRequest {
    id: String,
    credential: Value,
}

pub(super) async fn finish(
    State(auth): State<Auth>,
    AskedSigned { token, client, asked }: AskedSigned<FinishRequest>,
) -> Result<Response, Refused> {
    let made = MadePasskey { id: asked.id, credential: asked.credential };
    let admins = auth.admins.clone();
    auth.to_its_end(async move { admins.finish_passkey(&token, made, &client).await }).await?;
    Ok(Json(json!({ "added": true })).into_response())
}

#[derive(Deserialize)]
pub(super) struct RemoveRequest {
    id: String,
}

pub(super) async fn remove(
    State(auth): State<Auth>,
    AskedSigned { token, client, asked }: AskedSigned<RemoveRequest>,
) -> Result<Response, Refused> {
    let admins = auth.admins.clone();
    auth.to_its_end(async move { admins.remove_passkey(&token, &asked.id, &client).await }).await?;
    Ok(Json(json!({ "removed": true })).into_response())
}
