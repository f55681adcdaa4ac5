//! In which compressed forms a browser reads a file.

use axum::http::{HeaderMap, header};

/// Made when the console is built, the smaller first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
}

impl Encoding {
    /// As `Content-Encoding` says it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// Of the file.
    pub(super) const fn extension(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gz",
        }
    }

    /// Those that the request accepts, the smaller first.
    pub(super) fn accepted(headers: &HeaderMap) -> impl Iterator<Item = Self> {
        let values = headers.get_all(header::ACCEPT_ENCODING).iter();
        let texts: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
        [Self::Brotli, Self::Gzip].into_iter().filter(move |encoding| {
            texts.iter().flat_map(|text| text.split(',')).any(|choice| names(choice, encoding.name()))
        })
    }
}

/// Whether a choice such as `br;q=0.5` is this encoding, and not refused by a weight of nothing.
fn names(choice: &str, encoding: &str) -> bool {
    let mut parts = choice.split(';').map(str::trim);
    let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
    named && parts.all(|part| !part.strip_prefix("q=").is_some_and(|weight| weight.parse() == Ok(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn accepted(value: &'static str) -> Vec<Encoding> {
        let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]);
        Encoding::accepted(&headers).collect()
    }

    #[test]
    fn the_smallest_that_is_accepted() {
        assert_eq!(accepted("gzip, deflate, br, zstd"), [Encoding::Brotli, Encoding::Gzip]);
        assert_eq!(accepted("GZIP;q=0.5"), [Encoding::Gzip]);
        assert_eq!(accepted("br;q=0, gzip;q=0.0"), []);
        assert_eq!(accepted("identity"), []);
        assert_eq!(Encoding::accepted(&HeaderMap::new()).count(), 0);
    }
}
