//! Tokens that stand for somebody by themselves: API keys, sessions, one-time links, trusted devices.
//!
//! All have 256 random bits, so a plain SHA-256 is enough to store sessions and links by. API keys
//! live for up to a year and are looked up across tenants; theirs is an HMAC under the ring's pepper,
//! so that a copy of the table cannot even be searched for a key found elsewhere.

use core_kernel::{Entropy, Redacted};
use data_encoding::BASE64URL_NOPAD;

use crate::keyring::{KeyPurpose, KeyRing};
use crate::mac::sha256;

/// What a trusted device's token begins with.
pub const DEVICE_TOKEN_PREFIX: &str = "postern_device";

const SECRET_BYTES: usize = 32;
/// 32 bytes as base64url without padding.
pub(crate) const SECRET_CHARS: usize = 43;
/// How much of a key's random part is shown to recognise it by: 36 of 256 bits.
const SHOWN_CHARS: usize = 6;

fn random_text(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; SECRET_BYTES];
    entropy.fill(&mut bytes);
    BASE64URL_NOPAD.encode(&bytes)
}

/// A session's, link's or device's secret: `prefix_` and 43 characters of base64url.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretToken(Redacted<String>);

impl SecretToken {
    /// A new token; the prefix tells a person, and a scanner for leaked secrets, what it is.
    #[must_use]
    pub fn generate(prefix: &str, entropy: &dyn Entropy) -> Self {
        Self(Redacted::new(format!("{prefix}_{}", random_text(entropy))))
    }

    /// The text to hand out.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What is stored in its place.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        digest_token(self.expose())
    }
}

/// SHA-256 of a session's, link's or device's token, by which it is stored and found.
#[must_use]
pub fn digest_token(token: &str) -> [u8; 32] {
    sha256(token.as_bytes())
}

/// Whose credential an API key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ApiKeyKind {
    /// Of a LIVE tenant.
    Live,
    /// Of a SANDBOX tenant.
    Sandbox,
    /// Of a partner.
    Partner,
}

impl ApiKeyKind {
    const ALL: [Self; 3] = [Self::Live, Self::Sandbox, Self::Partner];

    fn prefix(self) -> &'static str {
        match self {
            Self::Live => "postern_live_",
            Self::Sandbox => "postern_sandbox_",
            Self::Partner => "postern_partner_",
        }
    }
}

/// An integrator's credential, e.g. `postern_live_` and 43 characters of base64url.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeySecret {
    kind: ApiKeyKind,
    text: Redacted<String>,
}

impl ApiKeySecret {
    /// A new key.
    #[must_use]
    pub fn generate(kind: ApiKeyKind, entropy: &dyn Entropy) -> Self {
        Self { kind, text: Redacted::new(format!("{}{}", kind.prefix(), random_text(entropy))) }
    }

    /// Reads a presented key; `None` for what is none, so that it costs no look-up.
    #[must_use]
    pub fn parse(presented: &str) -> Option<Self> {
        let kind = ApiKeyKind::ALL.into_iter().find(|kind| presented.starts_with(kind.prefix()))?;
        let secret = &presented[kind.prefix().len()..];
        let well_formed = secret.len() == SECRET_CHARS && BASE64URL_NOPAD.decode(secret.as_bytes()).is_ok();
        well_formed.then(|| Self { kind, text: Redacted::new(presented.to_owned()) })
    }

    /// Whose it claims to be; what it may do is the store's to say.
    #[must_use]
    pub fn kind(&self) -> ApiKeyKind {
        self.kind
    }

    /// The text to hand out, once.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// The first characters, enough to recognise the key by and not to use it.
    #[must_use]
    pub fn shown_prefix(&self) -> &str {
        &self.expose()[..self.kind.prefix().len() + SHOWN_CHARS]
    }

    /// The digest to store, with the number of the pepper that made it.
    #[must_use]
    pub fn digest(&self, ring: &KeyRing) -> (i16, [u8; 32]) {
        let key = ring.current(KeyPurpose::Pepper);
        (key.id(), key.mac(&[b"postern api key", self.expose().as_bytes()]))
    }
}

/// The digests under which a presented key may be stored: one for each pepper, the current first.
#[must_use]
pub fn api_key_digests(ring: &KeyRing, key: &ApiKeySecret) -> Vec<(i16, [u8; 32])> {
    let text = key.expose().as_bytes();
    let peppers = ring.all(KeyPurpose::Pepper).iter();
    peppers.map(|pepper| (pepper.id(), pepper.mac(&[b"postern api key", text]))).collect()
}

#[cfg(test)]
mod tests {
    use core_kernel::SeededEntropy;

    use super::*;

    #[test]
    fn keys_say_what_they_are_and_read_back() {
        let entropy = SeededEntropy::new(1);
        for (kind, prefix) in [
            (ApiKeyKind::Live, "postern_live_"),
            (ApiKeyKind::Sandbox, "postern_sandbox_"),
            (ApiKeyKind::Partner, "postern_partner_"),
        ] {
            let key = ApiKeySecret::generate(kind, &entropy);
            assert!(key.expose().starts_with(prefix) && key.expose().len() == prefix.len() + 43, "{}", key.expose());
            assert!(key.expose().starts_with(key.shown_prefix()));
            assert_eq!(key.shown_prefix().len(), prefix.len() + 6);
            assert_eq!(ApiKeySecret::parse(key.expose()), Some(key.clone()));
            assert_eq!(key.kind(), kind);
        }
    }

    #[test]
    fn other_texts_are_no_keys() {
        let key = ApiKeySecret::generate(ApiKeyKind::Live, &SeededEntropy::new(1));
        let text = key.expose();
        for bad in [
            "",
            "postern_live_",
            &text[1..],
            &text[..text.len() - 1],
            &format!("{text}A"),
            &format!(" {text}"),
            &text.to_uppercase(),
            &format!("{}é", &text[..text.len() - 2]),
            &format!("postern_test_{}", &text[13..]),
        ] {
            assert_eq!(ApiKeySecret::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn digests_depend_on_key_and_pepper() {
        let entropy = SeededEntropy::new(1);
        let (one, two) = (KeyRing::generate(&entropy), KeyRing::generate(&entropy));
        let key = ApiKeySecret::generate(ApiKeyKind::Live, &entropy);
        let other = ApiKeySecret::generate(ApiKeyKind::Live, &entropy);
        assert_eq!(api_key_digests(&one, &key), [key.digest(&one)]);
        assert_ne!(key.digest(&one), key.digest(&two));
        assert_ne!(key.digest(&one), other.digest(&one));
    }

    #[test]
    fn tokens_are_stored_by_their_hash() {
        let token = SecretToken::generate("link", &SeededEntropy::new(1));
        assert!(token.expose().starts_with("link_") && token.expose().len() == 48);
        assert_eq!(token.digest(), digest_token(token.expose()));
        assert_ne!(token.digest(), SecretToken::generate("link", &SeededEntropy::new(2)).digest());
    }

    #[test]
    fn secrets_do_not_print() {
        let entropy = SeededEntropy::new(1);
        assert_eq!(format!("{:?}", SecretToken::generate("link", &entropy)), "SecretToken([redacted])");
        let key = ApiKeySecret::generate(ApiKeyKind::Live, &entropy);
        assert_eq!(format!("{key:?}"), "ApiKeySecret { kind: Live, text: [redacted] }");
    }
}
