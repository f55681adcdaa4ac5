//! A URL that may be called, as far as its text tells.

use std::net::IpAddr;

use thiserror::Error;
use url::{Host, Position, Url};

use crate::Rules;

const MAX_CHARS: usize = 2_048;
/// Ports below this belong to services of machines: mail, databases of old, remote shells.
const FIRST_FREE_PORT: u16 = 1_024;
/// Names that mean this machine or its network to whoever resolves them.
const LOCAL_NAMES: [&str; 5] = ["localhost", "local", "internal", "lan", "arpa"];

/// Why a URL is not called; sentences for whoever gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unfit {
    /// Too long, or not a URL that every reader reads alike.
    #[error("This is not a URL of printable ASCII characters, at most {MAX_CHARS} of them.")]
    Malformed,
    /// Not https.
    #[error("The URL must begin with https://.")]
    Scheme,
    /// A user's name or password in it would be stored and shown.
    #[error("The URL must not hold a user name or a password.")]
    Credentials,
    /// A fragment is never sent.
    #[error("The URL must not have a fragment (#…).")]
    Fragment,
    /// A port that belongs to another kind of service.
    #[error("The port must be 443, or 1024 and above.")]
    Port,
    /// A name or address that is not of the public internet.
    #[error("The host must be one on the public internet.")]
    Host,
}

/// A URL that may be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(Url);

/// Who is to be called.
pub(crate) enum Called<'a> {
    Name(&'a str),
    Address(IpAddr),
}

impl Target {
    /// Reads a URL.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str, rules: Rules) -> Result<Self, Unfit> {
        // Parsers drop tabs and line ends, and take `\` for `/`: what two of them might read differently is refused.
        if text.len() > MAX_CHARS || !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            return Err(Unfit::Malformed);
        }
        let url = Url::parse(text).map_err(|_| Unfit::Malformed)?;
        if url.scheme() != "https" && !(url.scheme() == "http" && rules.allow_http) {
            return Err(Unfit::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Unfit::Credentials);
        }
        if url.fragment().is_some() {
            return Err(Unfit::Fragment);
        }
        let target = Self(url);
        match target.port() {
            443 | FIRST_FREE_PORT.. => {}
            80 if rules.allow_http => {}
            _ => return Err(Unfit::Port),
        }
        if target.host_allowed(rules) { Ok(target) } else { Err(Unfit::Host) }
    }

    fn host_allowed(&self, rules: Rules) -> bool {
        match self.called() {
            None => false,
            Some(Called::Address(address)) => rules.allow(address),
            Some(Called::Name(name)) => {
                let name = name.strip_suffix('.').unwrap_or(name);
                let last = name.rsplit('.').next().unwrap_or_default();
                rules.allow_private || (name.contains('.') && !LOCAL_NAMES.contains(&last))
            }
        }
    }

    /// As it is stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Without its query, in which some keep a secret.
    #[must_use]
    pub fn without_query(&self) -> &str {
        &self.0[..Position::AfterPath]
    }

    /// Where it is, without anything that may hold a secret.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    pub(crate) fn called(&self) -> Option<Called<'_>> {
        match self.0.host()? {
            Host::Domain(name) => Some(Called::Name(name)),
            Host::Ipv4(address) => Some(Called::Address(address.into())),
            Host::Ipv6(address) => Some(Called::Address(address.into())),
        }
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or_default()
    }

    /// The header `host`.
    pub(crate) fn authority(&self) -> &str {
        &self.0[Position::BeforeHost..Position::AfterPort]
    }

    /// What is asked for: path and query.
    pub(crate) fn path_and_query(&self) -> &str {
        &self.0[Position::BeforePath..Position::AfterQuery]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Rules = Rules { allow_http: true, allow_private: true };

    fn parse(text: &str) -> Result<String, Unfit> {
        Target::parse(text, Rules::default()).map(|target| target.as_str().to_owned())
    }

    #[test]
    fn https_on_the_public_internet() {
        for (given, read) in [
            ("https://firm.example", "https://firm.example/"),
            ("HTTPS://Firm.Example:443/hooks?a=b", "https://firm.example/hooks?a=b"),
            ("https://firm.example:8443/hooks", "https://firm.example:8443/hooks"),
            ("https://firm.example:1024/", "https://firm.example:1024/"),
            ("https://8.8.8.8/", "https://8.8.8.8/"),
            ("https://[2600::1]/", "https://[2600::1]/"),
        ] {
            assert_eq!(parse(given).as_deref(), Ok(read));
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (given, unfit) in [
            ("", Unfit::Malformed),
            ("firm.example", Unfit::Malformed),
            ("https://", Unfit::Malformed),
            ("https://firm.example/a b", Unfit::Malformed),
            ("https://firm.example/\t", Unfit::Malformed),
            ("https:\\\\firm.example", Unfit::Malformed),
            ("https://fırm.example/", Unfit::Malformed),
            ("http://firm.example/", Unfit::Scheme),
            ("ftp://firm.example/", Unfit::Scheme),
            ("file:///etc/passwd", Unfit::Scheme),
            ("https://u@firm.example/", Unfit::Credentials),
            ("https://u:p@firm.example/", Unfit::Credentials),
            ("https://firm.example/#x", Unfit::Fragment),
            ("https://firm.example:22/", Unfit::Port),
            ("https://firm.example:80/", Unfit::Port),
            ("https://firm.example:1023/", Unfit::Port),
            ("https://firm.example:0/", Unfit::Port),
        ] {
            assert_eq!(parse(given), Err(unfit), "{given:?}");
        }
        assert_eq!(parse(&format!("https://firm.example/{}", "x".repeat(MAX_CHARS))), Err(Unfit::Malformed));
    }

    #[test]
    fn no_spelling_of_an_inner_host_passes() {
        for host in [
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "db",
            "printer.local",
            "metadata.google.internal",
            "router.lan",
            "1.0.0.127.in-addr.arpa",
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0177.0.0.1",
            "127.0.0.1.",
            "%31%32%37.0.0.1",
            "169.254.169.254",
            "0xa9fea9fe",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "192.0.2.7",
            "10.0.0.1",
        ] {
            assert_eq!(parse(&format!("https://{host}/")), Err(Unfit::Host), "{host}");
        }
    }

    #[test]
    fn an_installation_may_open_itself_for_tests() {
        for good in ["http://localhost:3000/hooks", "http://127.0.0.1:3000/", "http://[::1]:3000/", "http://receiver/"]
        {
            assert!(Target::parse(good, OPEN).is_ok(), "{good}");
        }
        for bad in ["http://169.254.169.254/latest", "https://[fd00:ec2::254]/", "http://localhost:22/"] {
            assert!(Target::parse(bad, OPEN).is_err(), "{bad}");
        }
        let only_private = Rules { allow_http: false, allow_private: true };
        assert_eq!(Target::parse("http://localhost:3000/", only_private), Err(Unfit::Scheme));
        let only_http = Rules { allow_http: true, allow_private: false };
        assert_eq!(Target::parse("http://localhost:3000/", only_http), Err(Unfit::Host));
    }

    #[test]
    fn a_request_is_written_from_the_url() {
        let target = Target::parse("https://firm.example:8443/a%20b?c=d", Rules::default()).unwrap();
        assert_eq!(target.authority(), "firm.example:8443");
        assert_eq!(target.path_and_query(), "/a%20b?c=d");
        assert_eq!(target.without_query(), "https://firm.example:8443/a%20b");
        assert_eq!(target.port(), 8443);
        let plain = Target::parse("https://[2600::1]", Rules::default()).unwrap();
        assert_eq!((plain.authority(), plain.path_and_query(), plain.port()), ("[2600::1]", "/", 443));
    }
}
