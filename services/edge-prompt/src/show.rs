//! `GET`: the page that follows from how the login stands, or the one that was asked for.

use std::collections::HashMap;

use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use core_access::Operation;
use core_kernel::{Fault, Stop};
use core_policy::LoginOutcome;
use edge_http::{ClientAddress, Refused, see_other};
use minijinja::Value;
use svc_logins::LoginView;
use svc_prompt::{PromptEnd, PromptPurpose};

use crate::page::Notice;
use crate::visit::Visit;
use crate::{Desk, pages};

/// The parameters of a page.
pub(crate) type Asked = HashMap<String, String>;

/// Which names of good news there are.
const GOOD: [&str; 2] = ["SAVED", "REMOVED"];
const MAX_NOTICE: usize = 40;

/// `GET /prompt/{tenant}/{prompt}`.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Extension(address): Extension<ClientAddress>,
    Path((tenant, prompt)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let Some(visit) = desk.visit((&tenant, &prompt), &headers, address.0).await? else {
        return Ok(desk.over(&headers)?);
    };
    match page_of(&desk, &visit, &asked).await {
        Ok(response) => Ok(response),
        Err(Stop::Refused(_)) => Ok(desk.over(&headers)?),
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

async fn page_of(desk: &Desk, visit: &Visit, asked: &Asked) -> Result<Response, Stop> {
    if visit.session.is_over {
        return Ok(see_other(&desk.prompts.give_up(&visit.session, PromptEnd::Expired).await?)?);
    }
    let login = desk.logins.lookup_login(&visit.permit(Operation::ReadLogin)?, visit.session.login).await?;
    let login = login.ok_or_else(|| Fault::internal("a prompt without its login"))?;
    match visit.session.purpose {
        PromptPurpose::Settings => pages::settings::page(desk, visit, asked).await,
        PromptPurpose::Login if login.completed_at.is_some() => completed(desk, visit, asked).await,
        PromptPurpose::Login => open_login(desk, visit, &login, asked).await,
    }
}

/// A user who has just enrolled is offered a recovery phone, once; everybody else goes back.
async fn completed(desk: &Desk, visit: &Visit, asked: &Asked) -> Result<Response, Stop> {
    match view(asked) {
        "recovery" => pages::enroll::recovery(desk, visit, asked),
        "confirm" => pages::enroll::confirm(desk, visit, asked).await,
        _ => Ok(see_other(&desk.prompts.finish(&visit.session).await?)?),
    }
}

async fn open_login(desk: &Desk, visit: &Visit, login: &LoginView, asked: &Asked) -> Result<Response, Stop> {
    match (login.outcome, view(asked)) {
        (_, "denied") => pages::login::denied(desk, visit, asked),
        (_, "advisor") => pages::advisor::page(desk, visit, asked).await,
        (LoginOutcome::Enroll, "confirm") => pages::enroll::confirm(desk, visit, asked).await,
        (LoginOutcome::Enroll, _) if visit.session.challenge.is_none() => {
            pages::enroll::first(desk, visit, login, asked).await
        }
        (_, "options" | "start") => pages::login::options(desk, visit, login, asked).await,
        _ => pages::login::code(desk, visit, login, asked).await,
    }
}

/// The page that was asked for.
pub(crate) fn view(asked: &Asked) -> &str {
    asked.get("view").map_or("", String::as_str)
}

impl Desk {
    /// A page of this prompt.
    pub(crate) fn draw(&self, visit: &Visit, asked: &Asked, name: &str, own: Value) -> Result<Response, Stop> {
        let mut frame = visit.frame();
        frame.notice = asked
            .get("notice")
            .filter(|name| name.len() <= MAX_NOTICE)
            .map(|name| Notice { name: name.clone(), is_good: GOOD.contains(&name.as_str()) });
        Ok(self.pages.draw(StatusCode::OK, name, &frame, own, &*self.platform.entropy)?)
    }

    /// A sentence in the visitor's language.
    pub(crate) fn say(&self, visit: &Visit, name: &str, places: &[(&str, &str)]) -> String {
        let sentence = self.pages.words(visit.language).get(name).map_or("", String::as_str);
        let firm = [("firm", visit.settings.product_name())];
        crate::words::fill(&crate::words::fill(sentence, places), &firm)
    }
}
