//! Verifying assertions, as an integrator does it: for the demo site, and to prove what we sign.
//!
//! Nothing that the token says about itself is trusted: the algorithm is EdDSA whatever its header
//! claims, the key is one of a fixed set, and every claim must be there (RFC 8725). The time is the
//! caller's: the library would ask the machine.

use core_kernel::{TenantId, Timestamp, TypedId};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use thiserror::Error;

use crate::claims::{ASSERTION_LIFETIME_SECONDS, AssertionClaims};
use crate::signing::Jwks;

/// How far two clocks may be apart, in seconds.
pub const VERIFY_LEEWAY_SECONDS: i64 = 30;

/// Why an assertion is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AssertionError {
    /// Not a JWT of ours: another algorithm, no `kid`, critical extensions.
    #[error("this is no assertion")]
    Malformed,
    /// Its key is not in the set.
    #[error("the assertion names an unknown key")]
    UnknownKey,
    /// Signature or claims do not hold.
    #[error("the assertion is forged, meant for somebody else, or incomplete")]
    Refused,
    /// It is over, or not yet.
    #[error("the assertion is not valid at this time")]
    OutOfTime,
}

/// Verifies an assertion of `issuer` for `tenant` at `now`.
///
/// Whether its `jti` was seen before, and whether its `acr_rank` is enough, is the caller's to check.
///
/// # Errors
/// When any of it does not hold.
pub fn verify_assertion(
    token: &str,
    keys: &Jwks,
    issuer: &str,
    tenant: TenantId,
    now: Timestamp,
) -> Result<AssertionClaims, AssertionError> {
    let key = key_of(token, keys)?;
    let claims = jsonwebtoken::decode::<AssertionClaims>(token, &key, &validation(issuer, tenant))
        .map_err(|_| AssertionError::Refused)?
        .claims;
    if claims.acr_rank != claims.acr.rank() {
        return Err(AssertionError::Refused);
    }
    check_time(&claims, now.timestamp())?;
    Ok(claims)
}

fn key_of(token: &str, keys: &Jwks) -> Result<DecodingKey, AssertionError> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| AssertionError::Malformed)?;
    if header.alg != Algorithm::EdDSA || header.crit.is_some() {
        return Err(AssertionError::Malformed);
    }
    let kid = header.kid.ok_or(AssertionError::Malformed)?;
    let jwk = keys.find(&kid).ok_or(AssertionError::UnknownKey)?;
    DecodingKey::from_ed_components(&jwk.x).map_err(|_| AssertionError::UnknownKey)
}

fn validation(issuer: &str, tenant: TenantId) -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[tenant.to_text()]);
    validation.validate_exp = false;
    validation
}

fn check_time(claims: &AssertionClaims, now: i64) -> Result<(), AssertionError> {
    let begun = claims.iat <= now.saturating_add(VERIFY_LEEWAY_SECONDS);
    let over = claims.exp <= now.saturating_sub(VERIFY_LEEWAY_SECONDS);
    let short = claims.exp.saturating_sub(claims.iat) <= ASSERTION_LIFETIME_SECONDS;
    if begun && !over && short { Ok(()) } else { Err(AssertionError::OutOfTime) }
}

#[cfg(test)]
#[path = "assertion_tests.rs"]
mod tests;
