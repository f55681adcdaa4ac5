//! One's own account: what is shown of it, sessions, the password, and the way back to it when it is forgotten.
//!
//! What is done by a session wants the header that a form of another site cannot send, besides all that the
//! other routes ask for; what is dear wants both factors proved just now, which the service sees to.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use core_kernel::{Fault, Redacted, Timestamp, TypedId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use svc_admins::{ChangePassword, EndSessions, SessionView};

use super::answers;
use super::requests::{Asked, AskedSigned, Looks, secret};
use super::routes::Auth;
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

/// One's sessions, app and backup codes, in one answer since one page shows them.
pub(super) async fn show(State(auth): State<Auth>, Looks { token, client }: Looks) -> Result<Response, Refused> {
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
pub(super) struct EndRequest {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    others: bool,
}

pub(super) async fn end_sessions(
    State(auth): State<Auth>,
    AskedSigned { token, client, asked }: AskedSigned<EndRequest>,
) -> Result<Response, Refused> {
    let which = match asked {
        EndRequest { id: Some(id), others: false } => EndSessions::One(id),
        EndRequest { id: None, others: true } => EndSessions::Others,
        EndRequest { .. } => return Err(Fault::BadRequest("Name one session, or all others.".to_owned()).into()),
    };
    let admins = auth.admins.clone();
    let ended = auth.to_its_end(async move { admins.end_sessions(&token, &which, &client).await }).await?;
    Ok(Json(json!({ "ended": ended })).into_response())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PasswordsRequest {
    current_password: String,
    new_password: String,
}

pub(super) async fn change_password(
    State(auth): State<Auth>,
    AskedSigned { token, client, asked }: AskedSigned<PasswordsRequest>,
) -> Result<Response, Refused> {
    let input = ChangePassword { current: secret(asked.current_password), new: secret(asked.new_password) };
    let admins = auth.admins.clone();
    auth.to_its_end(async move { admins.change_password(&token, &input, &client).await }).await?;
    Ok(Json(json!({ "changed": true })).into_response())
}

#[derive(Deserialize)]
pub(super) struct ForgottenRequest {
    email: String,
}

/// The same answer for every address, before anything was looked up.
pub(super) async fn forgotten(
    State(auth): State<Auth>,
    Asked { client, asked }: Asked<ForgottenRequest>,
) -> Result<Response, Refused> {
    auth.admins.ask_for_recovery(&asked.email, &client);
    Ok(Json(json!({ "next": "mail" })).into_response())
}

#[derive(Deserialize)]
pub(super) struct RecoverRequest {
    token: String,
    password: String,
}

pub(super) async fn recover(
    State(auth): State<Auth>,
    Asked { client, asked }: Asked<RecoverRequest>,
) -> Result<Response, Refused> {
    let (token, password) = (secret(asked.token), secret(asked.password));
    let admins = auth.admins.clone();
    let step = auth.to_its_end(async move { admins.recover(&token, &password, &client).await }).await?;
    Ok(answers::first_step(&step))
}
