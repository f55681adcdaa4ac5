//! Enrolling: the first factor, its confirmation, and a recovery phone.

use axum::response::Response;
use core_access::Operation;
use core_kernel::{FactorId, Stop, TypedId};
use core_policy::{Channel, EnrollmentOffer};
use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;
use svc_factors::FactorView;
use svc_logins::LoginView;

use crate::Desk;
use crate::show::Asked;
use crate::visit::Visit;

/// A contact that the firm supplied.
#[derive(Serialize)]
struct Suggestion {
    id: String,
    to: String,
}

/// What a user without a factor is asked.
pub(crate) async fn first(desk: &Desk, visit: &Visit, login: &LoginView, asked: &Asked) -> Result<Response, Stop> {
    let permit = visit.permit(Operation::ReadLogin)?;
    let Some(offer) = desk.logins.enrollment_prompt(&permit, login).await? else {
        return super::login::options(desk, visit, login, asked).await;
    };
    let factors = desk.factors.list_factors(&permit, visit.session.user).await?;
    let suggested: Vec<Suggestion> = factors.iter().filter(|factor| factor.suggested).filter_map(suggestion).collect();
    let has = |channel| offer.channels.contains(&channel);
    desk.draw(
        visit,
        asked,
        "enroll.html",
        context! {
            title => desk.say(visit, "enroll_title", &[]), explain => desk.say(visit, "enroll_explain", &[]),
            firm_line => desk.say(visit, "page_for", &[]), phone_label => desk.say(visit, "enroll_phone_label", &[]),
            suggested => Serde(&suggested), role => "PRIMARY", phone => has(Channel::Sms) || has(Channel::Voice), landline => has(Channel::Voice),
            app => has(Channel::Totp), passkey => has(Channel::Passkey) && desk.has_passkeys(), email => has(Channel::Email), code_from_advisor => true,
            skip => offer.skippable, skip_words => skip_words(desk, visit, &offer),
        },
    )
}

fn suggestion(factor: &FactorView) -> Option<Suggestion> {
    Some(Suggestion { id: factor.factor_id.to_text(), to: factor.destination.clone()? })
}

/// Until when, and how often, it can be put off.
fn skip_words(desk: &Desk, visit: &Visit, offer: &EnrollmentOffer) -> String {
    if !offer.skippable {
        return desk.say(visit, "must_enroll", &[]);
    }
    let deadline = offer.deadline.map(|deadline| {
        let zone = visit.settings.time_zone.parse().unwrap_or(chrono_tz::Tz::UTC);
        let day = visit.language.date(deadline.with_timezone(&zone).date_naive());
        desk.say(visit, "skip_until", &[("deadline", &day)])
    });
    let left = offer.skips_remaining.map(|count| desk.say(visit, "skip_left", &[("count", &count.to_string())]));
    let words: Vec<String> = [deadline, left].into_iter().flatten().collect();
    if words.is_empty() { desk.say(visit, "skip_free", &[]) } else { words.join(" ") }
}

/// Where the code of a pending factor goes.
pub(crate) async fn confirm(desk: &Desk, visit: &Visit, asked: &Asked) -> Result<Response, Stop> {
    let id = asked.get("factor").and_then(|text| FactorId::from_text(text));
    let factor = match id {
        Some(id) => desk.factors.lookup_factor(&visit.permit(Operation::ReadLogin)?, id).await?,
        None => None,
    };
    // What an address names is believed only where it is this very user's.
    let factor = factor.filter(|factor| factor.user_id == visit.session.user).ok_or_else(not_here)?;
    let wait = asked.get("wait").and_then(|wait| wait.parse::<u32>().ok()).unwrap_or(0);
    let to = factor.destination.clone().unwrap_or_default();
    desk.draw(visit, asked, "confirm.html", context! { factor => factor.factor_id.to_text(), to, wait })
}

/// A recovery phone, which may wait.
pub(crate) fn recovery(desk: &Desk, visit: &Visit, asked: &Asked) -> Result<Response, Stop> {
    phone(desk, visit, asked, "RECOVERY", "page_for")
}

/// A phone of this role.
pub(crate) fn phone(desk: &Desk, visit: &Visit, asked: &Asked, role: &str, firm_line: &str) -> Result<Response, Stop> {
    let (title, explain, label) = match role {
        "RECOVERY" => ("recovery_title", "recovery_explain", "recovery_label"),
        _ => ("settings_primary", "primary_explain", "enroll_phone_label"),
    };
    desk.draw(
        visit,
        asked,
        "enroll.html",
        context! {
            title => desk.say(visit, title, &[]), explain => desk.say(visit, explain, &[]),
            firm_line => desk.say(visit, firm_line, &[]), phone_label => desk.say(visit, label, &[]),
            role, phone => true, landline => true, later => visit.place(),
        },
    )
}

fn not_here() -> Stop {
    core_kernel::Refusal::not_found("factor").into()
}
