//! A tenant's looks, and the relying party of its own pages.

use url::{Host, Url};

use super::{Checks, Complaint, read_name};
use crate::tenants::{Branding, WebauthnSettings};

const MAX_URL_CHARS: usize = 2_048;
const MAX_CONTACT_CHARS: usize = 200;
const MAX_ORIGINS: usize = 20;

/// Reads `branding`, which is given whole.
pub(crate) fn read_branding(checks: &mut Checks, given: Branding) -> Branding {
    Branding {
        product_name: checks.take_opt("branding.productName", given.product_name, |text| read_name(&text)),
        logo_url: checks.take_opt("branding.logoUrl", given.logo_url, |text| read_logo_url(&text)),
        color: checks.take_opt("branding.color", given.color, |text| read_color(&text)),
        support_contact: checks.take_opt("branding.supportContact", given.support_contact, |text| read_contact(&text)),
        domain: checks.take_opt("branding.domain", given.domain, |text| read_domain(&text)),
    }
}

/// Reads `webauthn`, which is given whole.
pub(crate) fn read_webauthn(checks: &mut Checks, given: &WebauthnSettings) -> WebauthnSettings {
    let rp_id = given.rp_id.as_deref().and_then(|text| checks.take("webauthn.rpId", read_rp_id(text)));
    if given.origins.is_empty() || given.origins.len() > MAX_ORIGINS {
        let message = format!("Name 1 to {MAX_ORIGINS} origins.");
        checks.take::<()>("webauthn.origins", Err(message));
    }
    let origins = given.origins.iter().enumerate().filter_map(|(index, text)| {
        checks.take(&format!("webauthn.origins.{index}"), read_origin(text, rp_id.as_deref()))
    });
    let origins = origins.collect();
    WebauthnSettings { rp_id, origins }
}

fn read_color(given: &str) -> Result<String, Complaint> {
    let digits = given.strip_prefix('#').filter(|digits| digits.len() == 6);
    match digits {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => Ok(given.to_ascii_lowercase()),
        _ => Err("A colour is written #rrggbb.".to_owned()),
    }
}

fn read_logo_url(given: &str) -> Result<String, Complaint> {
    let complaint = || "A logo is named by its https address, without user name or fragment.".to_owned();
    if given.len() > MAX_URL_CHARS || !super::return_urls::is_plain(given) {
        return Err(complaint());
    }
    let url = Url::parse(given).map_err(|_| complaint())?;
    let plain = url.scheme() == "https"
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
        && matches!(url.host(), Some(Host::Domain(_)));
    if plain { Ok(url.into()) } else { Err(complaint()) }
}

fn read_contact(given: &str) -> Result<String, Complaint> {
    let contact = given.trim();
    let fits = (1..=MAX_CONTACT_CHARS).contains(&contact.chars().count());
    if fits && !contact.chars().any(char::is_control) {
        return Ok(contact.to_owned());
    }
    Err(format!("A contact has 1 to {MAX_CONTACT_CHARS} characters on a single line."))
}

/// A name in the domain name system (RFC 1035 §2.3.1, RFC 1123 §2.1), at least two labels.
fn read_domain(given: &str) -> Result<String, Complaint> {
    let domain = given.to_ascii_lowercase();
    let last = domain.rsplit('.').next().unwrap_or_default();
    let named = domain.contains('.') && last.bytes().any(|byte| byte.is_ascii_alphabetic());
    if domain.len() <= 253 && named && domain.split('.').all(is_label) {
        return Ok(domain);
    }
    Err("A domain is written like example.com.".to_owned())
}

pub(super) fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn read_rp_id(given: &str) -> Result<String, Complaint> {
    if given == "localhost" { Ok(given.to_owned()) } else { read_domain(given) }
}

/// An origin whose pages may use the relying party (WebAuthn §5.1.3): its host is the relying party's
/// or below it.
fn read_origin(given: &str, rp_id: Option<&str>) -> Result<String, Complaint> {
    let complaint = || "An origin is written like https://login.example.com, at or below rpId.".to_owned();
    if !super::return_urls::is_plain(given) {
        return Err(complaint());
    }
    let url = Url::parse(given).map_err(|_| complaint())?;
    let origin = url.origin().ascii_serialization();
    let Some(Host::Domain(host)) =
        url.host().filter(|_| url.domain().is_some_and(|name| name.split('.').all(is_label)))
    else {
        return Err(complaint());
    };
    let secure = url.scheme() == "https" || (url.scheme() == "http" && host == "localhost");
    let below = rp_id.is_none_or(|rp_id| host == rp_id || host.ends_with(&format!(".{rp_id}")));
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if secure && below && bare && url.password().is_none() { Ok(origin) } else { Err(complaint()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_six_digits() {
        assert_eq!(read_color("#0A7B3c").as_deref(), Ok("#0a7b3c"));
        for bad in ["", "#fff", "0a7b3c", "#0a7b3g", "#0a7b3c0", "red;}", "#0a7b3\u{e9}"] {
            assert!(read_color(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn logos_come_by_https_from_named_hosts() {
        assert_eq!(
            read_logo_url("https://CDN.example.com/l.png?v=1").as_deref(),
            Ok("https://cdn.example.com/l.png?v=1")
        );
        for bad in [
            "http://cdn.example.com/l.png",
            "javascript:alert(1)",
            "data:image/png;base64,AA",
            "https://user@cdn.example.com/l.png",
            "https://169.254.169.254/latest",
            "https://[::1]/l.png",
            "//cdn.example.com/l.png",
            "https:\\\\cdn.example.com",
            "",
        ] {
            assert!(read_logo_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn domains_are_names() {
        assert_eq!(read_domain("Example.COM").as_deref(), Ok("example.com"));
        for bad in
            ["", "localhost", "exa mple.com", "example.com.", ".com", "127.0.0.1", "a_b.com", "-a.com", "https://a.com"]
        {
            assert!(read_domain(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn origins_belong_to_the_relying_party() {
        let read = |text| read_origin(text, Some("example.com"));
        assert_eq!(read("https://login.example.com").as_deref(), Ok("https://login.example.com"));
        assert_eq!(read("https://example.com:8443/").as_deref(), Ok("https://example.com:8443"));
        assert_eq!(read_origin("http://localhost:3000", Some("localhost")).as_deref(), Ok("http://localhost:3000"));
        for bad in [
            "https://*.example.com",
            "https://notexample.com",
            "https://example.com.evil.test",
            "http://login.example.com",
            "https://login.example.com/path",
            "https://login.example.com?x",
            "https://u:p@login.example.com",
            "login.example.com",
            "null",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
