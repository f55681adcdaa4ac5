//! The routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::get;
use edge_http::{ClientAddress, Refused};
use io_limits::Limits;

use crate::frame;
use crate::library::Library;
use crate::table::PICTURES;

const STYLE: &str = include_str!("../assets/style.css");
/// A page is of this version: not longer than an upgrade may take.
const FOR_A_WHILE: HeaderValue = HeaderValue::from_static("public, max-age=300");
/// Nothing runs; pictures and styles are ours; nobody frames it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
);

/// The routes of `/docs`, to be given to [`edge_http::router`]; pages are counted by the client's address.
pub fn docs_router(limits: Arc<Limits>) -> Router {
    Router::new()
        .route("/docs", get(first))
        .route("/docs/", get(|| async { Redirect::permanent("/docs") }))
        .route("/docs/style.css", get(style))
        .route("/docs/pictures/{name}", get(picture))
        .route("/docs/{*page}", get(page))
        .with_state(limits)
}

async fn first(
    State(limits): State<Arc<Limits>>,
    Extension(address): Extension<ClientAddress>,
) -> Result<Response, Refused> {
    address.check(&limits).await?;
    Ok(answer("/docs"))
}

async fn page(
    State(limits): State<Arc<Limits>>,
    Extension(address): Extension<ClientAddress>,
    Path(page): Path<String>,
) -> Result<Response, Refused> {
    address.check(&limits).await?;
    Ok(answer(&format!("/docs/{}", page.trim_end_matches('/'))))
}

fn answer(address: &str) -> Response {
    match Library::of_process().page(address) {
        Some(page) => drawn(StatusCode::OK, page),
        None => {
            let body = "<h1>There is no such page</h1>\n<p>Perhaps it is of another version. All pages of this one are on the list.</p>\n";
            drawn(StatusCode::NOT_FOUND, frame::page("", "No such page", body))
        }
    }
}

fn drawn(status: StatusCode, page: String) -> Response {
    let headers: [(HeaderName, HeaderValue); 2] =
        [(header::CONTENT_SECURITY_POLICY, POLICY), (header::CACHE_CONTROL, FOR_A_WHILE)];
    (status, headers, Html(page)).into_response()
}

async fn style() -> Response {
    file(HeaderValue::from_static("text/css; charset=utf-8"), STYLE.as_bytes())
}

async fn picture(Path(name): Path<String>) -> Response {
    let path = format!("docs/pictures/{name}");
    match PICTURES.iter().find(|(own, _)| *own == path) {
        Some((_, bytes)) => file(HeaderValue::from_static("image/png"), bytes),
        None => answer(&format!("/{path}")),
    }
}

fn file(kind: HeaderValue, bytes: &'static [u8]) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, FOR_A_WHILE)], bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_run_nothing_and_are_kept_for_minutes() {
        let response = answer("/docs/errors");
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'self';") && !policy.contains("unsafe"));
        assert!(!policy.contains("script-src") && !policy.contains("nonce"));
        assert_eq!((response.status(), &response.headers()[header::CACHE_CONTROL]), (StatusCode::OK, &FOR_A_WHILE));
    }

    #[test]
    fn what_is_not_there_is_a_page_too_and_says_nothing_back() {
        let response = answer("/docs/<script>");
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert!(response.headers().contains_key(header::CONTENT_SECURITY_POLICY));
    }

    #[test]
    fn the_styles_load_nothing() {
        for bad in ["url(", "@import", "http"] {
            assert!(!STYLE.contains(bad), "{bad}");
        }
        assert!(STYLE.contains("prefers-color-scheme: dark"));
    }
}
