//! `POST`: one act, one command, and where the browser goes from there.

mod enroll;
mod login;
mod passkey;
mod settings;

use std::net::IpAddr;

use axum::extract::{Extension, Path, Query, Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use core_kernel::{Fault, Stop, Timestamp};
use edge_http::{ClientAddress, Refused, see_other};
use svc_prompt::{PromptEnd, PromptPurpose};

use crate::Desk;
use crate::form::{Form, of_our_own};
use crate::outcome::{Next, Outcome, told};
use crate::show::Asked;
use crate::visit::Visit;

/// `POST /prompt/{tenant}/{prompt}/{act}`.
pub(crate) async fn act(
    State(desk): State<Desk>,
    Extension(address): Extension<ClientAddress>,
    Path((tenant, prompt, act)): Path<(String, String, String)>,
    Query(asked): Query<Asked>,
    request: Request,
) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    of_our_own(&parts.headers, &desk.platform.public_url)?;
    let form = Form::read(body).await;
    // In a task of its own: what was begun is finished, whether or not the browser waits for it.
    let acting = run(desk, (tenant, prompt, act), parts.headers, address.0, form, asked);
    Ok(tokio::spawn(acting).await.map_err(Fault::internal)??)
}

async fn run(
    desk: Desk,
    (tenant, prompt, act): (String, String, String),
    headers: HeaderMap,
    ip: Option<IpAddr>,
    form: Form,
    asked: Asked,
) -> Result<Response, Fault> {
    let Some(visit) = desk.visit((&tenant, &prompt), &headers, ip).await? else { return desk.over(&headers) };
    if visit.session.is_over && act != "leave" {
        return see_other(&visit.place());
    }
    let outcome = match dispatch(&desk, &visit, &act, &form, &asked).await {
        Ok(outcome) => outcome,
        Err(stop) => told(stop, Next::start())?,
    };
    match outcome {
        Outcome::Page(next) => see_other(&next.address(&visit.place())),
        Outcome::Away(url) => see_other(&url),
        Outcome::Shown(response) => Ok(response),
    }
}

async fn dispatch(desk: &Desk, visit: &Visit, act: &str, form: &Form, asked: &Asked) -> Result<Outcome, Stop> {
    match act {
        "leave" => leave(desk, visit).await,
        "send" => login::send(desk, visit, form).await,
        "code" => login::code(desk, visit, form).await,
        "ask" => login::ask(desk, visit, form).await,
        "advisor-code" => login::advisor_code(desk, visit, form, asked).await,
        "skip" => login::skip(desk, visit).await,
        "phone" => enroll::phone(desk, visit, form).await,
        "email" => enroll::email(desk, visit).await,
        "app" => enroll::app(desk, visit).await,
        "suggested" => enroll::send_code(desk, visit, form).await,
        "confirm" => enroll::confirm(desk, visit, form).await,
        "passkey" => passkey::prove(desk, visit, form).await,
        "passkey-new" => passkey::begin(desk, visit, form).await,
        "passkey-made" => passkey::made(desk, visit, form).await,
        "remove" => settings::remove(desk, visit, form).await,
        "backup" => settings::backup_codes(desk, visit).await,
        "level" => settings::level(desk, visit, form).await,
        "forget" => settings::forget_devices(desk, visit).await,
        "done" => Ok(Outcome::Away(desk.prompts.finish(&visit.session).await?)),
        _ => Ok(Next::start().into()),
    }
}

/// How long from now, by the tenant's clock; for a countdown on the page.
async fn seconds_until(desk: &Desk, visit: &Visit, at: Option<Timestamp>) -> Result<String, Stop> {
    let now = desk.platform.tenant_now(visit.session.tenant).await?;
    Ok(at.map_or(0, |at| (at - now).num_seconds().clamp(0, 3600)).to_string())
}

/// Back without a result: denied where the page said so, else given up.
async fn leave(desk: &Desk, visit: &Visit) -> Result<Outcome, Stop> {
    let end = match visit.session.purpose {
        _ if visit.session.is_over => PromptEnd::Expired,
        PromptPurpose::Login if login::is_denied(desk, visit).await? => PromptEnd::Denied,
        _ => PromptEnd::Canceled,
    };
    Ok(Outcome::Away(desk.prompts.give_up(&visit.session, end).await?))
}
