//! Proving a factor: the code, and the other ways.

use axum::response::Response;
use core_access::Operation;
use core_kernel::Stop;
use core_policy::{MethodChannel, PhoneRole};
use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;
use svc_logins::{ChallengeRecord, LoginView, MethodId, MethodView};

use crate::Desk;
use crate::show::Asked;
use crate::visit::Visit;

/// A way to prove who one is, as a button.
#[derive(Serialize)]
struct MethodButton {
    id: String,
    label: String,
    preferred: bool,
}

/// The ways to complete this login.
pub(crate) async fn options(desk: &Desk, visit: &Visit, login: &LoginView, asked: &Asked) -> Result<Response, Stop> {
    let methods = desk.logins.methods(&visit.permit(Operation::ReadLogin)?, login).await?;
    let buttons: Vec<MethodButton> = methods
        .iter()
        .filter(|method| !is_on_a_page_of_its_own(method.channel))
        .map(|method| MethodButton {
            id: method.id.to_text(),
            label: label(desk, visit, method),
            preferred: method.preferred,
        })
        .collect();
    desk.draw(visit, asked, "options.html", context! { methods => Serde(&buttons) })
}

fn is_on_a_page_of_its_own(channel: MethodChannel) -> bool {
    channel == MethodChannel::TemporaryAccessCode
}

fn label(desk: &Desk, visit: &Visit, method: &MethodView) -> String {
    let to = method.destination.clone().unwrap_or_default();
    let name = format!("method_{}", method.channel.as_str().to_ascii_lowercase());
    let label = desk.say(visit, &name, &[("to", &to)]);
    match method.phone_role {
        Some(PhoneRole::Recovery) => format!("{label} ({})", desk.say(visit, "method_recovery", &[])),
        _ => label,
    }
}

/// The page of the challenge that was begun; without one that waits, the ways to begin.
pub(crate) async fn code(desk: &Desk, visit: &Visit, login: &LoginView, asked: &Asked) -> Result<Response, Stop> {
    let permit = visit.permit(Operation::ReadLogin)?;
    let challenge = match visit.session.challenge {
        Some(challenge) => desk.logins.lookup_challenge(&permit, challenge).await?,
        None => None,
    };
    if challenge.as_ref().is_some_and(|challenge| challenge.attempts_remaining == 0) {
        return denied(desk, visit, asked);
    }
    let Some(challenge) = challenge.filter(|challenge| challenge.status == "PENDING") else {
        return options(desk, visit, login, asked).await;
    };
    if challenge.channel == MethodChannel::Passkey {
        return passkey(desk, visit, &challenge, asked).await;
    }
    let to = desk.logins.destination(visit.session.tenant, &challenge).await?.unwrap_or_default();
    let explain = desk.say(visit, explanation(challenge.channel), &[("to", &to)]);
    let wait = asked.get("wait").and_then(|wait| wait.parse::<u32>().ok()).unwrap_or(0);
    let numeric = challenge.channel != MethodChannel::BackupCode;
    desk.draw(
        visit,
        asked,
        "code.html",
        context! {
            explain, wait, tries => challenge.attempts_remaining, resend => resend(visit, &challenge),
            inputmode => if numeric { "numeric" } else { "text" },
        },
    )
}

/// The page on which an authenticator is asked.
async fn passkey(desk: &Desk, visit: &Visit, challenge: &ChallengeRecord, asked: &Asked) -> Result<Response, Stop> {
    let options = desk.logins.request_options(visit.session.tenant, challenge).await?;
    let options = options.map(|options| options.to_string()).unwrap_or_default();
    desk.draw(
        visit,
        asked,
        "passkey.html",
        context! {
            title => desk.say(visit, "passkey_title", &[]), explain => desk.say(visit, "passkey_explain", &[]),
            firm_line => desk.say(visit, "page_for", &[]), act => "passkey", options, options_page => true,
        },
    )
}

fn explanation(channel: MethodChannel) -> &'static str {
    match channel {
        MethodChannel::Sms => "code_sent_sms",
        MethodChannel::Voice => "code_sent_voice",
        MethodChannel::Email => "code_sent_email",
        MethodChannel::BackupCode => "code_backup",
        MethodChannel::Totp | MethodChannel::Passkey | MethodChannel::TemporaryAccessCode => "code_app",
    }
}

/// The method that sends the same code again; none for what is not sent.
fn resend(visit: &Visit, challenge: &ChallengeRecord) -> Option<String> {
    challenge.sealed_destination.as_ref()?;
    let (login, user) = (visit.session.login, visit.session.user);
    Some(MethodId { login, user, subject: challenge.factor_id?.0, channel: challenge.channel }.to_text())
}

/// Why this user cannot go on.
pub(crate) fn denied(desk: &Desk, visit: &Visit, asked: &Asked) -> Result<Response, Stop> {
    let locked = asked.get("notice").is_some_and(|notice| notice == "USER_LOCKED");
    let why = desk.say(visit, if locked { "denied_locked" } else { "denied_tries" }, &[]);
    let silent = Asked::new();
    desk.draw(visit, &silent, "denied.html", context! { why })
}
