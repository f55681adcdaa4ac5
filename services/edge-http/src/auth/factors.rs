//! One's own app and backup codes. What changes them wants the header that a form of another site cannot
//! send; the service wants both factors proved just now.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::answers;
use super::requests::{AskedSigned, Nothing, secret};
use super::routes::Auth;
use crate::refusal::Refused;

pub(super) async fn backup_codes(
    State(auth): State<Auth>,
    AskedSigned { token, client, asked: Nothing {} }: AskedSigned<Nothing>,
) -> Result<Response, Refused> {
    let admins = auth.admins.clone();
    let codes = auth.to_its_end(async move { admins.new_backup_codes(&token, &client).await }).await?;
    let codes: Vec<&String> = codes.iter().map(core_kernel::Redacted::expose).collect();
    Ok(Json(json!({ "codes": codes })).into_response())
}

pub(super) async fn begin_app(
    State(auth): State<Auth>,
    AskedSigned { token, client, asked: Nothing {} }: AskedSigned<Nothing>,
) -> Result<Response, Refused> {
    let admins = auth.admins.clone();
    let begun = auth.to_its_end(async move { admins.begin_app(&token, &client).await }).await?;
    Ok(answers::accepted(&begun))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConfirmRequest {
    method_id: String,
    code: String,
}

pub(super) async fn confirm_app(
    State(auth): State<Auth>,
    AskedSigned { token, client, asked }: AskedSigned<ConfirmRequest>,
) -> Result<Response, Refused> {
    let (admins, code) = (auth.admins.clone(), secret(asked.code));
    let work = async move { admins.confirm_app(&token, &asked.method_id, &code, &client).await };
    auth.to_its_end(work).await?;
    Ok(Json(json!({ "replaced": true })).into_response())
}
