//! The two media types of an answer (GraphQL over HTTP, section 6.4): with the newer one a request
//! that was not executed is answered 400, with the older one 200, since a proxy may have written what
//! else comes as `application/json`.

use axum::http::{HeaderMap, HeaderValue, header};

/// How the client wants to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    /// `application/json`: also for whoever does not say, or wants what we do not have.
    Json,
    /// `application/graphql-response+json`.
    GraphqlResponse,
}

impl Media {
    /// What `Accept` prefers of the two.
    pub(crate) fn accepted(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let (mut json, mut graphql) = (0, 0);
        for range in values.flat_map(|value| value.split(',')) {
            match parse_range(range) {
                ("application/graphql-response+json", weight) => graphql = graphql.max(weight),
                ("application/json" | "application/*" | "*/*", weight) => json = json.max(weight),
                _ => {}
            }
        }
        if graphql > 0 && graphql >= json { Self::GraphqlResponse } else { Self::Json }
    }

    pub(crate) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        })
    }
}

/// Whether `Accept` prefers server-sent events to both.
pub(crate) fn wants_events(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<_> = values.flat_map(|value| value.split(',')).map(parse_range).collect();
    let weight = |names: &[&str]| {
        let named = ranges.iter().filter(|(name, _)| names.contains(name));
        named.map(|(_, weight)| *weight).max().unwrap_or(0)
    };
    let events = weight(&["text/event-stream"]);
    events > 0 && events >= weight(&["application/json", "application/graphql-response+json"])
}

/// A media range and its weight in thousandths (RFC 9110, section 12.4.2).
fn parse_range(range: &str) -> (&str, u32) {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    let weight = weight.and_then(|text| text.parse::<f32>().ok()).unwrap_or(1.0).clamp(0.0, 1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1,000")]
    (name, (weight * 1000.0) as u32)
}

/// Whether a body says that it is JSON in UTF-8.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers.get(header::CONTENT_TYPE).map(HeaderValue::to_str) else { return false };
    let mut parts = value.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let charset =
        parts.find_map(|part| part.get(..8).filter(|key| key.eq_ignore_ascii_case("charset=")).map(|_| &part[8..]));
    name.eq_ignore_ascii_case("application/json")
        && charset.is_none_or(|charset| charset.trim_matches('"').eq_ignore_ascii_case("utf-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(value: &str) -> Media {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_str(value).unwrap());
        Media::accepted(&headers)
    }

    #[test]
    fn the_preferred_type_is_given() {
        let new = "application/graphql-response+json";
        for (accept, media) in [
            (new.to_owned(), Media::GraphqlResponse),
            (format!("{new}, application/json;q=0.9"), Media::GraphqlResponse),
            (format!("application/json, {new}"), Media::GraphqlResponse),
            (format!("{new};q=0.5, application/json"), Media::Json),
            (format!("{new};q=0, */*"), Media::Json),
            (format!("{new}; charset=utf-8"), Media::GraphqlResponse),
            ("*/*".to_owned(), Media::Json),
            ("text/html".to_owned(), Media::Json),
            (";;,,q=".to_owned(), Media::Json),
        ] {
            assert_eq!(accepted(&accept), media, "{accept}");
        }
        assert_eq!(Media::accepted(&HeaderMap::new()), Media::Json);
    }

    #[test]
    fn events_are_for_whoever_prefers_them() {
        let wants = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_str(value).unwrap());
            wants_events(&headers)
        };
        assert!(wants("text/event-stream") && wants("application/json;q=0.5, text/event-stream"));
        for no in
            ["*/*", "text/*", "application/json", "text/event-stream;q=0", "application/json, text/event-stream;q=0.9"]
        {
            assert!(!wants(no), "{no}");
        }
        assert!(!wants_events(&HeaderMap::new()));
    }

    #[test]
    fn a_body_must_say_that_it_is_json() {
        let is = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(value).unwrap());
            is_json(&headers)
        };
        for yes in ["application/json", "Application/JSON; charset=utf-8", "application/json;charset=\"UTF-8\""] {
            assert!(is(yes), "{yes}");
        }
        for no in ["text/plain", "application/json; charset=utf-16", "application/x-www-form-urlencoded", ""] {
            assert!(!is(no), "{no}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
