//! Signed statements other than assertions, by the same keys.
//!
//! Each kind has a `typ` of its own, and is read as nothing else (RFC 8725 §3.11): what says that a log is
//! complete lets nobody in, and the other way round.

use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::assertion::AssertionError;
use crate::signing::{Jwks, SigningKey, SigningKeyError, encoded};

impl SigningKey {
    /// Signs a statement of the kind `typ`: a JWT in compact form, `alg` EdDSA.
    ///
    /// # Errors
    /// When the claims cannot be written.
    pub fn sign_statement(&self, typ: &str, claims: &impl Serialize) -> Result<String, SigningKeyError> {
        let header =
            Header { kid: Some(self.kid().to_owned()), typ: Some(typ.to_owned()), ..Header::new(Algorithm::EdDSA) };
        self.sign_compact(encoded(&header)? + ".", claims)
    }
}

/// Reads a statement of the kind `typ` that one of these keys signed. What its claims mean, times included,
/// is the caller's to judge.
///
/// # Errors
/// When it is of another kind, its key is not in the set, or it was changed.
pub fn verify_statement<T: DeserializeOwned + Clone>(token: &str, typ: &str, keys: &Jwks) -> Result<T, AssertionError> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| AssertionError::Malformed)?;
    if header.alg != Algorithm::EdDSA || header.crit.is_some() || header.typ.as_deref() != Some(typ) {
        return Err(AssertionError::Malformed);
    }
    let kid = header.kid.ok_or(AssertionError::Malformed)?;
    let jwk = keys.find(&kid).ok_or(AssertionError::UnknownKey)?;
    let key = DecodingKey::from_ed_components(&jwk.x).map_err(|_| AssertionError::UnknownKey)?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    Ok(jsonwebtoken::decode::<T>(token, &key, &validation).map_err(|_| AssertionError::Refused)?.claims)
}

#[cfg(test)]
mod tests {
    use core_kernel::{SeededEntropy, TenantId};
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::verify_assertion;

    const TYP: &str = "test+jwt";

    fn key(seed: u64) -> SigningKey {
        SigningKey::generate(&SeededEntropy::new(seed))
    }

    fn set(key: &SigningKey) -> Jwks {
        Jwks { keys: vec![key.public_jwk().clone()] }
    }

    fn read(token: &str, typ: &str, keys: &Jwks) -> Result<Value, AssertionError> {
        verify_statement(token, typ, keys)
    }

    #[test]
    fn what_was_signed_reads_back_as_its_own_kind_alone() {
        let (ours, theirs) = (key(1), key(2));
        let token = ours.sign_statement(TYP, &json!({ "seq": 7 })).unwrap();
        assert_eq!(read(&token, TYP, &set(&ours)), Ok(json!({ "seq": 7 })));
        assert_eq!(read(&token, "JWT", &set(&ours)), Err(AssertionError::Malformed));
        assert_eq!(read(&token, TYP, &set(&theirs)), Err(AssertionError::UnknownKey));
        assert_eq!(read("", TYP, &set(&ours)), Err(AssertionError::Malformed));
    }

    #[test]
    fn whatever_is_changed_is_refused() {
        let ours = key(1);
        let token = ours.sign_statement(TYP, &json!({ "seq": 7 })).unwrap();
        let other = ours.sign_statement(TYP, &json!({ "seq": 8 })).unwrap();
        let (signed, _) = token.rsplit_once('.').unwrap();
        let (_, signature) = other.rsplit_once('.').unwrap();
        assert_eq!(read(&format!("{signed}.{signature}"), TYP, &set(&ours)), Err(AssertionError::Refused));
    }

    #[test]
    fn a_statement_lets_nobody_in() {
        let ours = key(1);
        let tenant = TenantId(Uuid::from_u128(1));
        let now = chrono::DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let claims = json!({ "iss": "https://id.example", "sub": "ann", "iat": now.timestamp() });
        let token = ours.sign_statement(TYP, &claims).unwrap();
        assert!(verify_assertion(&token, &set(&ours), "https://id.example", tenant, now).is_err());
    }
}
