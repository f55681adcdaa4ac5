//! A browser at one of our pages: which prompt it holds, and how the firm looks.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use core_access::{Operation, Permit};
use core_kernel::{Fault, PromptId, Stop, TenantId, TypedId};
use edge_http::{ClientAddress, Refused, see_other};
use minijinja::context;
use svc_directory::UserRef;
use svc_directory::tenants::TenantSettings;
use svc_prompt::PromptSession;

use crate::page::Frame;
use crate::words::Language;
use crate::{Desk, cookie, device};

/// A browser that holds a prompt.
pub(crate) struct Visit {
    /// The prompt.
    pub session: PromptSession,
    /// The firm.
    pub settings: Arc<TenantSettings>,
    /// In which language.
    pub language: Language,
    /// From where.
    pub ip: Option<IpAddr>,
    /// What the browser is called, if that is known.
    pub device: Option<String>,
}

impl Visit {
    /// The prompt's own address.
    pub(crate) fn place(&self) -> String {
        place(self.session.tenant, self.session.prompt)
    }

    /// A permit of the user in this browser.
    pub(crate) fn permit(&self, operation: Operation) -> Result<Permit, Fault> {
        self.session.permit(operation, self.ip)
    }

    /// The user, as commands take one.
    pub(crate) fn user(&self) -> UserRef {
        UserRef::Id(self.session.user.to_text())
    }

    /// The login, as commands take one.
    pub(crate) fn login(&self) -> String {
        self.session.login.to_text()
    }

    /// What every page shows.
    pub(crate) fn frame(&self) -> Frame {
        Frame {
            firm: self.settings.product_name().to_owned(),
            logo: self.settings.logo_path(),
            color: self.settings.branding.color.clone(),
            support_contact: self.settings.branding.support_contact.clone(),
            language: self.language,
            place: self.place(),
            notice: None,
        }
    }
}

fn place(tenant: TenantId, prompt: PromptId) -> String {
    format!("/prompt/{}/{}", tenant.to_text(), prompt.to_text())
}

impl Desk {
    /// The prompt that this browser holds; none where it holds none, or not this one.
    pub(crate) async fn visit(
        &self,
        (tenant, prompt): (&str, &str),
        headers: &HeaderMap,
        ip: Option<IpAddr>,
    ) -> Result<Option<Visit>, Fault> {
        ClientAddress(ip).check(&self.limits).await?;
        let (Some(tenant), Some(prompt)) = (TenantId::from_text(tenant), PromptId::from_text(prompt)) else {
            return Ok(None);
        };
        let Some(browser) = cookie::get(headers, prompt) else { return Ok(None) };
        let Some(session) = self.prompts.find(tenant, prompt, &browser).await? else { return Ok(None) };
        let settings = self.directory.settings(tenant).await?;
        let permit = session.permit(Operation::ReadUser, ip)?;
        let user = self.directory.find_user(&permit, &UserRef::Id(session.user.to_text())).await?;
        let language = user.as_ref().and_then(|user| user.record.language.as_deref());
        let language = Language::choose(language, headers, &settings.language);
        Ok(Some(Visit { session, settings, language, ip, device: device::called(headers) }))
    }

    /// The page of a prompt that is over, or was never this browser's: the same for all of them.
    pub(crate) fn over(&self, headers: &HeaderMap) -> Result<Response, Fault> {
        let frame = Frame {
            firm: "Postern".to_owned(),
            logo: None,
            color: None,
            support_contact: None,
            language: Language::choose(None, headers, "en"),
            place: String::new(),
            notice: None,
        };
        self.pages.draw(StatusCode::GONE, "over.html", &frame, context! {}, &*self.platform.entropy)
    }
}

/// `GET /prompt/open/{token}`: the browser that follows it first holds the prompt from then on.
pub(crate) async fn open(
    State(desk): State<Desk>,
    Extension(address): Extension<ClientAddress>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    address.check(&desk.limits).await?;
    // In a task of its own: an address that was opened has its browser, whoever waits for it.
    let opening = {
        let (desk, token) = (desk.clone(), token.clone());
        async move { desk.prompts.open(&token).await }
    };
    match tokio::spawn(opening).await.map_err(Fault::internal)? {
        Ok(opened) => {
            let mut response = see_other(&place(opened.tenant, opened.prompt))?;
            let cookie = cookie::set(opened.prompt, &opened.browser);
            let cookie = HeaderValue::try_from(cookie).map_err(Fault::internal)?;
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            Ok(response)
        }
        Err(Stop::Refused(_)) => Ok(reopened(&desk, &token, &headers).await?),
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

/// Whoever opened it before goes on to its page.
async fn reopened(desk: &Desk, token: &str, headers: &HeaderMap) -> Result<Response, Fault> {
    match desk.prompts.prompt_of(token).await {
        Ok(Some((tenant, prompt))) if cookie::get(headers, prompt).is_some() => see_other(&place(tenant, prompt)),
        Ok(_) | Err(Stop::Refused(_)) => desk.over(headers),
        Err(Stop::Fault(fault)) => Err(fault),
    }
}
