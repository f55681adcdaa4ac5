//! Assertions: what lets somebody in.

use chrono::{DateTime, TimeDelta};
use core_crypto::{AssertionClaims, FirstFactorProof, Jwks, Proof, SigningKey, verify_assertion};
use core_kernel::{LoginId, SeededEntropy, TenantId, Timestamp};
use data_encoding::BASE64URL_NOPAD;
use fuzz::Source;
use serde_json::{Value, json};
use uuid::Uuid;

const ISSUER: &str = "https://id.example";
const TENANT: TenantId = TenantId(Uuid::from_u128(1));

/// What holds: what was signed verifies within its time and never outside, for its tenant and issuer alone; nothing
/// that differs from it in a single byte verifies, and no text that was signed by nobody, whatever its header claims.
pub(super) fn assertions(source: &mut Source<'_>) {
    let ours = SigningKey::generate(&SeededEntropy::new(1));
    let keys = Jwks { keys: vec![ours.public_jwk().clone()] };
    let completed = DateTime::from_timestamp(1_790_000_000, 0).expect("a time");
    let claims = claims(source, completed);
    let token = ours.sign(&claims).expect("claims can be signed");

    let after = i64::from(source.number() as i32 >> source.below(32));
    let now = completed + TimeDelta::seconds(after);
    let verified = verify_assertion(&token, &keys, ISSUER, TENANT, now);
    assert_eq!(verified.is_ok(), (-30..330).contains(&after), "{after} s later");
    assert!(verified.is_err() || verified == Ok(claims.clone()), "what was signed is what is read");

    refused(&token, &keys, "https://id.example.evil", TENANT, completed);
    refused(&token, &keys, ISSUER, TenantId(Uuid::from_u128(2)), completed);
    let changed = source.mutated(token.as_bytes());
    if changed != token.as_bytes() {
        refused(&String::from_utf8_lossy(&changed), &keys, ISSUER, TENANT, completed);
    }
    let theirs = SigningKey::generate(&SeededEntropy::new(2));
    refused(&theirs.sign(&claims).expect("claims can be signed"), &keys, ISSUER, TENANT, completed);
    refused(&forged(source, ours.kid(), &claims, &token), &keys, ISSUER, TENANT, completed);
}

fn claims(source: &mut Source<'_>, completed: Timestamp) -> AssertionClaims {
    let proofs = [None, Some(Proof::Sms), Some(Proof::Totp), Some(Proof::Passkey), Some(Proof::Email)];
    AssertionClaims::new(
        ISSUER,
        TENANT,
        &source.text("ann\"\\.@é", 12),
        LoginId(Uuid::from_u128(u128::from(source.number()))),
        completed,
    )
    .with_proofs(FirstFactorProof::Password, *source.pick(&proofs))
    .with_decision(["HIGH_LEVEL"], i32::from(source.byte()))
}

fn refused(token: &str, keys: &Jwks, issuer: &str, tenant: TenantId, now: Timestamp) {
    let verified = verify_assertion(token, keys, issuer, tenant, now);
    assert!(verified.is_err(), "{token} is believed");
}

/// A token whose parts were chosen by somebody without a key: headers of all kinds, better claims, and the signature
/// of the true token, or none.
fn forged(source: &mut Source<'_>, kid: &str, claims: &AssertionClaims, token: &str) -> String {
    let (true_head, rest) = token.split_once('.').expect("three parts");
    let (_, true_signature) = rest.split_once('.').expect("three parts");
    let algorithm = *source.pick(&["none", "HS256", "EdDSA", "eddsa", "RS256", "ES256", ""]);
    let mut head = json!({ "typ": "JWT", "alg": algorithm, "kid": kid });
    let odd = *source.pick(&["crit", "jwk", "jku", "x5u", "b64", "zip", "kid"]);
    head[odd] = [json!(["b64"]), json!({ "kty": "oct", "k": "" }), json!(false), json!(kid), Value::Null]
        [source.below(5)]
    .clone();
    let mut better = json!(claims);
    better["sub"] = json!(format!("{} too", claims.sub));
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let head = if source.once_in(2) { true_head.to_owned() } else { part(&head) };
    let signature = *source.pick(&["", "AAAA", true_signature, true_signature]);
    format!("{head}.{}.{signature}{}", part(&better), source.pick(&["", "", ".", ".AAAA"]))
}
