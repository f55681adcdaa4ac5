//! Sending a code, proving it, asking the advisor, putting enrollment off.

use core_access::Operation;
use core_kernel::{Refusal, RefusalCode, Stop, TypedId};
use core_policy::MethodChannel;
use svc_helpdesk::RequestAccessInput;
use svc_logins::VerifyInput;

use super::seconds_until;
use crate::Desk;
use crate::form::Form;
use crate::outcome::{Next, Outcome, told};
use crate::show::Asked;
use crate::visit::Visit;

/// Begins to prove a factor, or sends its code again.
pub(crate) async fn send(desk: &Desk, visit: &Visit, form: &Form) -> Result<Outcome, Stop> {
    let permit = visit.permit(Operation::StartChallenge)?;
    let started = desk.logins.start_challenge(&permit, &visit.login(), form.text("method")).await;
    let started = match started {
        Ok(started) => started,
        Err(stop) => return Ok(told(stop, Next::view("options"))?),
    };
    let Some(challenge) = started.challenge else {
        return Ok(refused(started.refusal.as_ref(), Next::view("options")));
    };
    desk.prompts.ask(&visit.session, Some(challenge.challenge_id)).await?;
    let next = Next::view("code").with("wait", seconds_until(desk, visit, challenge.resend_at).await?);
    Ok(refused(started.refusal.as_ref(), next))
}

/// The page that tells of a refusal, if there is one; one that ends the login goes to its own.
pub(super) fn refused(refusal: Option<&Refusal>, next: Next) -> Outcome {
    match refusal {
        None => next.into(),
        Some(refusal) if ends_the_login(refusal.code) => Next::view("denied").refused(refusal).into(),
        Some(refusal) => next.refused(refusal).into(),
    }
}

fn ends_the_login(code: RefusalCode) -> bool {
    matches!(code, RefusalCode::TooManyAttempts | RefusalCode::UserLocked)
}

/// Proves the code of the challenge that this prompt asks about.
pub(crate) async fn code(desk: &Desk, visit: &Visit, form: &Form) -> Result<Outcome, Stop> {
    let Some(challenge) = visit.session.challenge else { return Ok(Next::view("options").into()) };
    let code = form.code();
    let challenge = challenge.to_text();
    let proof = VerifyInput { challenge: &challenge, code: Some(&code), credential: None, remember_device: false };
    match desk.logins.verify_challenge(&visit.permit(Operation::VerifyChallenge)?, proof).await {
        Ok(verified) => Ok(refused(verified.refusal.as_ref(), Next::start())),
        Err(stop) => Ok(told(stop, Next::start())?),
    }
}

/// Tells the advisor.
pub(crate) async fn ask(desk: &Desk, visit: &Visit, form: &Form) -> Result<Outcome, Stop> {
    let permit = visit.permit(Operation::RequestTemporaryAccess)?;
    let input = RequestAccessInput { login_id: visit.login(), note: form.filled("note").map(str::to_owned) };
    match desk.help_desk.request_temporary_access(&permit, input).await {
        Ok(request) => Ok(Next::view("advisor").with("request", request.request_id.to_text()).into()),
        Err(stop) => Ok(told(stop, Next::view("advisor"))?),
    }
}

/// A code that an advisor read out: begun and proved at once.
pub(crate) async fn advisor_code(desk: &Desk, visit: &Visit, form: &Form, asked: &Asked) -> Result<Outcome, Stop> {
    let back = || match asked.get("request") {
        Some(request) => Next::view("advisor").with("request", request.clone()),
        None => Next::view("advisor"),
    };
    let permit = visit.permit(Operation::StartChallenge)?;
    let login = desk.logins.lookup_login(&permit, visit.session.login).await?;
    let methods = match &login {
        Some(login) => desk.logins.methods(&permit, login).await?,
        None => Vec::new(),
    };
    let Some(method) = methods.iter().find(|method| method.channel == MethodChannel::TemporaryAccessCode) else {
        return Ok(back().telling("NO_CODE_YET").into());
    };
    let started = match desk.logins.start_challenge(&permit, &visit.login(), &method.id.to_text()).await {
        Ok(started) => started,
        Err(stop) => return Ok(told(stop, back())?),
    };
    let Some(challenge) = started.challenge else { return Ok(refused(started.refusal.as_ref(), back())) };
    let (challenge, code) = (challenge.challenge_id.to_text(), form.code());
    let proof = VerifyInput { challenge: &challenge, code: Some(&code), credential: None, remember_device: false };
    match desk.logins.verify_challenge(&visit.permit(Operation::VerifyChallenge)?, proof).await {
        Ok(verified) if verified.refusal.is_none() => Ok(Next::start().into()),
        Ok(verified) => Ok(refused(verified.refusal.as_ref(), back())),
        Err(stop) => Ok(told(stop, back())?),
    }
}

/// Not now.
pub(crate) async fn skip(desk: &Desk, visit: &Visit) -> Result<Outcome, Stop> {
    let permit = visit.permit(Operation::SkipEnrollment)?;
    match desk.logins.skip_enrollment(&permit, &visit.login()).await {
        Ok(_) => Ok(Next::start().into()),
        Err(stop) => Ok(told(stop, Next::start())?),
    }
}

/// Whether the login can be completed no more, so that leaving is no change of mind.
pub(super) async fn is_denied(desk: &Desk, visit: &Visit) -> Result<bool, Stop> {
    let Some(challenge) = visit.session.challenge else { return Ok(false) };
    let permit = visit.permit(Operation::ReadLogin)?;
    let challenge = desk.logins.lookup_challenge(&permit, challenge).await?;
    Ok(challenge.is_some_and(|challenge| challenge.attempts_remaining == 0))
}
