//! `smtp.url` and `smtp.from`.

use core_kernel::Redacted;
use lettre::Address;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::TlsParameters;
use thiserror::Error;
use url::{Host, Url};

use super::connection::{Encryption, Server};

/// Where mails go out.
#[derive(Debug, Clone)]
pub struct SmtpOptions {
    /// `smtp://user:password@host:port?tls=required|opportunistic|none` or `smtps://…`. Without `tls`
    /// encryption is used where the server offers it, and required where a password would cross a
    /// network. The user and password are percent-encoded.
    pub url: Redacted<String>,
    /// The sender's address. Beside it stands the name of the tenant's product.
    pub from: String,
}

/// Why mail cannot be configured so.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SmtpConfigError {
    /// Not a URL of the known form.
    #[error("smtp.url must be smtp://user:password@host:port?tls=required|opportunistic|none, or smtps://…")]
    Url,
    /// `tls` of another value.
    #[error("smtp.url: tls is required, opportunistic or none")]
    Tls,
    /// A password over an open network.
    #[error("smtp.url: with a password tls=none and tls=opportunistic are for this machine alone")]
    OpenPassword,
    /// The system's certificates cannot be used.
    #[error("the certificates of this system cannot be read: {0}")]
    Certificates(String),
    /// Not an address.
    #[error("smtp.from must be one plain address, such as no-reply@example.com")]
    From,
}

/// The server of the URL.
pub(super) fn server(options: &SmtpOptions) -> Result<Server, SmtpConfigError> {
    let url = Url::parse(options.url.expose()).map_err(|_| SmtpConfigError::Url)?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(SmtpConfigError::Url)?;
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let credentials = credentials(&url)?;
    let encryption = encryption(&url, credentials.is_some())?;
    let tls = match encryption {
        Encryption::None => None,
        _ => Some(TlsParameters::new(host.clone()).map_err(|error| SmtpConfigError::Certificates(error.to_string()))?),
    };
    let port = url.port().unwrap_or(default_port(encryption));
    Ok(Server { host, port, encryption, tls, credentials })
}

/// The address in the From header and the envelope.
pub(super) fn sender(options: &SmtpOptions) -> Result<Address, SmtpConfigError> {
    options.from.trim().parse().map_err(|_| SmtpConfigError::From)
}

/// RFC 8314 and RFC 5321.
fn default_port(encryption: Encryption) -> u16 {
    match encryption {
        Encryption::Wrapped => 465,
        Encryption::Required => 587,
        Encryption::Opportunistic | Encryption::None => 25,
    }
}

fn encryption(url: &Url, with_password: bool) -> Result<Encryption, SmtpConfigError> {
    let open_is_fine = !with_password || is_this_machine(url);
    let asked = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
    let chosen = match (url.scheme(), asked.as_deref()) {
        ("smtps", None | Some("required")) => Encryption::Wrapped,
        ("smtp", Some("required")) => Encryption::Required,
        ("smtp", Some("opportunistic")) => Encryption::Opportunistic,
        ("smtp", Some("none")) => Encryption::None,
        ("smtp", None) if open_is_fine => Encryption::Opportunistic,
        ("smtp", None) => Encryption::Required,
        ("smtp" | "smtps", Some(_)) => return Err(SmtpConfigError::Tls),
        _ => return Err(SmtpConfigError::Url),
    };
    let open = matches!(chosen, Encryption::None | Encryption::Opportunistic);
    if open && !open_is_fine { Err(SmtpConfigError::OpenPassword) } else { Ok(chosen) }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn credentials(url: &Url) -> Result<Option<Credentials>, SmtpConfigError> {
    if url.username().is_empty() {
        return Ok(None);
    }
    let password = url.password().unwrap_or_default();
    Ok(Some(Credentials::new(decode(url.username())?, decode(password)?)))
}

fn decode(text: &str) -> Result<String, SmtpConfigError> {
    // `a=…` is decoded as a form field would be, but for the plus sign, which stands for itself here.
    let field = format!("a={}", text.replace('+', "%2B"));
    let mut pairs = url::form_urlencoded::parse(field.as_bytes());
    pairs.next().map(|(_, value)| value.into_owned()).ok_or(SmtpConfigError::Url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<(String, u16, Encryption), SmtpConfigError> {
        let options = SmtpOptions { url: Redacted::new(url.to_owned()), from: "no-reply@example.com".to_owned() };
        server(&options).map(|server| (server.host, server.port, server.encryption))
    }

    fn ok(host: &str, port: u16, encryption: Encryption) -> Result<(String, u16, Encryption), SmtpConfigError> {
        Ok((host.to_owned(), port, encryption))
    }

    #[test]
    fn urls_say_how_a_server_is_reached() {
        assert_eq!(read("smtp://127.0.0.1:2525"), ok("127.0.0.1", 2525, Encryption::Opportunistic));
        assert_eq!(read("smtp://[::1]:2525?tls=none"), ok("::1", 2525, Encryption::None));
        assert_eq!(read("smtp://mail.example"), ok("mail.example", 25, Encryption::Opportunistic));
        assert_eq!(read("smtp://mail.example?tls=required"), ok("mail.example", 587, Encryption::Required));
        assert_eq!(read("smtps://u:p@mail.example"), ok("mail.example", 465, Encryption::Wrapped));
    }

    #[test]
    fn a_password_does_not_cross_a_network_in_the_open() {
        assert_eq!(read("smtp://u:p@mail.example"), ok("mail.example", 587, Encryption::Required));
        assert_eq!(read("smtp://u:p@127.0.0.1"), ok("127.0.0.1", 25, Encryption::Opportunistic));
        for open in ["smtp://u:p@mail.example?tls=none", "smtp://u:p@mail.example?tls=opportunistic"] {
            assert_eq!(read(open), Err(SmtpConfigError::OpenPassword));
        }
    }

    #[test]
    fn other_urls_are_refused() {
        for (url, error) in [
            ("mail.example:25", SmtpConfigError::Url),
            ("http://mail.example", SmtpConfigError::Url),
            ("smtp://", SmtpConfigError::Url),
            ("smtp://mail.example?tls=perhaps", SmtpConfigError::Tls),
            ("smtps://mail.example?tls=none", SmtpConfigError::Tls),
        ] {
            assert_eq!(read(url), Err(error), "{url}");
        }
    }

    #[test]
    fn users_and_passwords_are_percent_encoded() {
        let decoded = decode("p%40ss%2Fw+rd%25").unwrap();
        assert_eq!(decoded, "p@ss/w+rd%");
    }

    #[test]
    fn the_sender_is_one_address() {
        let sender = |from: &str| super::sender(&SmtpOptions { url: Redacted::default(), from: from.to_owned() });
        assert!(sender(" no-reply@example.com ").is_ok());
        for bad in ["", "Postern", "Postern <no-reply@example.com>", "a@b@c"] {
            assert_eq!(sender(bad), Err(SmtpConfigError::From), "{bad}");
        }
    }
}
