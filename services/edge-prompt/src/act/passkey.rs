//! Making a passkey, and proving one.

use core_access::Operation;
use core_kernel::{Stop, TypedId};
use minijinja::context;
use serde_json::Value;
use svc_factors::{ConfirmFactor, EnrollPasskey};
use svc_logins::VerifyInput;
use svc_prompt::PromptPurpose;

use super::enroll::after;
use super::login::refused;
use crate::Desk;
use crate::form::Form;
use crate::outcome::{Next, Outcome, told};
use crate::show::Asked;
use crate::visit::Visit;

/// What the browser's script wrote into the form; nothing where there was no script.
fn credential(form: &Form) -> Option<Value> {
    serde_json::from_str(form.filled("credential")?).ok()
}

/// The passkey of the challenge that this prompt asks about. What was asked is good for one answer:
/// after a wrong one the user chooses again.
pub(crate) async fn prove(desk: &Desk, visit: &Visit, form: &Form) -> Result<Outcome, Stop> {
    let again = Next::view("options");
    let (Some(challenge), Some(credential)) = (visit.session.challenge, credential(form)) else {
        return Ok(again.into());
    };
    let challenge = challenge.to_text();
    let proof =
        VerifyInput { challenge: &challenge, code: None, credential: Some(&credential), remember_device: false };
    match desk.logins.verify_challenge(&visit.permit(Operation::VerifyChallenge)?, proof).await {
        Ok(verified) if verified.refusal.is_none() => Ok(Next::start().into()),
        Ok(verified) => Ok(refused(verified.refusal.as_ref(), again)),
        Err(stop) => Ok(told(stop, again)?),
    }
}

impl Desk {
    /// What a passkey is called unless its owner says otherwise: by where it is made, so that of two the lost one
    /// can be told.
    pub(crate) fn passkey_name(&self, visit: &Visit) -> String {
        visit.device.clone().unwrap_or_else(|| self.say(visit, "passkey_default", &[]))
    }
}

/// What the browser is to make is asked in the answer to this very act.
pub(crate) async fn begin(desk: &Desk, visit: &Visit, form: &Form) -> Result<Outcome, Stop> {
    let name = form.filled("name").map_or_else(|| desk.passkey_name(visit), str::to_owned);
    let input = EnrollPasskey { user: visit.user(), name, origin: None, login_id: Some(visit.login()) };
    let enrolled = match desk.factors.enroll_passkey(&visit.permit(Operation::EnrollFactor)?, input).await {
        Ok(enrolled) => enrolled,
        Err(stop) => return Ok(told(stop, Next::start())?),
    };
    let firm_line = match visit.session.purpose {
        PromptPurpose::Login => "page_for",
        PromptPurpose::Settings => "settings_for",
    };
    let own = context! {
        title => desk.say(visit, "passkey_new_title", &[]), explain => desk.say(visit, "passkey_new_explain", &[]),
        firm_line => desk.say(visit, firm_line, &[]), act => "passkey-made",
        factor => enrolled.factor.factor_id.to_text(), options => enrolled.creation_options.to_string(),
    };
    Ok(Outcome::Shown(desk.draw(visit, &Asked::new(), "passkey.html", own)?))
}

/// What the browser made.
pub(crate) async fn made(desk: &Desk, visit: &Visit, form: &Form) -> Result<Outcome, Stop> {
    let input = ConfirmFactor {
        factor_id: form.text("factor").to_owned(),
        code: None,
        credential: credential(form),
        login_id: Some(visit.login()),
        remember_device: false,
    };
    match desk.factors.confirm_factor(&visit.permit(Operation::ConfirmFactor)?, input).await {
        Ok(confirmed) => match (&confirmed.refusal, &confirmed.factor) {
            (Some(refusal), _) => Ok(Next::start().refused(refusal).into()),
            (None, factor) => Ok(after(visit, factor.as_ref().map(|factor| factor.kind)).into()),
        },
        Err(stop) => Ok(told(stop, Next::start())?),
    }
}
