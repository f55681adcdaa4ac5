//! The secret that a browser keeps while somebody is away at their provider.

use core_crypto::{digest_parts, digest_token};
use core_kernel::Redacted;
use data_encoding::BASE64URL_NOPAD;

const NONCE: &[u8] = b"postern oidc nonce";
const VERIFIER: &[u8] = b"postern oidc verifier";

/// 256 random bits as text, from which all is made that binds an answer to this browser.
#[derive(Debug, Clone)]
pub struct BrowserSecret(Redacted<String>);

impl BrowserSecret {
    /// What the browser keeps, or kept.
    #[must_use]
    pub fn new(secret: Redacted<String>) -> Self {
        Self(secret)
    }

    /// `nonce`: the provider signs it (OpenID Connect Core §3.1.2.1).
    #[must_use]
    pub fn nonce(&self) -> String {
        BASE64URL_NOPAD.encode(&digest_parts(&[NONCE, self.0.expose().as_bytes()]))
    }

    /// `code_verifier`: 43 characters that the provider first sees with the code (RFC 7636 §4.1).
    #[must_use]
    pub fn verifier(&self) -> Redacted<String> {
        Redacted::new(BASE64URL_NOPAD.encode(&digest_parts(&[VERIFIER, self.0.expose().as_bytes()])))
    }

    /// `code_challenge`, by S256 (RFC 7636 §4.2).
    #[must_use]
    pub fn challenge(&self) -> String {
        BASE64URL_NOPAD.encode(&digest_token(self.verifier().expose()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> BrowserSecret {
        BrowserSecret::new(text.to_owned().into())
    }

    #[test]
    fn each_browser_has_its_own_and_none_tells_of_another() {
        let (one, two) = (secret("one"), secret("two"));
        assert_eq!(one.nonce(), secret("one").nonce());
        let all = [
            one.nonce(),
            one.verifier().expose().clone(),
            one.challenge(),
            two.nonce(),
            two.verifier().expose().clone(),
            two.challenge(),
        ];
        for (index, value) in all.iter().enumerate() {
            assert_eq!(value.len(), 43, "{value}");
            assert!(!all[index + 1..].contains(value), "{value}");
        }
        assert!(!format!("{one:?}").contains("one"));
    }

    #[test]
    fn the_challenge_is_the_verifiers_sha_256() {
        // RFC 7636, appendix B: the same transformation on its own verifier.
        let known = BASE64URL_NOPAD.encode(&digest_token("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert_eq!(known, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let one = secret("one");
        assert_eq!(one.challenge(), BASE64URL_NOPAD.encode(&digest_token(one.verifier().expose())));
    }
}
