//! A page to try queries with, in development: ready-made tabs, an editor, the answer beside it. All
//! of it is here, so that it works without a network and asks nobody else for anything.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{escape, page};
use crate::gateway::Gateway;
use crate::refusal::Refused;

const PAGE: &str = include_str!("../../assets/explorer.html");

/// What the page is filled with.
#[derive(Debug, Clone, Default)]
pub struct Explorer {
    /// A key of the demo's sandbox tenant.
    pub api_key: String,
    /// A user of that tenant, for the ready-made queries.
    pub external_id: String,
}

/// `/graphiql`.
pub(crate) async fn show(State(gateway): State<Gateway>, headers: HeaderMap) -> Response {
    let Some(explorer) = gateway.options().explorer.as_ref().filter(|_| is_local(&headers)) else {
        return Refused::bad(StatusCode::NOT_FOUND, "There is nothing at this address.").into_response();
    };
    let filled = PAGE
        .replace("{{api_key}}", &escape(&explorer.api_key))
        .replace("{{external_id}}", &escape(&explorer.external_id));
    page(StatusCode::OK, &filled, &*gateway.platform().entropy)
}

/// The page holds a key: a page of elsewhere whose name was pointed at this machine must not read it.
fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    matches!(name.map_or(host, |(name, _)| name), "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_local() {
        let local = |host: &'static str| {
            is_local(&HeaderMap::from_iter([(header::HOST, axum::http::HeaderValue::from_static(host))]))
        };
        assert!(local("localhost:8080") && local("127.0.0.1:1") && local("[::1]:8080") && local("localhost"));
        assert!(
            !local("evil.example:8080") && !local("localhost.evil.example") && !local("[2001:db8::1]:80") && !local("")
        );
    }

    #[test]
    fn the_page_asks_nobody_else() {
        assert!(!PAGE.contains("http://") && !PAGE.contains("https://") && !PAGE.contains("src=\"//"));
    }
}
