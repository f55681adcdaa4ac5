//! Versions (RFC 7644 §3.14): weak entity tags, made of what a client may write. They are right whoever
//! changed the user, since nothing has to remember to count.

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::header::{AsHeaderName, HeaderMap};
use serde_json::{Map, Value};

/// Bytes of the digest: enough that no two states of one user meet.
const BYTES: usize = 15;

/// The tag of a user's state, as it stands in `ETag` and `meta.version`.
pub(crate) fn version(id: &str, writable: &Map<String, Value>) -> String {
    let text = format!("{id} {}", Value::Object(writable.clone()));
    let digest = digest(&SHA256, text.as_bytes());
    format!("W/\"{}\"", core_kernel::encode_base32(&digest.as_ref()[..BYTES]))
}

/// Whether a header names this version, or any (`*`); `None` without the header.
pub(crate) fn names(headers: &HeaderMap, header: impl AsHeaderName, version: &str) -> Option<bool> {
    let mut values = headers.get_all(header).iter().peekable();
    values.peek()?;
    let tags = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).map(str::trim);
    // Weak tags are compared by their text: RFC 7644 has them in If-Match too.
    let text = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    Some(tags.into_iter().any(|tag| tag == "*" || text(tag) == text(version)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header::IF_MATCH;
    use serde_json::json;

    fn tag(id: &str, user: &Value) -> String {
        version(id, user.as_object().unwrap())
    }

    #[test]
    fn every_state_has_its_tag() {
        let (one, two) = (json!({ "userName": "ann" }), json!({ "userName": "ann", "active": true }));
        assert_eq!(tag("a", &one), tag("a", &one));
        assert_ne!(tag("a", &one), tag("a", &two));
        assert_ne!(tag("a", &one), tag("b", &one));
        assert!(tag("a", &one).starts_with("W/\"") && tag("a", &one).ends_with('"'));
    }

    #[test]
    fn a_header_names_one_of_several_or_any() {
        let asked = |values: &[&str]| {
            let headers = values.iter().map(|value| (IF_MATCH, value.parse().unwrap())).collect::<HeaderMap>();
            names(&headers, IF_MATCH, "W/\"a\"")
        };
        assert_eq!(asked(&[]), None);
        for yes in [&["W/\"a\""][..], &["\"a\""], &["*"], &["W/\"b\", W/\"a\""], &["\"b\"", "\"a\""]] {
            assert_eq!(asked(yes), Some(true), "{yes:?}");
        }
        for no in [&["W/\"b\""][..], &[""], &["a"], &["W/\"A\""]] {
            assert_eq!(asked(no), Some(false), "{no:?}");
        }
    }
}
