//! Email addresses: the part of RFC 5321 that real mailboxes use. Quoted local parts, comments,
//! address literals and display names are refused: they are rare, and a place to hide things.
//!
//! So are non-ASCII addresses, for which two spellings may look the same; a domain can be written in
//! its `xn--` form.

use std::fmt;

use core_kernel::Refusal;
use thiserror::Error;

/// The longest address (RFC 5321 §4.5.3.1.3, less the angle brackets).
pub const MAX_EMAIL_CHARS: usize = 254;
const MAX_LOCAL_CHARS: usize = 64;
const MAX_LABEL_CHARS: usize = 63;

/// A text that is no address we can write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Write one email address, such as ann@example.com.")]
pub struct EmailError;

impl EmailError {
    /// As a refusal that points at a dotted path of the input.
    #[must_use]
    pub fn refusal(self, path: &str) -> Refusal {
        Refusal::invalid(path, self.to_string())
    }
}

/// An address. It prints masked: a full address is never logged.
///
/// Two addresses are equal when their normalised forms are.
#[derive(Clone)]
pub struct EmailAddress {
    address: String,
    normalized: String,
    at: usize,
}

impl EmailAddress {
    /// Reads an address; white space around it is ignored.
    ///
    /// # Errors
    /// When it is not exactly one plain address.
    pub fn parse(typed: &str) -> Result<Self, EmailError> {
        let typed = typed.trim();
        let (local, domain) = typed.split_once('@').ok_or(EmailError)?;
        if typed.len() > MAX_EMAIL_CHARS || !is_local_part(local) || !is_domain(domain) {
            return Err(EmailError);
        }
        let address = format!("{local}@{}", domain.to_ascii_lowercase());
        Ok(Self { normalized: address.to_ascii_lowercase(), at: local.len(), address })
    }

    /// The address to write to: the local part as given, since some servers tell its case.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The form by which it is found and counted: all lower case.
    #[must_use]
    pub fn normalized(&self) -> &str {
        &self.normalized
    }

    /// The part after the @, in lower case.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.normalized[self.at + 1..]
    }

    /// For display: the first character and the domain, e.g. `a•••@example.com`. The bullets do not
    /// tell the length.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("{}•••@{}", &self.address[..1], self.domain())
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.normalized == other.normalized
    }
}

impl Eq for EmailAddress {}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress({})", self.masked())
    }
}

/// A dot-string (RFC 5321 §4.1.2): atoms with single dots between.
fn is_local_part(local: &str) -> bool {
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    local.len() <= MAX_LOCAL_CHARS && local.split('.').all(|part| !part.is_empty() && part.bytes().all(atom))
}

/// At least two labels (RFC 1035 §2.3.1, RFC 1123 §2.1), the last one with a letter: no address of a
/// machine, no host of our own network.
fn is_domain(domain: &str) -> bool {
    let last = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.')
        && domain.split('.').all(is_label)
        && last.len() > 1
        && last.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn is_label(label: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=MAX_LABEL_CHARS).contains(&label.len())
        && label.bytes().all(inside)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use core_kernel::RefusalCode;

    use super::*;

    #[test]
    fn usual_addresses_are_read() {
        for (typed, address) in [
            ("ann@example.com", "ann@example.com"),
            ("  Ann.Lee+post@Example.COM\n", "Ann.Lee+post@example.com"),
            ("o'neil@mail.example.co.uk", "o'neil@mail.example.co.uk"),
            ("_x@xn--bcher-kva.example", "_x@xn--bcher-kva.example"),
            ("1@2.io", "1@2.io"),
        ] {
            assert_eq!(EmailAddress::parse(typed).unwrap().address(), address);
        }
    }

    #[test]
    fn spellings_of_one_mailbox_are_one() {
        let (one, two) = (EmailAddress::parse("Ann@Example.com"), EmailAddress::parse("aNN@eXample.COM "));
        assert_eq!(one, two);
        assert_eq!(one.unwrap().normalized(), "ann@example.com");
    }

    #[test]
    fn everything_else_is_refused() {
        for typed in [
            "",
            "ann",
            "@example.com",
            "ann@",
            "ann@@example.com",
            "ann@example.com,bob@example.com",
            "ann@example.com bob@example.com",
            "Ann <ann@example.com>",
            "<ann@example.com>",
            "\"ann lee\"@example.com",
            "ann lee@example.com",
            ".ann@example.com",
            "ann.@example.com",
            "an..n@example.com",
            "ann@localhost",
            "ann@.com",
            "ann@example.",
            "ann@example..com",
            "ann@-example.com",
            "ann@example-.com",
            "ann@exa_mple.com",
            "ann@127.0.0.1",
            "ann@[127.0.0.1]",
            "ann@example.c",
            "ann@exämple.com",
            "аnn@example.com",
            "ann\u{0}@example.com",
            "ann@example.com\r\nBcc: bob@example.com",
            "ann(x)@example.com",
            "mailto:ann@example.com",
        ] {
            assert_eq!(EmailAddress::parse(typed), Err(EmailError), "{typed:?}");
        }
    }

    #[test]
    fn lengths_are_those_of_the_rfc() {
        let local = "a".repeat(64);
        let domain = format!("{0}.{0}.{1}.com", "b".repeat(63), "c".repeat(57));
        assert_eq!(local.len() + 1 + domain.len(), 254);
        assert!(EmailAddress::parse(&format!("{local}@{domain}")).is_ok());
        assert!(EmailAddress::parse(&format!("{local}@d{domain}")).is_err());
        assert!(EmailAddress::parse(&format!("a{local}@example.com")).is_err());
        assert!(EmailAddress::parse(&format!("a@{}.com", "b".repeat(64))).is_err());
    }

    #[test]
    fn masks_show_the_domain_and_one_character() {
        let mask = |typed| EmailAddress::parse(typed).unwrap().masked();
        assert_eq!(mask("ann.lee@Example.com"), "a•••@example.com");
        assert_eq!(mask("a@example.com"), "a•••@example.com");
        let printed = format!("{:?}", EmailAddress::parse("ann.lee@example.com").unwrap());
        assert_eq!(printed, "EmailAddress(a•••@example.com)");
    }

    #[test]
    fn the_refusal_points_at_its_field() {
        let refusal = EmailError.refusal("input.email");
        assert_eq!((refusal.code, refusal.field), (RefusalCode::Invalid, vec!["input".into(), "email".into()]));
    }
}
