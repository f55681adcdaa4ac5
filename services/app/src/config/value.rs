//! The kinds of values that a setting can have, each read from text.

use std::net::SocketAddr;
use std::path::PathBuf;

use core_kernel::Redacted;
use core_risk::Weight;
use svc_delivery::GuardMode;
use svc_lifecycle::KeptDays;
use url::Url;

/// A value that a setting can have.
pub(crate) trait Value: Sized {
    /// Reads it; the error ends the sentence "`key` must be …".
    fn read(text: &str) -> Result<Self, &'static str>;
}

impl Value for bool {
    fn read(text: &str) -> Result<Self, &'static str> {
        text.parse().map_err(|_| "true or false")
    }
}

impl Value for usize {
    fn read(text: &str) -> Result<Self, &'static str> {
        text.parse().map_err(|_| "a whole number, 0 or more")
    }
}

impl Value for u64 {
    fn read(text: &str) -> Result<Self, &'static str> {
        text.parse().map_err(|_| "a whole number, 0 or more")
    }
}

impl Value for u32 {
    fn read(text: &str) -> Result<Self, &'static str> {
        text.parse().ok().filter(|number| *number > 0).ok_or("a whole number, 1 or more")
    }
}

impl Value for u16 {
    fn read(text: &str) -> Result<Self, &'static str> {
        text.parse().ok().filter(|number| *number > 0).ok_or("a whole number from 1 to 65535")
    }
}

impl Value for u8 {
    fn read(text: &str) -> Result<Self, &'static str> {
        text.parse().ok().filter(|number| *number <= 100).ok_or("a number from 0 to 100")
    }
}

impl Value for GuardMode {
    fn read(text: &str) -> Result<Self, &'static str> {
        match text {
            "block" => Ok(Self::Block),
            "observe" => Ok(Self::Observe),
            "off" => Ok(Self::Off),
            _ => Err("block, observe or off"),
        }
    }
}

impl Value for Weight {
    fn read(text: &str) -> Result<Self, &'static str> {
        text.parse::<u32>().ok().and_then(|number| Self::try_from(number).ok()).ok_or("a number from 0 to 100")
    }
}

impl Value for KeptDays {
    fn read(text: &str) -> Result<Self, &'static str> {
        text.parse::<u32>().ok().and_then(|days| Self::try_from(days).ok()).ok_or("a number of days from 62 to 36500")
    }
}

impl Value for String {
    fn read(text: &str) -> Result<Self, &'static str> {
        Ok(text.to_owned())
    }
}

impl Value for PathBuf {
    fn read(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() { Err("the name of a file or folder") } else { Ok(Self::from(text)) }
    }
}

/// Paths of files; empty: none.
impl Value for Vec<PathBuf> {
    fn read(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Ok(Self::new());
        }
        let paths: Result<Self, _> = text.split(',').map(|part| PathBuf::read(part.trim())).collect();
        paths.map_err(|_| "paths of files, separated by commas")
    }
}

impl Value for Redacted<String> {
    fn read(text: &str) -> Result<Self, &'static str> {
        Ok(Self::new(text.to_owned()))
    }
}

/// A setting that may be left out: empty is not there.
impl<T: Value> Value for Option<T> {
    fn read(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() { Ok(None) } else { T::read(text).map(Some) }
    }
}

impl Value for Vec<SocketAddr> {
    fn read(text: &str) -> Result<Self, &'static str> {
        let addresses: Result<Vec<_>, ()> = text.split(',').map(|part| addresses(part.trim())).collect();
        let addresses: Vec<SocketAddr> = addresses.map_err(|()| ADDRESSES)?.into_iter().flatten().collect();
        if addresses.is_empty() { Err(ADDRESSES) } else { Ok(addresses) }
    }
}

const ADDRESSES: &str = "addresses with ports, such as 127.0.0.1:8080 or 0.0.0.0:8080,[::]:8080";

/// `localhost` is both of this machine's addresses; other names are not looked up.
fn addresses(text: &str) -> Result<Vec<SocketAddr>, ()> {
    match text.strip_prefix("localhost:") {
        Some(port) => {
            let port: u16 = port.parse().map_err(|_| ())?;
            Ok(vec![SocketAddr::from(([127, 0, 0, 1], port)), SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], port))])
        }
        None => text.parse().map(|address| vec![address]).map_err(|_| ()),
    }
}

/// A name or address and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPort {
    /// A name, or an address without brackets.
    pub host: String,
    /// The port; 0: any free one.
    pub port: u16,
}

impl Value for HostPort {
    fn read(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "a name and a port, such as localhost:8081";
        let (host, port) = text.rsplit_once(':').ok_or(EXPECTED)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = port.parse().map_err(|_| EXPECTED)?;
        if host.is_empty() { Err(EXPECTED) } else { Ok(Self { host: host.to_owned(), port }) }
    }
}

impl Value for Url {
    fn read(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "a web address, such as https://2fa.example.com";
        let url: Self = text.parse().map_err(|_| EXPECTED)?;
        let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if matches!(url.scheme(), "http" | "https") && url.has_host() && plain { Ok(url) } else { Err(EXPECTED) }
    }
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line, for machines.
    Json,
    /// For people.
    Pretty,
}

impl Value for LogFormat {
    fn read(text: &str) -> Result<Self, &'static str> {
        match text {
            "json" => Ok(Self::Json),
            "pretty" => Ok(Self::Pretty),
            _ => Err("json or pretty"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_a_list_in_which_localhost_is_two() {
        let read = |text| Vec::<SocketAddr>::read(text);
        assert_eq!(read("localhost:80").unwrap().len(), 2);
        assert_eq!(read("0.0.0.0:80, [::]:80").unwrap().len(), 2);
        for bad in ["", "80", "127.0.0.1", "example.com:80", "127.0.0.1:80,", "localhost:x"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn files_are_a_list_that_may_be_empty() {
        let read = |text| Vec::<PathBuf>::read(text);
        assert_eq!(read("").unwrap(), [""; 0].map(PathBuf::from));
        assert_eq!(read("/a b/4.mmdb, 6.mmdb").unwrap(), ["/a b/4.mmdb", "6.mmdb"].map(PathBuf::from));
        for bad in [",", "a,", "a,,b"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_public_address_is_a_web_address_without_anything_behind_it() {
        assert!(Url::read("https://2fa.example.com/postern").is_ok());
        for bad in [
            "",
            "example.com",
            "ftp://example.com",
            "https://u@example.com",
            "https://example.com?a",
            "https://example.com#b",
        ] {
            assert!(Url::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_left_out_is_not_there() {
        assert_eq!(Option::<HostPort>::read("").unwrap(), None);
        assert_eq!(HostPort::read("[::1]:80").unwrap(), HostPort { host: "::1".into(), port: 80 });
        assert!(HostPort::read("localhost").is_err() && HostPort::read(":80").is_err());
    }
}
