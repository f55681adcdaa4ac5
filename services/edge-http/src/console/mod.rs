//! The console: the files that `web-admin` is built to, from this very binary.
//!
//! A file's name contains the hash of its content, so that it is kept for ever and never asked for
//! again; the page that names the files is never kept. The page is the same for every address of the
//! console, whose script shows what the address says. No address of the API is among them.

mod assets;
mod encoding;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use crate::gateway::Gateway;
use crate::pages::Nonce;

/// What stands for the nonce in the page, as `web-admin/vite.config.ts` puts it there.
const NONCE: &str = "{{nonce}}";
const NOT_BUILT: &str = include_str!("../../assets/no-console.html");

/// Where people go. To add one: here, and in `web-admin/src/router.tsx`.
const PLACES: [&str; 10] = [
    "/",
    "/sign-in",
    "/sign-in/company",
    "/sign-in/company/{tenant}",
    "/invitation",
    "/forgotten",
    "/recover",
    "/account",
    "/t/{*place}",
    "/partner/{*place}",
];

/// The console's pages and files.
pub(crate) fn routes() -> Router<Gateway> {
    let files = Router::new().route("/assets/{*file}", get(assets::show)).route("/favicon.svg", get(assets::icon));
    PLACES.iter().fold(files, |routes, place| routes.route(place, get(show)))
}

async fn show(State(gateway): State<Gateway>) -> Response {
    let nonce = Nonce::new(&*gateway.platform().entropy);
    let nonce = nonce.as_str();
    match assets::page() {
        Some(page) => with_policy(StatusCode::OK, page.replace(NONCE, nonce), nonce),
        None => with_policy(StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT.replace(NONCE, nonce), nonce),
    }
}

/// Scripts are files of ours and nothing else. A style may also be one that our script makes: it shows
/// the nonce.
fn with_policy(status: StatusCode, page: String, nonce: &str) -> Response {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    );
    let policy = HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    let headers: [(HeaderName, HeaderValue); 1] = [(header::CONTENT_SECURITY_POLICY, policy)];
    (status, headers, Html(page)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_no_script_but_our_files() {
        let response = with_policy(StatusCode::OK, "<p>".to_owned(), "n1");
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-n1';"));
        assert!(!policy.contains("unsafe") && !policy.contains("http"));
    }

    #[test]
    fn what_was_not_built_is_said() {
        assert!(NOT_BUILT.contains("npm run build") && NOT_BUILT.contains(NONCE));
        assert!(!NOT_BUILT.contains("http://") && !NOT_BUILT.contains("https://"));
    }
}
