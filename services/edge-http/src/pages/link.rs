//! The page behind a one-time link. Reading it consumes nothing, since mail scanners read every link;
//! its button does.

use std::net::IpAddr;

use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use core_kernel::{Fault, Redacted, Refusal, Stop};
use futures::future::BoxFuture;
use io_limits::{ClientNetwork, limit};

use super::{escape, page};
use crate::envelope::ClientAddress;
use crate::gateway::Gateway;
use crate::graphql_route::user_agent;
use crate::refusal::Refused;

const BUTTON: &str = include_str!("../../assets/link.html");
const SENTENCE: &str = include_str!("../../assets/sentence.html");
/// Longer than any token of ours.
const MAX_TOKEN: usize = 128;

/// Where the browser goes once a link was opened.
#[derive(Debug, Clone)]
pub struct OpenedLink {
    /// The integrator's page, with the login's identifier.
    pub go_to: String,
}

/// Opens one-time links; `app` wires the help desk to it.
pub trait LinkOpener: Send + Sync + 'static {
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

/// `GET`: a button. The page is the same for every link, a dead one too.
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    address: Extension<ClientAddress>,
) -> Result<Response, Refused> {
    limited(&gateway, *address)?;
    Ok(page(StatusCode::OK, BUTTON, &*gateway.platform().entropy))
}

/// `POST`: consumes the link.
pub(crate) async fn open(
    State(gateway): State<Gateway>,
    Extension(address): Extension<ClientAddress>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    limited(&gateway, address)?;
    let Some(links) = gateway.links().filter(|_| token.len() <= MAX_TOKEN).cloned() else {
        return Ok(dead(&gateway, None));
    };
    let agent = user_agent(&headers);
    // In a task of its own: a link that was consumed has begun its login, whoever waits for it.
    let opening = async move { links.open_link(Redacted::new(token), address.0, agent).await };
    match tokio::spawn(opening).await.map_err(Fault::internal)? {
        Ok(opened) => Ok(see_other(&opened.go_to)),
        Err(Stop::Refused(refusals)) => Ok(dead(&gateway, refusals.first())),
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

fn limited(gateway: &Gateway, address: ClientAddress) -> Result<(), Fault> {
    address.0.map_or(Ok(()), |address| gateway.limits().check(limit::CLIENT_ADDRESS, ClientNetwork::from(address)))
}

fn see_other(go_to: &str) -> Response {
    match HeaderValue::try_from(go_to) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(error) => Refused::from(Fault::internal(error)).into_response(),
    }
}

fn dead(gateway: &Gateway, why: Option<&Refusal>) -> Response {
    let why = why.map_or("This link is over, or was used. Ask for a new one.", |refusal| &refusal.message);
    let text = SENTENCE.replace("{{sentence}}", &escape(why));
    page(StatusCode::GONE, &text, &*gateway.platform().entropy)
}
