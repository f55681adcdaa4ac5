//! The hosted prompt: pages on which people enroll, prove a factor and change their settings.
//!
//! Drawn by the server and complete without JavaScript: every act is a form, answered with a redirect to
//! the page that shows what came of it, so that reloading and going back are safe. Scripts only count
//! down, fill in a code that the phone offers, and look whether the advisor has answered; and where a
//! passkey is asked for, which takes one, ask the browser for it.
//!
//! Nothing is decided here. Each act is one command of the login path, of factors or of the help desk,
//! called as the user in this browser; which login and challenge it is about comes from the prompt that
//! the browser's cookie holds, and never from a form.

mod act;
mod cookie;
mod device;
mod form;
mod outcome;
mod page;
mod pages;
mod show;
mod visit;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use io_limits::Limits;
use svc_directory::Directory;
use svc_factors::Factors;
use svc_helpdesk::HelpDesk;
use svc_logins::Logins;
use svc_platform::Platform;
use svc_prompt::Prompts;

use crate::page::Pages;

/// What the pages call.
#[derive(Clone)]
pub struct PromptServices {
    /// Database, clocks, randomness.
    pub platform: Platform,
    /// Prompts and their ends.
    pub prompts: Prompts,
    /// The login path.
    pub logins: Logins,
    /// What users can prove.
    pub factors: Factors,
    /// Asking the advisor.
    pub help_desk: HelpDesk,
    /// How a tenant looks, and who the user is.
    pub directory: Directory,
    /// Rates by the client's address.
    pub limits: Arc<Limits>,
}

/// The state of the routes; cheap to clone.
#[derive(Clone)]
pub(crate) struct Desk {
    services: PromptServices,
    pages: Arc<Pages>,
}

impl Desk {
    /// Whether browsers have passkeys at this installation's address.
    pub(crate) fn has_passkeys(&self) -> bool {
        core_passkey::RelyingParty::of_pages_at(&self.platform.public_url, "").is_some()
    }
}

impl std::ops::Deref for Desk {
    type Target = PromptServices;

    fn deref(&self) -> &PromptServices {
        &self.services
    }
}

/// The routes of hosted prompts.
pub fn prompt_router(services: PromptServices) -> Router {
    let desk = Desk { services, pages: Arc::new(Pages::new()) };
    Router::new()
        .route("/prompt/open/{token}", get(visit::open))
        .route("/prompt/{tenant}/{prompt}", get(show::show))
        .route("/prompt/{tenant}/{prompt}/{act}", post(act::act))
        .with_state(desk)
}
