//! Whether an ID token holds (OpenID Connect Core §3.1.3.7, RFC 8725).
//!
//! Nothing that the token says of itself is trusted: its algorithm must be one that we allow *and* of the
//! kind of a key that the issuer published, so that neither `none` nor a public key taken for a shared secret
//! gets anywhere. The time is the caller's: the library would ask the machine.

use core_kernel::{Redacted, Timestamp};
use jsonwebtoken::{Algorithm, crypto};
use serde::Deserialize;
use thiserror::Error;

use crate::{Identity, IssuerKeys};

/// How far two clocks may be apart.
pub const LEEWAY_SECONDS: i64 = 60;
/// A token is made when its code is exchanged: one that is older comes from elsewhere.
pub const MAX_AGE_SECONDS: i64 = 600;
/// Signatures by key pairs alone.
const ALLOWED: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// Why a token is not believed; words for a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenFault {
    /// No signed JWT.
    #[error("the ID token is no signed JWT")]
    Malformed,
    /// `none`, or a shared secret.
    #[error("the ID token's algorithm is not allowed")]
    Algorithm,
    /// No published key of this name and kind.
    #[error("the ID token's key is not among the provider's")]
    UnknownKey,
    /// It was changed, or somebody else signed it.
    #[error("the ID token's signature does not hold")]
    Signature,
    /// Another `iss`.
    #[error("the ID token is another issuer's")]
    Issuer,
    /// `aud` or `azp` is not ours.
    #[error("the ID token was made for another client")]
    Audience,
    /// It is over, not yet, or too old.
    #[error("the ID token is not valid at this time")]
    Time,
    /// Another sign-in's, or another browser's.
    #[error("the ID token answers another sign-in")]
    Nonce,
    /// Claims that must be there are not, or are of another shape.
    #[error("the ID token lacks what it must say")]
    Claims,
}

/// What a token must say.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// `iss`, to the letter.
    pub issuer: &'a str,
    /// `aud`.
    pub client_id: &'a str,
    /// `nonce`.
    pub nonce: &'a str,
    /// The time.
    pub now: Timestamp,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    #[serde(flatten)]
    identity: Identity,
}

/// A token as it came.
#[derive(Debug)]
pub struct IdToken<'a> {
    signed: &'a str,
    signature: &'a str,
    payload: &'a str,
    algorithm: Algorithm,
    kid: Option<String>,
}

impl<'a> IdToken<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// When it is no JWS in compact form, or its algorithm is not allowed.
    pub fn read(token: &'a Redacted<String>) -> Result<Self, TokenFault> {
        let text = token.expose();
        let (signed, signature) = text.rsplit_once('.').ok_or(TokenFault::Malformed)?;
        let (_, payload) = signed.split_once('.').ok_or(TokenFault::Malformed)?;
        // `none`, and whatever else the library does not know, is no header to it.
        let header = jsonwebtoken::decode_header(text).map_err(|_| TokenFault::Algorithm)?;
        if !ALLOWED.contains(&header.alg) || header.crit.is_some() {
            return Err(TokenFault::Algorithm);
        }
        Ok(Self { signed, signature, payload, algorithm: header.alg, kid: header.kid })
    }

    /// Whether these keys have one for it: if not, the issuer may have changed them.
    #[must_use]
    pub fn is_known_to(&self, keys: &IssuerKeys) -> bool {
        keys.find(self.kid.as_deref(), self.algorithm).is_some()
    }

    /// Who the token says it is, if it holds.
    ///
    /// # Errors
    /// When any of it does not.
    pub fn verify(&self, keys: &IssuerKeys, expected: &Expected<'_>) -> Result<Identity, TokenFault> {
        let key = keys.find(self.kid.as_deref(), self.algorithm).ok_or(TokenFault::UnknownKey)?;
        if !crypto::verify(self.signature, self.signed.as_bytes(), &key, self.algorithm).unwrap_or(false) {
            return Err(TokenFault::Signature);
        }
        let payload =
            data_encoding::BASE64URL_NOPAD.decode(self.payload.as_bytes()).map_err(|_| TokenFault::Malformed)?;
        let claims: Claims = serde_json::from_slice(&payload).map_err(|_| TokenFault::Claims)?;
        claims.check(expected)
    }
}

impl Claims {
    fn check(self, expected: &Expected<'_>) -> Result<Identity, TokenFault> {
        if self.iss != expected.issuer {
            return Err(TokenFault::Issuer);
        }
        if !self.is_meant_for(expected.client_id) {
            return Err(TokenFault::Audience);
        }
        if !self.holds_at(expected.now.timestamp()) {
            return Err(TokenFault::Time);
        }
        if self.nonce.as_deref() != Some(expected.nonce) {
            return Err(TokenFault::Nonce);
        }
        if self.identity.is_well_formed() { Ok(self.identity) } else { Err(TokenFault::Claims) }
    }

    /// Ours, and where others may use it too, made for us.
    fn is_meant_for(&self, client: &str) -> bool {
        let (is_named, alone) = match &self.aud {
            Audience::One(one) => (one == client, true),
            Audience::Many(many) => (many.iter().any(|one| one == client), many.len() == 1),
        };
        let authorized = match &self.azp {
            Some(party) => party == client,
            None => alone,
        };
        is_named && authorized
    }

    fn holds_at(&self, now: i64) -> bool {
        let begun = self.iat <= now.saturating_add(LEEWAY_SECONDS)
            && self.nbf.is_none_or(|nbf| nbf <= now.saturating_add(LEEWAY_SECONDS));
        let over = self.exp <= now.saturating_sub(LEEWAY_SECONDS);
        let young = self.iat > now.saturating_sub(MAX_AGE_SECONDS + LEEWAY_SECONDS);
        begun && !over && young
    }
}

#[cfg(test)]
#[path = "id_token_tests.rs"]
mod tests;
