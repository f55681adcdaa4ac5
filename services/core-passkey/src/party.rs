//! For whom a passkey is good.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::{Host, Url};
use webauthn_rs_core::WebauthnCore;

/// For how long a browser waits for its user, and whatever was begun may be answered.
const TIMEOUT: Duration = Duration::from_secs(300);

/// A relying party (§4): a domain, and the origins whose pages may use its passkeys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelyingParty {
    id: String,
    name: String,
    origins: Vec<Url>,
}

impl RelyingParty {
    /// For how long what was begun may be answered, in seconds.
    pub const TIMEOUT_SECONDS: i64 = 300;

    /// A party of these origins; none without any.
    #[must_use]
    pub fn new(id: &str, name: &str, origins: &[String]) -> Option<Self> {
        let origins: Vec<Url> = origins.iter().filter_map(|origin| Url::parse(origin).ok()).collect();
        let usable = !id.is_empty() && !origins.is_empty();
        usable.then(|| Self { id: id.to_owned(), name: name.to_owned(), origins })
    }

    /// The party of pages that live under this address; none where it is an IP address, which has no
    /// passkeys, or where browsers would not call it secure.
    #[must_use]
    pub fn of_pages_at(public_url: &str, name: &str) -> Option<Self> {
        let url = Url::parse(public_url).ok()?;
        let Some(Host::Domain(host)) = url.host() else { return None };
        if url.scheme() != "https" && host != "localhost" {
            return None;
        }
        Self::new(host, name, &[url.origin().ascii_serialization()])
    }

    /// Its domain.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The same for one of its origins alone; none for any other.
    #[must_use]
    pub fn at(&self, origin: &str) -> Option<Self> {
        let given = Url::parse(origin).ok()?.origin();
        let origin = self.origins.iter().find(|origin| origin.origin() == given)?.clone();
        Some(Self { origins: vec![origin], ..self.clone() })
    }

    /// The only origin, where there is one.
    #[must_use]
    pub fn origin(&self) -> Option<String> {
        self.origins.first().map(|origin| origin.origin().ascii_serialization())
    }

    /// The checks, with no leeway for subdomains or ports.
    pub(crate) fn checks(&self) -> WebauthnCore {
        let origins = self.origins.clone();
        WebauthnCore::new_unsafe_experts_only(&self.name, &self.id, origins, TIMEOUT, Some(false), Some(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_passkeys_where_browsers_would_have_them() {
        let id = |url| RelyingParty::of_pages_at(url, "Postern").map(|party| party.id().to_owned());
        assert_eq!(id("https://login.example.com:8443/postern").as_deref(), Some("login.example.com"));
        assert_eq!(id("http://localhost:8080").as_deref(), Some("localhost"));
        for none in ["http://127.0.0.1:8080", "https://[::1]", "http://login.example.com", "not an address", ""] {
            assert_eq!(id(none), None, "{none}");
        }
    }

    #[test]
    fn one_of_its_origins_is_picked_by_scheme_host_and_port() {
        let origins = ["https://a.example.com".to_owned(), "https://b.example.com:8443".to_owned()];
        let party = RelyingParty::new("example.com", "Acme", &origins).unwrap();
        let at = |origin| party.at(origin).and_then(|party| party.origin());
        assert_eq!(at("https://b.example.com:8443").as_deref(), Some("https://b.example.com:8443"));
        assert_eq!(at("https://a.example.com:443/").as_deref(), Some("https://a.example.com"));
        for other in ["http://a.example.com", "https://b.example.com", "https://c.example.com", "null", ""] {
            assert_eq!(at(other), None, "{other}");
        }
        assert!(RelyingParty::new("example.com", "Acme", &[]).is_none());
    }

    #[test]
    fn both_ways_of_saying_how_long_agree() {
        assert_eq!(i64::try_from(TIMEOUT.as_secs()), Ok(RelyingParty::TIMEOUT_SECONDS));
    }
}
