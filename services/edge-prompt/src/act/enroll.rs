//! Enrolling and confirming a factor.

use core_access::Operation;
use core_kernel::{Stop, TypedId};
use core_policy::{FactorKind, PhoneLine, PhoneRole};
use minijinja::context;
use svc_factors::{ConfirmFactor, EnrollEmail, EnrollPhone, EnrollTotp, Enrollment, PhoneChannel, SendFactorCode};
use svc_prompt::PromptPurpose;

use super::seconds_until;
use crate::Desk;
use crate::form::Form;
use crate::outcome::{Next, Outcome, told};
use crate::show::Asked;
use crate::visit::Visit;

/// A phone, to which a code goes.
pub(crate) async fn phone(desk: &Desk, visit: &Visit, form: &Form) -> Result<Outcome, Stop> {
    let landline = form.filled("landline").is_some();
    let recovery = form.text("role") == "RECOVERY";
    let input = EnrollPhone {
        user: visit.user(),
        number: form.text("number").to_owned(),
        role: if recovery { PhoneRole::Recovery } else { PhoneRole::Primary },
        line: if landline { PhoneLine::Landline } else { PhoneLine::Mobile },
        channel: landline.then_some(PhoneChannel::Voice),
        login_id: Some(visit.login()),
    };
    let back = || match (recovery, visit.session.purpose) {
        (true, _) => Next::view("recovery"),
        (false, PromptPurpose::Settings) => Next::view("primary"),
        (false, PromptPurpose::Login) => Next::start(),
    };
    let enrolled = desk.factors.enroll_phone(&visit.permit(Operation::EnrollFactor)?, input).await;
    sent(desk, visit, enrolled, back()).await
}

/// The address on record.
pub(crate) async fn email(desk: &Desk, visit: &Visit) -> Result<Outcome, Stop> {
    let input = EnrollEmail { user: visit.user(), address: None, login_id: Some(visit.login()) };
    let enrolled = desk.factors.enroll_email(&visit.permit(Operation::EnrollFactor)?, input).await;
    sent(desk, visit, enrolled, Next::start()).await
}

/// The code of a pending factor, or of a contact that the firm supplied, once more.
pub(crate) async fn send_code(desk: &Desk, visit: &Visit, form: &Form) -> Result<Outcome, Stop> {
    let factor = form.text("factor").to_owned();
    let again = Next::view("confirm").with("factor", factor.clone());
    let input = SendFactorCode { factor_id: factor, channel: None, login_id: Some(visit.login()) };
    let sent_again = desk.factors.send_factor_code(&visit.permit(Operation::SendFactorCode)?, input).await;
    sent(desk, visit, sent_again, again).await
}

async fn sent(desk: &Desk, visit: &Visit, enrolled: Result<Enrollment, Stop>, back: Next) -> Result<Outcome, Stop> {
    let enrolled = match enrolled {
        Ok(enrolled) => enrolled,
        Err(stop) => return Ok(told(stop, back)?),
    };
    let wait = seconds_until(desk, visit, enrolled.challenge.resend_at).await?;
    let next = match &enrolled.factor {
        Some(factor) => Next::view("confirm").with("factor", factor.factor_id.to_text()),
        None => back,
    };
    let next = next.with("wait", wait);
    Ok(enrolled.refusal.map_or(next.clone(), |refusal| next.refused(&refusal)).into())
}

/// An authenticator app: its secret is shown once, in the answer to this very act.
pub(crate) async fn app(desk: &Desk, visit: &Visit) -> Result<Outcome, Stop> {
    let input = EnrollTotp { user: visit.user(), login_id: Some(visit.login()) };
    let enrolled = match desk.factors.enroll_totp(&visit.permit(Operation::EnrollFactor)?, input).await {
        Ok(enrolled) => enrolled,
        Err(stop) => return Ok(told(stop, Next::start())?),
    };
    let svg = data_encoding::BASE64.encode(enrolled.qr_code_svg.expose().as_bytes());
    let own = context! {
        factor => enrolled.factor.factor_id.to_text(),
        picture => format!("data:image/svg+xml;base64,{svg}"),
        key => secret_of(enrolled.otpauth_uri.expose()),
    };
    Ok(Outcome::Shown(desk.draw(visit, &Asked::new(), "app.html", own)?))
}

/// The key that stands in an `otpauth://` address, in groups of four to be typed.
fn secret_of(uri: &str) -> String {
    let query = uri.split_once('?').map_or("", |(_, query)| query);
    let secret = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "secret");
    let secret = secret.map(|(_, value)| value.into_owned()).unwrap_or_default();
    let groups: Vec<String> =
        secret.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect();
    groups.join(" ")
}

/// The code that makes a factor count.
pub(crate) async fn confirm(desk: &Desk, visit: &Visit, form: &Form) -> Result<Outcome, Stop> {
    let factor = form.text("factor").to_owned();
    let again = Next::view("confirm").with("factor", factor.clone());
    let code = form.filled("code").map(str::to_owned);
    let login_id = Some(visit.login());
    let input = ConfirmFactor { factor_id: factor, code, credential: None, login_id, remember_device: false };
    match desk.factors.confirm_factor(&visit.permit(Operation::ConfirmFactor)?, input).await {
        Ok(confirmed) => match (&confirmed.refusal, &confirmed.factor) {
            (Some(refusal), _) => Ok(again.refused(refusal).into()),
            (None, factor) => Ok(after(visit, factor.as_ref().map(|factor| factor.kind)).into()),
        },
        Err(stop) => Ok(told(stop, again)?),
    }
}

/// Whoever has just enrolled a first phone is offered a second one.
pub(super) fn after(visit: &Visit, confirmed: Option<FactorKind>) -> Next {
    match (visit.session.purpose, confirmed) {
        (PromptPurpose::Settings, _) => Next::start().telling("SAVED"),
        (PromptPurpose::Login, Some(FactorKind::PhonePrimary)) => Next::view("recovery"),
        (PromptPurpose::Login, _) => Next::start(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_shown_in_groups() {
        assert_eq!(secret_of("otpauth://totp/A:b?secret=ABCDEFGHIJ&issuer=A"), "ABCD EFGH IJ");
        assert_eq!(secret_of("otpauth://totp/A:b"), "");
    }
}
