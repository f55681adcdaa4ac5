//! Factors, devices and the level of a user who is in.

use axum::response::Response;
use core_access::Operation;
use core_kernel::{Stop, TypedId};
use core_policy::FactorStatus;
use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;
use svc_factors::FactorView;

use super::enroll;
use crate::Desk;
use crate::show::{Asked, view};
use crate::visit::Visit;

/// A factor, as a row.
#[derive(Serialize)]
struct FactorRow {
    id: String,
    label: String,
    detail: Option<String>,
}

/// The settings, or the page of a change.
pub(crate) async fn page(desk: &Desk, visit: &Visit, asked: &Asked) -> Result<Response, Stop> {
    match view(asked) {
        "primary" => enroll::phone(desk, visit, asked, "PRIMARY", "settings_for"),
        "recovery" => enroll::phone(desk, visit, asked, "RECOVERY", "settings_for"),
        "confirm" => enroll::confirm(desk, visit, asked).await,
        _ => overview(desk, visit, asked).await,
    }
}

async fn overview(desk: &Desk, visit: &Visit, asked: &Asked) -> Result<Response, Stop> {
    let permit = visit.permit(Operation::ReadUser)?;
    let user = visit.session.user;
    let factors = desk.factors.list_factors(&permit, user).await?;
    let shown = |factor: &&FactorView| matches!(factor.status, FactorStatus::Active | FactorStatus::Disabled);
    let rows: Vec<FactorRow> = factors.iter().filter(shown).map(|factor| row(desk, visit, factor)).collect();
    let devices = desk.factors.list_devices_of(&permit, &[user]).await?;
    let devices = devices.get(&user).map_or(0, Vec::len);
    let view = desk.directory.find_user(&permit, &visit.user()).await?;
    let chosen = view.map(|user| user.security_level.as_str());
    desk.draw(
        visit,
        asked,
        "settings.html",
        context! { factors => Serde(&rows), devices, chosen, passkeys => desk.has_passkeys(), passkey_name => desk.passkey_name(visit) },
    )
}

fn row(desk: &Desk, visit: &Visit, factor: &FactorView) -> FactorRow {
    let name = factor.kind.as_str();
    let disabled = (factor.status == FactorStatus::Disabled).then(|| desk.say(visit, "status_DISABLED", &[]));
    let left =
        (factor.remaining > 0).then(|| desk.say(visit, "remaining", &[("count", &factor.remaining.to_string())]));
    let called = factor.passkey.as_ref().map(|label| label.name.clone());
    let detail: Vec<String> = [called, factor.destination.clone(), left, disabled].into_iter().flatten().collect();
    FactorRow {
        id: factor.factor_id.to_text(),
        label: desk.say(visit, &format!("kind_{name}"), &[]),
        detail: (!detail.is_empty()).then(|| detail.join(" · ")),
    }
}
