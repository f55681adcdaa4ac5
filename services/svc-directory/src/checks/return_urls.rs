//! Where hosted pages and one-time links may send a browser. A loose comparison here hands an
//! attacker the result of somebody's login, so whatever two readers of a URL might read differently
//! is refused before it is compared: other white space, backslashes, user names, dots and slashes
//! that are written as percent codes.

use url::{Host, Url};

use super::branding::is_label;
use super::{Checks, Complaint};

const MAX_URLS: usize = 50;
const MAX_URL_CHARS: usize = 2_048;

/// Reads `returnUrls`, which are given whole.
pub(crate) fn read_return_urls(checks: &mut Checks, given: &[String]) -> Vec<String> {
    if given.len() > MAX_URLS {
        checks.take::<()>("returnUrls", Err(format!("At most {MAX_URLS} return URLs can be registered.")));
        return Vec::new();
    }
    let read = given.iter().enumerate();
    read.filter_map(|(index, text)| checks.take(&format!("returnUrls.{index}"), read_return_url(text))).collect()
}

/// An origin and a path prefix, as it is stored.
fn read_return_url(given: &str) -> Result<String, Complaint> {
    match parse(given) {
        Some(url) if url.query().is_none() => Ok(url.into()),
        _ => Err("A return URL is https (or http on localhost), an origin and a path, without user name, query, \
                  fragment or dots that lead upwards."
            .to_owned()),
    }
}

/// Whether `url` may be returned to: its origin is exactly that of a registered one, and its path
/// begins with that one's path and ends there or goes on with a new segment.
#[must_use]
pub fn return_url_allowed(registered: &[String], url: &str) -> bool {
    let Some(url) = parse(url) else { return false };
    registered.iter().filter_map(|one| parse(one)).any(|one| {
        one.scheme() == url.scheme()
            && one.host() == url.host()
            && one.port_or_known_default() == url.port_or_known_default()
            && path_within(one.path(), url.path())
    })
}

fn path_within(prefix: &str, path: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || prefix.ends_with('/') || rest.starts_with('/'))
}

/// A URL that every reader reads alike.
fn parse(text: &str) -> Option<Url> {
    if text.len() > MAX_URL_CHARS || !is_plain(text) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let local = match url.host()? {
        // The parser lets wildcards and other oddities through.
        Host::Domain(name) if !name.split('.').all(is_label) => return None,
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    };
    let secure = url.scheme() == "https" || (url.scheme() == "http" && local);
    let nobody = url.username().is_empty() && url.password().is_none() && !text_authority(text).contains('@');
    (secure && nobody && url.fragment().is_none() && !text.contains('#') && plain_path(text)).then_some(url)
}

/// Printable ASCII without backslash: parsers drop tabs and line ends, and some take `\` for `/`.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

fn text_authority(text: &str) -> &str {
    let after_scheme = text.split_once("://").map_or("", |(_, rest)| rest);
    after_scheme.split(['/', '?', '#']).next().unwrap_or_default()
}

/// The path as it was written, before the parser resolved anything in it.
fn plain_path(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else { return false };
    let before_query = rest.split('?').next().unwrap_or_default();
    let path = before_query.find('/').map_or("", |start| &before_query[start..]).to_ascii_lowercase();
    let hidden = ["..", "%2e", "%2f", "%5c", "%25", "%00", "//"];
    !hidden.iter().any(|trick| path.contains(trick))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(url: &str) -> bool {
        let registered = [
            "https://client.example/after",
            "https://client.example:8443/",
            "https://open.example/dir/",
            "http://localhost:3000/cb",
        ];
        return_url_allowed(&registered.map(str::to_owned), url)
    }

    #[test]
    fn the_origin_is_exact_and_the_path_a_prefix_on_a_segment() {
        for good in [
            "https://client.example/after",
            "https://CLIENT.example:443/after",
            "https://client.example/after/",
            "https://client.example/after/login?x=1&y=https://other.example/../",
            "https://client.example/after?next=%2Fhome",
            "https://client.example:8443/",
            "https://client.example:8443/anything",
            "https://open.example/dir/",
            "https://open.example/dir/deep/er",
            "http://localhost:3000/cb",
        ] {
            assert!(allowed(good), "{good}");
        }
        for bad in [
            "https://client.example/",
            "https://client.example/afterwards",
            "https://client.example/After",
            "https://client.example/after%2Fx",
            "https://client.example:444/after",
            "http://client.example/after",
            "https://sub.client.example/after",
            "https://client.example./after",
            "https://open.example/dir",
            "https://open.example/directory",
            "http://localhost/cb",
            "http://127.0.0.1:3000/cb",
            "",
        ] {
            assert!(!allowed(bad), "{bad}");
        }
    }

    #[test]
    fn no_trick_leads_elsewhere() {
        for attack in [
            "https://client.example@evil.example/after",
            "https://client.example:443@evil.example/after",
            "https://evil.example@client.example/after",
            "https://@client.example/after",
            "https://client.example/after/../admin",
            "https://client.example/after/%2e%2e/admin",
            "https://client.example/after/%2E./admin",
            "https://client.example/after/..%2fadmin",
            "https://client.example/after/..;/admin",
            "https://client.example/after/%252e%252e/admin",
            "https://client.example/after/%5c..%5cadmin",
            "https://client.example/after//evil.example",
            "https://client.example\\@evil.example/after",
            "https://evil.example\\.client.example/after",
            "https:\\\\client.example\\after",
            "https:/client.example/after",
            "https:client.example/after",
            "//client.example/after",
            "/after",
            "https://client.example/after#@evil.example",
            "https://client.example/after#",
            "https://client.example/af\tter",
            "https://client.example/after\n",
            "\u{1}https://client.example/after",
            " https://client.example/after",
            "https://client.example/after\u{0}",
            "https://client.example/after/%00",
            "https://client.example.evil.example/after",
            "https://client\u{ff0e}example/after",
            "https://clıent.example/after",
            "https://xn--clent-q4a.example/after",
            "javascript://client.example/after",
            "data:text/html,x",
            "file:///after",
            "ftp://client.example/after",
            "https://[::ffff:127.0.0.1]/after",
        ] {
            assert!(!allowed(attack), "{attack:?}");
        }
        assert!(!allowed(&format!("https://client.example/after/{}", "x".repeat(MAX_URL_CHARS))));
    }

    #[test]
    fn nothing_registered_allows_nothing() {
        assert!(!return_url_allowed(&[], "https://client.example/after"));
    }

    #[test]
    fn what_is_registered_is_strict_too() {
        assert_eq!(read_return_url("https://Client.example").as_deref(), Ok("https://client.example/"));
        assert_eq!(read_return_url("http://127.0.0.1:3000/cb").as_deref(), Ok("http://127.0.0.1:3000/cb"));
        for bad in [
            "http://client.example/after",
            "https://*.client.example/",
            "https://client.example/after?x=1",
            "https://client.example/after#x",
            "https://u@client.example/",
            "https://client.example/a/../b",
            "myapp://callback",
            "client.example",
            "",
        ] {
            assert!(read_return_url(bad).is_err(), "{bad}");
        }
    }
}
