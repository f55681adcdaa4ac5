//! What stands in the address of a page that nobody has signed in to: the tenant, so that the page asks
//! that tenant's tables and no other, and 256 random bits, of which a table holds the SHA-256 alone.

use core_kernel::{Entropy, Redacted, TenantId, decode_base32, encode_base32};
use uuid::Uuid;

use crate::tokens::{SECRET_CHARS, SecretToken, digest_token};

/// The token of a one-time link or a hosted prompt: the tenant in base32, a dot, and the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantToken {
    tenant: TenantId,
    secret: Redacted<String>,
}

impl TenantToken {
    /// A new token; the prefix tells a person, and a scanner for leaked secrets, what it is.
    #[must_use]
    pub fn generate(prefix: &str, tenant: TenantId, entropy: &dyn Entropy) -> Self {
        let secret = SecretToken::generate(prefix, entropy);
        Self { tenant, secret: Redacted::new(secret.expose().to_owned()) }
    }

    /// Reads what stood in an address, made with the same prefix; `None` costs no look-up.
    #[must_use]
    pub fn parse(prefix: &str, text: &str) -> Option<Self> {
        let (tenant, secret) = text.split_once('.')?;
        let tenant: [u8; 16] = decode_base32(tenant)?.try_into().ok()?;
        let random = secret.strip_prefix(prefix)?.strip_prefix('_')?;
        let well_formed = random.len() == SECRET_CHARS
            && random.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let tenant = TenantId(Uuid::from_bytes(tenant));
        well_formed.then(|| Self { tenant, secret: Redacted::new(secret.to_owned()) })
    }

    /// Whose it is.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// What is stored in its place.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
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

    const PREFIX: &str = "link";

    fn token() -> TenantToken {
        let tenant = TenantId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0007));
        TenantToken::generate(PREFIX, tenant, &SeededEntropy::new(3))
    }

    #[test]
    fn it_reads_back_and_needs_no_escaping() {
        let text = token().expose();
        assert_eq!(TenantToken::parse(PREFIX, &text), Some(token()));
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)), "{text}");
    }

    #[test]
    fn one_of_another_purpose_is_not_read() {
        assert_eq!(TenantToken::parse("prompt", &token().expose()), None);
        assert_eq!(TenantToken::parse("lin", &token().expose()), None);
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
            assert_eq!(TenantToken::parse(PREFIX, bad), None, "{bad}");
        }
    }

    #[test]
    fn the_secret_does_not_print() {
        assert!(!format!("{:?}", token()).contains("link_"));
    }
}
