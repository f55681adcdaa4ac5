//! One's own app and backup codes. What changes them wants the header that a form of another site cannot
//! send; the service wants both factors proved just now.

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::answers;
use super::requests::{self, Nothing, client, secret};
use super::routes::Auth;
use crate::refusal::Refused;

pub(super) async fn backup_codes(State(auth): State<Auth>, request: Request) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let (token, Nothing {}) = requests::read_signed(&auth.gateway, &parts, body).await?;
    let (admins, client) = (auth.admins.clone(), client(&parts));
    let codes = auth.to_its_end(async move { admins.new_backup_codes(&token, &client).await }).await?;
    let codes: Vec<&String> = codes.iter().map(core_kernel::Redacted::expose).collect();
    Ok(Json(json!({ "codes": codes })).into_response())
}

pub(super) async fn begin_app(State(auth): State<Auth>, request: Request) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let (token, Nothing {}) = requests::read_signed(&auth.gateway, &parts, body).await?;
    let (admins, client) = (auth.admins.clone(), client(&parts));
    let begun = auth.to_its_end(async move { admins.begin_app(&token, &client).await }).await?;
    Ok(answers::accepted(&begun))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConfirmRequest {
    method_id: String,
    code: String,
}

pub(super) async fn confirm_app(State(auth): State<Auth>, request: Request) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let (token, asked): (_, ConfirmRequest) = requests::read_signed(&auth.gateway, &parts, body).await?;
    let (admins, client, code) = (auth.admins.clone(), client(&parts), secret(asked.code));
    let work = async move { admins.confirm_app(&token, &asked.method_id, &code, &client).await };
    auth.to_its_end(work).await?;
    Ok(Json(json!({ "replaced": true })).into_response())
}
