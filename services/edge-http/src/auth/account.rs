//! One's own account: what is shown of it, sessions, the password, and the way back to it when it is forgotten.
//!
//! What is done by a session wants the header that a form of another site cannot send, besides all that the
//! other routes ask for; what is dear wants both factors proved just now, which the service sees to.

use axum::Json;
use axum::extract::{Extension, Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use core_kernel::{Fault, Redacted, Timestamp, TypedId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use svc_admins::{ChangePassword, Client, EndSessions, SessionView};

use super::answers;
use super::requests::{self, client, secret};
use super::routes::Auth;
use crate::credentials::session_cookie;
use crate::envelope::ClientAddress;
use crate::refusal::Refused;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    id: String,
    created_at: Timestamp,
    last_seen_at: Timestamp,
    expires_at: Timestamp,
    ip_address: Option<String>,
    country: Option<String>,
    city: Option<String>,
    user_agent: Option<String>,
    is_current: bool,
}

impl From<SessionView> for Listed {
    fn from(view: SessionView) -> Self {
        let (country, city) = view.place.map_or((None, None), |place| (Some(place.country), place.city));
        Self {
            id: view.id.to_text(),
            created_at: view.created_at,
            last_seen_at: view.last_seen_at,
            expires_at: view.expires_at,
            ip_address: view.ip.map(|ip| ip.to_string()),
            country,
            city,
            user_agent: view.user_agent,
            is_current: view.is_current,
        }
    }
}

/// One's sessions, app and backup codes, in one answer since one page shows them. It changes nothing, and no
/// other site can read the answer.
pub(super) async fn show(
    State(auth): State<Auth>,
    Extension(address): Extension<ClientAddress>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let token = session_cookie(&headers).ok_or(Fault::Unauthenticated)?;
    let client = Client { ip: address.0, ..Client::default() };
    let sessions = auth.admins.sessions(&token).await?;
    let sessions: Vec<Listed> = sessions.into_iter().map(Listed::from).collect();
    let own = auth.admins.own_factors(&token, &client).await?;
    let app = own.app_since.map(|since| json!({ "createdAt": since, "lastUsedAt": own.app_used_at }));
    let companies = companies(&auth, &token).await?;
    let answer = json!({ "sessions": sessions, "app": app, "backupCodes": own.backup_codes, "companies": companies });
    Ok(Json(answer).into_response())
}

/// Companies whose identity providers the person may accept, with their names.
async fn companies(auth: &Auth, token: &Redacted<String>) -> Result<Vec<Value>, Refused> {
    let mut companies = Vec::new();
    for choice in auth.admins.provider_choices(token).await? {
        let settings = auth.directory.settings(choice.tenant).await?;
        let id = choice.tenant.to_text();
        companies.push(json!({ "tenant": id, "name": settings.name, "accepted": choice.accepted }));
    }
    Ok(companies)
}

/// One by its identifier, or all but this one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EndRequest {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    others: bool,
}

pub(super) async fn end_sessions(State(auth): State<Auth>, request: Request) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let (token, asked): (_, EndRequest) = requests::read_signed(&auth.gateway, &parts, body).await?;
    let which = match asked {
        EndRequest { id: Some(id), others: false } => EndSessions::One(id),
        EndRequest { id: None, others: true } => EndSessions::Others,
        EndRequest { .. } => return Err(Fault::BadRequest("Name one session, or all others.".to_owned()).into()),
    };
    let (admins, client) = (auth.admins.clone(), client(&parts));
    let ended = auth.to_its_end(async move { admins.end_sessions(&token, &which, &client).await }).await?;
    Ok(Json(json!({ "ended": ended })).into_response())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PasswordsRequest {
    current_password: String,
    new_password: String,
}

pub(super) async fn change_password(State(auth): State<Auth>, request: Request) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let (token, asked): (_, PasswordsRequest) = requests::read_signed(&auth.gateway, &parts, body).await?;
    let input = ChangePassword { current: secret(asked.current_password), new: secret(asked.new_password) };
    let (admins, client) = (auth.admins.clone(), client(&parts));
    auth.to_its_end(async move { admins.change_password(&token, &input, &client).await }).await?;
    Ok(Json(json!({ "changed": true })).into_response())
}

#[derive(Deserialize)]
struct ForgottenRequest {
    email: String,
}

/// The same answer for every address, before anything was looked up.
pub(super) async fn forgotten(State(auth): State<Auth>, request: Request) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let asked: ForgottenRequest = requests::read(&auth.gateway, &parts, body).await?;
    auth.admins.ask_for_recovery(&asked.email, &client(&parts));
    Ok(Json(json!({ "next": "mail" })).into_response())
}

#[derive(Deserialize)]
struct RecoverRequest {
    token: String,
    password: String,
}

pub(super) async fn recover(State(auth): State<Auth>, request: Request) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let asked: RecoverRequest = requests::read(&auth.gateway, &parts, body).await?;
    let (token, password) = (secret(asked.token), secret(asked.password));
    let (admins, client) = (auth.admins.clone(), client(&parts));
    let step = auth.to_its_end(async move { admins.recover(&token, &password, &client).await }).await?;
    Ok(answers::first_step(&step))
}
