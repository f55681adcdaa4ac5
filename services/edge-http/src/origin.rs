//! Whether a request comes from a page of ours.

use axum::http::HeaderValue;
use url::Url;

/// Whether this is the origin of `public_url`, to the letter. Never true of `null`, which is what pages
/// without an origin of their own are said to have.
#[must_use]
pub fn is_own_origin(origin: &HeaderValue, public_url: &str) -> bool {
    let own = Url::parse(public_url).map(|url| url.origin());
    own.is_ok_and(|own| own.is_tuple() && origin.as_bytes() == own.ascii_serialization().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_ours_to_the_letter() {
        let own = |origin, public_url| is_own_origin(&HeaderValue::from_static(origin), public_url);
        assert!(own("http://localhost:8080", "http://localhost:8080"));
        assert!(own("https://postern.example", "https://postern.example:443/"));
        for other in ["null", "", "http://localhost", "https://localhost:8080", "http://localhost:8080/"] {
            assert!(!own(other, "http://localhost:8080"), "{other}");
        }
        assert!(!own("null", "data:text/plain,x"), "an address without an origin has none in common with anybody");
    }
}
