use aws_lc_rs::hmac;
use chrono::DateTime;
use core_kernel::{LoginId, SeededEntropy};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::claims::{FirstFactorProof, Proof};
use crate::signing::SigningKey;

const ISSUER: &str = "https://id.example";
const TENANT: TenantId = TenantId(Uuid::from_u128(1));
const COMPLETED: i64 = 1_790_000_000;

fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn key(seed: u64) -> SigningKey {
    SigningKey::generate(&SeededEntropy::new(seed))
}

fn set(keys: &[&SigningKey]) -> Jwks {
    Jwks { keys: keys.iter().map(|key| key.public_jwk().clone()).collect() }
}

fn claims() -> AssertionClaims {
    AssertionClaims::new(ISSUER, TENANT, "ann", LoginId(Uuid::from_u128(2)), at(COMPLETED))
        .with_proofs(FirstFactorProof::Password, Some(Proof::Totp))
        .with_decision(["HIGH_LEVEL"], 3)
}

fn verify(token: &str, keys: &Jwks) -> Result<AssertionClaims, AssertionError> {
    verify_assertion(token, keys, ISSUER, TENANT, at(COMPLETED))
}

/// A token with any header and claims, properly signed with Ed25519.
fn forge(header: &Value, claims: &Value, signer: &SigningKey) -> String {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let message = format!("{}.{}", part(header), part(claims));
    let pair = aws_lc_rs::signature::Ed25519KeyPair::from_pkcs8(signer.to_pkcs8()).unwrap();
    format!("{message}.{}", BASE64URL_NOPAD.encode(pair.sign(message.as_bytes()).as_ref()))
}

fn header(signer: &SigningKey) -> Value {
    json!({"typ": "JWT", "alg": "EdDSA", "kid": signer.kid()})
}

/// The library panics at its first use when it has no cryptography: this is that first use.
#[test]
fn what_is_signed_verifies() {
    let signer = key(1);
    let token = signer.sign(&claims()).unwrap();
    assert_eq!(verify(&token, &set(&[&key(2), &signer])), Ok(claims()));
    let head: Value =
        serde_json::from_slice(&BASE64URL_NOPAD.decode(token.split('.').next().unwrap().as_bytes()).unwrap()).unwrap();
    assert_eq!(head, header(&signer));
    assert_eq!(forge(&header(&signer), &json!(claims()), &signer).split('.').count(), 3);
    assert!(verify(&forge(&header(&signer), &json!(claims()), &signer), &set(&[&signer])).is_ok());
}

#[test]
fn a_key_outside_the_set_is_not_believed() {
    let (ours, theirs) = (key(1), key(2));
    let token = theirs.sign(&claims()).unwrap();
    assert_eq!(verify(&token, &set(&[&ours])), Err(AssertionError::UnknownKey));
    // Signed by another key under the name of ours.
    let token = forge(&header(&ours), &json!(claims()), &theirs);
    assert_eq!(verify(&token, &set(&[&ours])), Err(AssertionError::Refused));
    // The token brings its own key along.
    let mut head = header(&theirs);
    head["jwk"] = json!(theirs.public_jwk());
    assert!(verify(&forge(&head, &json!(claims()), &theirs), &set(&[&ours])).is_err());
    head.as_object_mut().unwrap().remove("kid");
    assert_eq!(verify(&forge(&head, &json!(claims()), &theirs), &set(&[&ours])), Err(AssertionError::Malformed));
}

#[test]
fn no_other_algorithm_is_accepted() {
    let signer = key(1);
    let with_alg = |alg: &str| {
        let part = |value: Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let head = json!({"typ": "JWT", "alg": alg, "kid": signer.kid()});
        format!("{}.{}", part(head), part(json!(claims())))
    };
    for alg in ["none", "None", "", "HS256", "RS256", "ES256"] {
        for signature in ["", "AAAA"] {
            let token = format!("{}.{signature}", with_alg(alg));
            assert_eq!(verify(&token, &set(&[&signer])), Err(AssertionError::Malformed), "{alg}");
        }
    }
    // The public key taken for the secret of an HMAC.
    let x = BASE64URL_NOPAD.decode(signer.public_jwk().x.as_bytes()).unwrap();
    let message = with_alg("HS256");
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &x), message.as_bytes());
    let token = format!("{message}.{}", BASE64URL_NOPAD.encode(tag.as_ref()));
    assert_eq!(verify(&token, &set(&[&signer])), Err(AssertionError::Malformed));
}

#[test]
fn unknown_critical_extensions_are_refused() {
    let signer = key(1);
    let mut head = header(&signer);
    head["crit"] = json!(["b64"]);
    assert_eq!(verify(&forge(&head, &json!(claims()), &signer), &set(&[&signer])), Err(AssertionError::Malformed));
}

#[test]
fn time_is_the_callers_with_thirty_seconds_of_grace() {
    let signer = key(1);
    let token = signer.sign(&claims()).unwrap();
    let keys = set(&[&signer]);
    let verify_at = |seconds| verify_assertion(&token, &keys, ISSUER, TENANT, at(COMPLETED + seconds)).map(|_| ());
    for inside in [-30, 0, 299, 329] {
        assert_eq!(verify_at(inside), Ok(()), "{inside}");
    }
    for outside in [-31, -300, 330, 100_000] {
        assert_eq!(verify_at(outside), Err(AssertionError::OutOfTime), "{outside}");
    }
}

#[test]
fn a_life_longer_than_ours_is_not_ours() {
    let signer = key(1);
    let claims = AssertionClaims { exp: COMPLETED + 86_400, ..claims() };
    assert_eq!(verify(&signer.sign(&claims).unwrap(), &set(&[&signer])), Err(AssertionError::OutOfTime));
}

#[test]
fn another_tenants_assertion_is_not_ours() {
    let signer = key(1);
    let keys = set(&[&signer]);
    let token = signer.sign(&claims()).unwrap();
    let other = TenantId(Uuid::from_u128(9));
    assert_eq!(verify_assertion(&token, &keys, ISSUER, other, at(COMPLETED)), Err(AssertionError::Refused));
    let elsewhere = verify_assertion(&token, &keys, "https://evil.example", TENANT, at(COMPLETED));
    assert_eq!(elsewhere, Err(AssertionError::Refused));
}

#[test]
fn every_claim_is_required_and_of_its_type() {
    let signer = key(1);
    let keys = set(&[&signer]);
    let complete = json!(claims());
    for name in complete.as_object().unwrap().keys() {
        let mut missing = complete.clone();
        missing.as_object_mut().unwrap().remove(name);
        assert_eq!(verify(&forge(&header(&signer), &missing, &signer), &keys), Err(AssertionError::Refused), "{name}");
        let mut null = complete.clone();
        null[name] = Value::Null;
        assert_eq!(verify(&forge(&header(&signer), &null, &signer), &keys), Err(AssertionError::Refused), "{name}");
    }
    for (name, value) in [
        ("exp", json!((COMPLETED + 300).to_string())),
        ("aud", json!([TENANT.to_text()])),
        ("acr", json!("postern:3fa")),
        ("acr_rank", json!(40)),
    ] {
        let mut changed = complete.clone();
        changed[name] = value;
        assert_eq!(verify(&forge(&header(&signer), &changed, &signer), &keys), Err(AssertionError::Refused), "{name}");
    }
}

#[test]
fn a_changed_token_is_refused() {
    let signer = key(1);
    let keys = set(&[&signer]);
    let token = signer.sign(&claims()).unwrap();
    let [head, body, signature]: [&str; 3] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let mut better: Value = serde_json::from_slice(&BASE64URL_NOPAD.decode(body.as_bytes()).unwrap()).unwrap();
    better["sub"] = json!("bob");
    let better = BASE64URL_NOPAD.encode(better.to_string().as_bytes());
    assert_eq!(verify(&format!("{head}.{better}.{signature}"), &keys), Err(AssertionError::Refused));
    for broken in
        [format!("{head}.{body}."), format!("{head}.{body}"), String::new(), "..".to_owned(), token[1..].to_owned()]
    {
        assert!(verify(&broken, &keys).is_err(), "{broken}");
    }
}
