//! An issuer's public keys (RFC 7517).

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

/// More keys than any issuer needs.
const MAX_KEYS: usize = 50;

/// The keys cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("What the provider publishes as its keys is no set of keys.")]
pub struct KeysFault;

#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

/// What an issuer signs with, as far as we can verify it.
#[derive(Debug, Clone, Default)]
pub struct IssuerKeys(Vec<Jwk>);

impl IssuerKeys {
    /// Reads a set. Keys of kinds that we do not know, or that are for something else, are passed over.
    ///
    /// # Errors
    /// When it is no set of keys.
    pub fn read(published: &[u8]) -> Result<Self, KeysFault> {
        let published: Published = serde_json::from_slice(published).map_err(|_| KeysFault)?;
        let keys = published.keys.into_iter().take(MAX_KEYS).filter_map(|key| serde_json::from_value(key).ok());
        Ok(Self(keys.filter(signs).collect()))
    }

    /// The key of this name for this algorithm. Without a name there must be one alone that fits.
    #[must_use]
    pub fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
        let mut fitting =
            self.0.iter().filter(|key| fits(key, algorithm) && (kid.is_none() || key.common.key_id.as_deref() == kid));
        let key = fitting.next()?;
        if fitting.next().is_some() {
            return None;
        }
        DecodingKey::from_jwk(key).ok()
    }
}

fn signs(key: &Jwk) -> bool {
    matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature))
}

/// Whether a key may verify this algorithm: by its kind, which no token chooses, and by its own word where it
/// says for what it is. A public key is never taken for a shared secret.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let by_kind = match (&key.algorithm, algorithm) {
        (AlgorithmParameters::RSA(_), Algorithm::RS256 | Algorithm::RS384 | Algorithm::RS512)
        | (AlgorithmParameters::RSA(_), Algorithm::PS256 | Algorithm::PS384 | Algorithm::PS512) => true,
        (AlgorithmParameters::EllipticCurve(key), Algorithm::ES256) => key.curve == EllipticCurve::P256,
        (AlgorithmParameters::EllipticCurve(key), Algorithm::ES384) => key.curve == EllipticCurve::P384,
        (AlgorithmParameters::OctetKeyPair(key), Algorithm::EdDSA) => key.curve == EllipticCurve::Ed25519,
        _ => false,
    };
    by_kind && key.common.key_algorithm.is_none_or(|own| name(own) == name(algorithm))
}

/// As it is written in a token and in a set of keys alike.
fn name(algorithm: impl Serialize) -> Option<String> {
    serde_json::to_value(algorithm).ok()?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rsa(kid: &str) -> Value {
        json!({ "kty": "RSA", "kid": kid, "n": "sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri23bOdgWp4Dy1WlUzewbgBHod5pcM9H95GQRV3JDXboIRROSBigeC5yjU1hGzHHyXss8UDprecbAYxknTcQkhslANGRUZmdTOQ5qTRsLAt6BTYuyvVRdhS8exSZEy_c4gs_7svlJJQ4H9_NxsiIoLwAEk7-Q3UXERGYw_75IDrGA84-lA_-Ct4eTlXHBIY2EaV7t7LjJaynVJCpkv4LKjTTAumiGUIuQhrNhZLuF_RJLqHpM2kgWFLU7-VTdL1VbC2tejvcI2BlMkEpk1BzBZI0KQB0GaDWFLN-aEAw3vRw", "e": "AQAB" })
    }

    fn set(keys: &[Value]) -> IssuerKeys {
        IssuerKeys::read(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_public_key_is_no_shared_secret() {
        let keys = set(&[rsa("a"), json!({ "kty": "oct", "kid": "b", "k": "c2VjcmV0" })]);
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512, Algorithm::ES256, Algorithm::EdDSA] {
            assert!(
                keys.find(Some("a"), algorithm).is_none() && keys.find(Some("b"), algorithm).is_none(),
                "{algorithm:?}"
            );
        }
        assert!(keys.find(Some("a"), Algorithm::RS256).is_some() && keys.find(Some("a"), Algorithm::PS256).is_some());
    }

    #[test]
    fn a_key_is_used_for_what_it_says_it_is_for() {
        let mut encrypts = rsa("a");
        encrypts["use"] = json!("enc");
        assert!(set(&[encrypts]).find(Some("a"), Algorithm::RS256).is_none());
        let mut own = rsa("a");
        own["alg"] = json!("RS512");
        let keys = set(&[own]);
        assert!(keys.find(Some("a"), Algorithm::RS256).is_none() && keys.find(Some("a"), Algorithm::RS512).is_some());
    }

    #[test]
    fn without_a_name_there_must_be_one_alone() {
        assert!(set(&[rsa("a")]).find(None, Algorithm::RS256).is_some());
        let two = set(&[rsa("a"), rsa("b")]);
        assert!(two.find(None, Algorithm::RS256).is_none() && two.find(Some("b"), Algorithm::RS256).is_some());
        assert!(two.find(Some("c"), Algorithm::RS256).is_none());
        assert!(set(&[rsa("a"), rsa("a")]).find(Some("a"), Algorithm::RS256).is_none(), "two of a name are no key");
    }

    #[test]
    fn what_is_not_understood_is_passed_over() {
        let strange = json!({ "kty": "EC", "kid": "k", "crv": "secp256k1", "x": "AA", "y": "AA" });
        assert!(set(&[strange, json!("text"), rsa("a")]).find(Some("a"), Algorithm::RS256).is_some());
        assert!(IssuerKeys::read(b"{}").is_err() && IssuerKeys::read(b"<html>").is_err());
    }
}
