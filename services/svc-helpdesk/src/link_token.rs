//! What a one-time link carries: the tenant, so that the page asks that tenant's table and no other,
//! and 256 random bits, of which the table holds the SHA-256 alone.

use core_crypto::{SecretToken, digest_token};
use core_kernel::{Entropy, Redacted, TenantId, decode_base32, encode_base32};
use uuid::Uuid;

/// Where the page of a link is served, before the token; the mail writes it after the configured
/// address of this installation, never after what a client sent as Host.
pub const LINK_PATH: &str = "/link/";

const PREFIX: &str = "link";
/// `link_` and 43 characters of base64url.
const SECRET_CHARS: usize = 48;

/// A link's token: the tenant in base32, a dot, and the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkToken {
    tenant: TenantId,
    secret: Redacted<String>,
}

impl LinkToken {
    pub(crate) fn generate(tenant: TenantId, entropy: &dyn Entropy) -> Self {
        let secret = SecretToken::generate(PREFIX, entropy);
        Self { tenant, secret: Redacted::new(secret.expose().to_owned()) }
    }

    /// Reads what stood in an address; `None` costs no look-up.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (tenant, secret) = text.split_once('.')?;
        let tenant: [u8; 16] = decode_base32(tenant)?.try_into().ok()?;
        let well_formed = secret.len() == SECRET_CHARS
            && secret.starts_with("link_")
            && secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let tenant = TenantId(Uuid::from_bytes(tenant));
        well_formed.then(|| Self { tenant, secret: Redacted::new(secret.to_owned()) })
    }

    /// Whose link it is.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// What is stored in its place.
    pub(crate) fn digest(&self) -> [u8; 32] {
        digest_token(self.secret.expose())
    }

    /// The text that stands in the address.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{}.{}", encode_base32(self.tenant.0.as_bytes()), self.secret.expose())
    }
}

#[cfg(test)]
mod tests {
    use core_kernel::SeededEntropy;

    use super::*;

    fn token() -> LinkToken {
        LinkToken::generate(
            TenantId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0007)),
            &SeededEntropy::new(3),
        )
    }

    #[test]
    fn it_reads_back_and_needs_no_escaping() {
        let text = token().expose();
        assert_eq!(LinkToken::parse(&text), Some(token()));
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)), "{text}");
    }

    #[test]
    fn other_texts_cost_no_look_up() {
        let text = token().expose();
        let (tenant, secret) = text.split_once('.').unwrap();
        for bad in [
            "",
            ".",
            secret,
            tenant,
            &format!("{tenant}.{}", &secret[..47]),
            &format!("{tenant}.{secret}A"),
            &format!("{}.{secret}", &tenant[1..]),
            &format!("{tenant}.{}é", &secret[..46]),
            &format!("{}.{secret}", tenant.to_uppercase()),
        ] {
            assert_eq!(LinkToken::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_secret_does_not_print() {
        assert!(!format!("{:?}", token()).contains("link_"));
    }
}
