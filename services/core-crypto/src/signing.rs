//! The Ed25519 keys of assertions (RFC 8037), and the public set that integrators fetch.
//!
//! A key's `kid` is the thumbprint of its public half (RFC 7638), so that no two keys ever share one.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use core_kernel::Entropy;
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, Header};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::claims::AssertionClaims;
use crate::mac::sha256;

const SEED_LEN: usize = 32;

/// Stored bytes that are no key, or a signature that could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the signing key cannot be read or used")]
pub struct SigningKeyError;

/// A key that signs assertions. Cheap to clone.
#[derive(Clone)]
pub struct SigningKey(Arc<Inner>);

struct Inner {
    pkcs8: Zeroizing<Vec<u8>>,
    /// Read once: reading a key computes its public half, which costs as much as a signature.
    pair: Ed25519KeyPair,
    /// The header of every token that it signs, encoded, with the dot after it.
    header: String,
    jwk: Jwk,
}

impl SigningKey {
    /// A new key.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut seed = Zeroizing::new([0; SEED_LEN]);
        entropy.fill(&mut *seed);
        let pair = Ed25519KeyPair::from_seed_unchecked(&*seed).expect("any 32 bytes are a seed");
        let document = pair.to_pkcs8().expect("a key pair that was just made can be written");
        Self::from_pkcs8(document.as_ref()).expect("a key pair that was just written can be read")
    }

    /// Reads a key as it was sealed (PKCS #8, RFC 5958).
    ///
    /// # Errors
    /// When the bytes are no Ed25519 key, or its two halves do not belong together.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, SigningKeyError> {
        let pair = Ed25519KeyPair::from_pkcs8(der).map_err(|_| SigningKeyError)?;
        let jwk = Jwk::of(pair.public_key().as_ref());
        let header = encoded_header(&jwk.kid)?;
        Ok(Self(Arc::new(Inner { pkcs8: Zeroizing::new(der.to_vec()), pair, header, jwk })))
    }

    /// The private key, to be sealed.
    #[must_use]
    pub fn to_pkcs8(&self) -> &[u8] {
        &self.0.pkcs8
    }

    /// The key's name in tokens and in the published set.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.0.jwk.kid
    }

    /// The public half.
    #[must_use]
    pub fn public_jwk(&self) -> &Jwk {
        &self.0.jwk
    }

    /// Signs an assertion: a JWT in compact form (RFC 7519, RFC 7515 §7.1), `alg` EdDSA.
    ///
    /// # Errors
    /// When the claims cannot be written; then nobody is let in.
    pub fn sign(&self, claims: &AssertionClaims) -> Result<String, SigningKeyError> {
        self.sign_compact(self.0.header.clone(), claims)
    }

    /// Appends claims and signature to an encoded header with its dot.
    pub(crate) fn sign_compact(&self, mut token: String, claims: &impl Serialize) -> Result<String, SigningKeyError> {
        let payload = serde_json::to_vec(claims).map_err(|_| SigningKeyError)?;
        BASE64URL_NOPAD.encode_append(&payload, &mut token);
        let signature = self.0.pair.sign(token.as_bytes());
        token.push('.');
        BASE64URL_NOPAD.encode_append(signature.as_ref(), &mut token);
        Ok(token)
    }
}

fn encoded_header(kid: &str) -> Result<String, SigningKeyError> {
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::EdDSA) };
    Ok(encoded(&header)? + ".")
}

/// A header as it stands in a token.
pub(crate) fn encoded(header: &Header) -> Result<String, SigningKeyError> {
    let json = serde_json::to_vec(header).map_err(|_| SigningKeyError)?;
    Ok(BASE64URL_NOPAD.encode(&json))
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, [redacted])", self.kid())
    }
}

/// A public key (RFC 7517, RFC 8037).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// `OKP`.
    pub kty: String,
    /// `Ed25519`.
    pub crv: String,
    /// The key, base64url.
    pub x: String,
    /// Its name.
    pub kid: String,
    /// `sig`.
    #[serde(rename = "use")]
    pub usage: String,
    /// `EdDSA`.
    pub alg: String,
}

impl Jwk {
    fn of(public_key: &[u8]) -> Self {
        let x = BASE64URL_NOPAD.encode(public_key);
        // RFC 7638 §3: the required members, in this order, without white space.
        let thumbprint = sha256(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#).as_bytes());
        Self {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            x,
            kid: BASE64URL_NOPAD.encode(&thumbprint),
            usage: "sig".to_owned(),
            alg: "EdDSA".to_owned(),
        }
    }
}

/// The published set: every key whose assertions are to be believed, those not yet signing included.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwks {
    /// The keys.
    pub keys: Vec<Jwk>,
}

impl Jwks {
    /// The key of this name; nothing but the set itself is ever asked for one.
    #[must_use]
    pub fn find(&self, kid: &str) -> Option<&Jwk> {
        self.keys.iter().find(|key| key.kid == kid)
    }
}

#[cfg(test)]
mod tests {
    use core_kernel::SeededEntropy;

    use super::*;

    /// RFC 8037, appendix A.2 and A.3: the key of RFC 8032 and its thumbprint.
    #[test]
    fn the_thumbprint_of_rfc_8037() {
        let x = BASE64URL_NOPAD.decode(b"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        assert_eq!(Jwk::of(&x).kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_key_survives_being_stored() {
        let key = SigningKey::generate(&SeededEntropy::new(1));
        let read = SigningKey::from_pkcs8(key.to_pkcs8()).unwrap();
        assert_eq!(read.public_jwk(), key.public_jwk());
        assert_eq!(SigningKey::from_pkcs8(&key.to_pkcs8()[1..]).unwrap_err(), SigningKeyError);
        assert_ne!(SigningKey::generate(&SeededEntropy::new(2)).kid(), key.kid());
    }

    #[test]
    fn the_public_set_holds_nothing_private() {
        let key = SigningKey::generate(&SeededEntropy::new(1));
        let set = serde_json::to_value(Jwks { keys: vec![key.public_jwk().clone()] }).unwrap();
        let jwk = set["keys"][0].as_object().unwrap();
        let mut members: Vec<&str> = jwk.keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x"]);
        assert_eq!((&jwk["kty"], &jwk["crv"], &jwk["use"]), (&"OKP".into(), &"Ed25519".into(), &"sig".into()));
        assert_eq!(BASE64URL_NOPAD.decode(jwk["x"].as_str().unwrap().as_bytes()).unwrap().len(), 32);
    }

    #[test]
    fn keys_do_not_print() {
        let key = SigningKey::generate(&SeededEntropy::new(1));
        assert_eq!(format!("{key:?}"), format!("SigningKey({}, [redacted])", key.kid()));
    }
}
