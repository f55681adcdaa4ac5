//! The embedded files.

use std::borrow::Cow;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::encoding::Encoding;
use crate::refusal::Refused;

/// What Vite made: the page, files with hashed names under `assets/`, and each of them compressed
/// beside it where that makes it smaller.
#[derive(RustEmbed)]
#[folder = "../../web-admin/dist/"]
struct Files;

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Its name has no hash, since browsers ask for it by this one.
const FOR_A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

/// The page; none where the console was not built.
pub(super) fn page() -> Option<String> {
    let file = Files::get("index.html")?;
    String::from_utf8(file.data.into_owned()).ok()
}

/// `/assets/…`
pub(super) async fn show(Path(name): Path<String>, headers: HeaderMap) -> Response {
    answer(&format!("assets/{name}"), &headers, FOR_EVER)
}

/// `/favicon.svg`
pub(super) async fn icon(headers: HeaderMap) -> Response {
    answer("favicon.svg", &headers, FOR_A_DAY)
}

fn answer(name: &str, headers: &HeaderMap, keep: HeaderValue) -> Response {
    let Some((kind, (data, encoding))) = media_type(name).zip(smallest(name, headers)) else {
        return Refused::bad(StatusCode::NOT_FOUND, "There is nothing at this address.").into_response();
    };
    let mut response = axum::body::Body::from(data.into_owned()).into_response();
    let given = response.headers_mut();
    given.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    given.insert(header::CACHE_CONTROL, keep);
    given.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        given.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
    }
    response
}

/// The file as this browser can read it, compressed best.
fn smallest(name: &str, headers: &HeaderMap) -> Option<(Cow<'static, [u8]>, Option<Encoding>)> {
    let compressed = Encoding::accepted(headers)
        .find_map(|encoding| Some((Files::get(&format!("{name}.{}", encoding.extension()))?.data, Some(encoding))));
    compressed.or_else(|| Some((Files::get(name)?.data, None)))
}

/// By the name; what is not on the list is not served, the compressed files by their own name neither.
fn media_type(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        "png" => "image/png",
        "webp" => "image/webp",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_kinds_are_served() {
        assert_eq!(media_type("assets/index-1a2b.js"), Some("text/javascript; charset=utf-8"));
        for name in ["index.html", "assets/index-1a2b.js.br", "assets/x.map", "assets/x", "assets/x.json"] {
            assert_eq!(media_type(name), None, "{name}");
        }
    }

    #[test]
    fn nothing_outside_the_folder_is_found() {
        for name in ["assets/../../package.json", "../package.json", "/etc/hostname", "assets/../../src/main.css"] {
            assert!(Files::get(name).is_none(), "{name}");
        }
    }
}
