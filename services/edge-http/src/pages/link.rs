//! The page behind a one-time link. Reading it consumes nothing, since mail scanners read every link;
//! its button does.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use core_kernel::{Fault, Redacted, Refusal, Stop};
use futures::future::BoxFuture;

use super::{escape, page, see_other};
use crate::envelope::ClientAddress;
use crate::gateway::Gateway;
use crate::graphql_route::user_agent;
use crate::refusal::Refused;

const BUTTON: &str = include_str!("../../assets/link.html");
const SENTENCE: &str = include_str!("../../assets/sentence.html");
/// Longer than any token of ours.
const MAX_TOKEN: usize = 256;

/// What the page of a link that still holds shows.
#[derive(Debug, Clone, Default)]
pub struct LinkDescription {
    /// The firm that sent it.
    pub tenant_name: String,
    /// BCP 47.
    pub language: String,
}

/// Where the browser goes once a link was opened.
#[derive(Debug, Clone)]
pub struct OpenedLink {
    /// The hosted prompt, or the integrator's page with the login's identifier.
    pub go_to: String,
}

/// Opens one-time links; `app` wires the help desk to it.
pub trait LinkOpener: Send + Sync + 'static {
    /// What the page shows; `None` for a link that does not hold. Consumes nothing.
    ///
    /// # Errors
    /// UNAVAILABLE without the database.
    fn describe_link(&self, token: Redacted<String>) -> BoxFuture<'_, Result<Option<LinkDescription>, Fault>>;

    /// Consumes the link and begins a login.
    ///
    /// # Errors
    /// A refusal with a sentence for the person who followed the link, or a fault.
    fn open_link(
        &self,
        token: Redacted<String>,
        ip: Option<IpAddr>,
        user_agent: Option<String>,
    ) -> BoxFuture<'_, Result<OpenedLink, Stop>>;
}

/// `GET`: a button.
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    Extension(address): Extension<ClientAddress>,
    Path(token): Path<String>,
) -> Result<Response, Refused> {
    address.check(gateway.limits()).await?;
    let Some(links) = opener(&gateway, &token) else { return Ok(dead(&gateway, None)) };
    match links.describe_link(Redacted::new(token)).await? {
        Some(link) => Ok(page(StatusCode::OK, &button(&link), &*gateway.platform().entropy)),
        None => Ok(dead(&gateway, None)),
    }
}

fn opener(gateway: &Gateway, token: &str) -> Option<Arc<dyn LinkOpener>> {
    gateway.links().filter(|_| token.len() <= MAX_TOKEN).cloned()
}

/// The page's sentences, in the languages that messages are written in.
struct Words {
    title: &'static str,
    explain: &'static str,
    button: &'static str,
}

const ENGLISH: Words = Words {
    title: "Continue to {{tenant}}",
    explain: "This link works once. You will then be asked to prove that it is you.",
    button: "Continue",
};
const SPANISH: Words = Words {
    title: "Continuar a {{tenant}}",
    explain: "Este enlace funciona una sola vez. Después se le pedirá que demuestre que es usted.",
    button: "Continuar",
};

fn button(link: &LinkDescription) -> String {
    let (words, language) = if link.language.starts_with("es") { (SPANISH, "es") } else { (ENGLISH, "en") };
    let title = words.title.replace("{{tenant}}", &escape(&link.tenant_name));
    BUTTON
        .replace("{{language}}", language)
        .replace("{{title}}", &title)
        .replace("{{explain}}", words.explain)
        .replace("{{button}}", words.button)
}

/// `POST`: consumes the link.
pub(crate) async fn open(
    State(gateway): State<Gateway>,
    Extension(address): Extension<ClientAddress>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    address.check(gateway.limits()).await?;
    let Some(links) = opener(&gateway, &token) else { return Ok(dead(&gateway, None)) };
    let agent = user_agent(&headers);
    // In a task of its own: a link that was consumed has begun its login, whoever waits for it.
    let opening = async move { links.open_link(Redacted::new(token), address.0, agent).await };
    match tokio::spawn(opening).await.map_err(Fault::internal)? {
        Ok(opened) => Ok(see_other(&opened.go_to)?),
        Err(Stop::Refused(refusals)) => Ok(dead(&gateway, refusals.first())),
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

fn dead(gateway: &Gateway, why: Option<&Refusal>) -> Response {
    let why = why.map_or("This link is over, or was used. Ask for a new one.", |refusal| &refusal.message);
    let text = SENTENCE.replace("{{sentence}}", &escape(why));
    page(StatusCode::GONE, &text, &*gateway.platform().entropy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_firm_cannot_write_into_the_page() {
        let link = LinkDescription { tenant_name: "<script>\"x\"</script>".into(), language: "es-MX".into() };
        let page = button(&link);
        assert!(page.contains("Continuar a &lt;script&gt;") && !page.contains("<script>"));
        assert!(page.contains("lang=\"es\"") && page.contains("method=\"post\""));
        assert_eq!(page.matches("{{").count(), 1, "only the nonce is left to fill in");
    }
}
