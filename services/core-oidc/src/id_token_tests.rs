use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "https://id.firm.example";
const CLIENT: &str = "postern";
const NONCE: &str = "n-1";

struct Issuer {
    key: EncodingKey,
    jwk: Value,
}

impl Issuer {
    fn new(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let der = pair.to_pkcs8v1().unwrap();
        let point = pair.public_key().as_ref().to_vec();
        let [x, y] = [&point[1..33], &point[33..]].map(|half| BASE64URL_NOPAD.encode(half));
        let jwk = json!({ "kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": y, "use": "sig" });
        Self { key: EncodingKey::from_ec_der(der.as_ref()), jwk }
    }

    fn keys(&self) -> IssuerKeys {
        IssuerKeys::read(json!({ "keys": [self.jwk] }).to_string().as_bytes()).unwrap()
    }

    fn sign(&self, kid: Option<&str>, claims: &Value) -> Redacted<String> {
        let header = Header { kid: kid.map(str::to_owned), ..Header::new(Algorithm::ES256) };
        jsonwebtoken::encode(&header, claims, &self.key).unwrap().into()
    }
}

fn now() -> Timestamp {
    Timestamp::from_timestamp(1_790_000_000, 0).unwrap()
}

fn claims() -> Value {
    let iat = now().timestamp();
    json!({
        "iss": ISSUER, "aud": CLIENT, "sub": "ann-1", "iat": iat, "exp": iat + 300, "nonce": NONCE,
        "email": "ann@firm.example", "email_verified": true, "amr": ["pwd", "mfa"],
    })
}

fn verify(token: &Redacted<String>, keys: &IssuerKeys) -> Result<Identity, TokenFault> {
    let expected = Expected { issuer: ISSUER, client_id: CLIENT, nonce: NONCE, now: now() };
    IdToken::read(token)?.verify(keys, &expected)
}

/// The token of a provider that says this instead.
fn changed(change: impl FnOnce(&mut Value)) -> Result<Identity, TokenFault> {
    let issuer = Issuer::new("a");
    let mut claims = claims();
    change(&mut claims);
    verify(&issuer.sign(Some("a"), &claims), &issuer.keys())
}

/// A token in three parts that nobody need have signed.
fn by_hand(header: &Value, claims: &Value, signature: &[u8]) -> Redacted<String> {
    let [header, claims] = [header, claims].map(|part| BASE64URL_NOPAD.encode(part.to_string().as_bytes()));
    format!("{header}.{claims}.{}", BASE64URL_NOPAD.encode(signature)).into()
}

#[test]
fn a_token_that_holds_says_who_it_is() {
    let identity = changed(|_| {}).unwrap();
    assert_eq!((identity.subject.as_str(), identity.verified_email()), ("ann-1", Some("ann@firm.example")));
    assert!(identity.proved_second_factor(&[]));
}

#[test]
fn an_algorithm_without_a_key_pair_gets_nowhere() {
    let issuer = Issuer::new("a");
    let keys = issuer.keys();
    for alg in ["none", "None", "NONE", "", "HS256", "HS384", "HS512", "ES256K"] {
        let token = by_hand(&json!({ "alg": alg, "kid": "a" }), &claims(), b"");
        assert_eq!(verify(&token, &keys), Err(TokenFault::Algorithm), "{alg}");
    }
}

#[test]
fn the_public_key_is_no_shared_secret() {
    let issuer = Issuer::new("a");
    let public = BASE64URL_NOPAD.decode(issuer.jwk["x"].as_str().unwrap().as_bytes()).unwrap();
    for secret in [public, issuer.jwk.to_string().into_bytes()] {
        let header = Header { kid: Some("a".to_owned()), ..Header::new(Algorithm::HS256) };
        let token = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(&secret)).unwrap().into();
        assert_eq!(verify(&token, &issuer.keys()), Err(TokenFault::Algorithm));
    }
}

#[test]
fn whatever_is_changed_or_signed_by_another_is_refused() {
    let (issuer, other) = (Issuer::new("a"), Issuer::new("a"));
    assert_eq!(verify(&other.sign(Some("a"), &claims()), &issuer.keys()), Err(TokenFault::Signature));
    let token = issuer.sign(Some("a"), &claims());
    let parts: Vec<&str> = token.expose().split('.').collect();
    let mut forged = claims();
    forged["email"] = json!("boss@firm.example");
    let forged = BASE64URL_NOPAD.encode(forged.to_string().as_bytes());
    let forged = format!("{}.{forged}.{}", parts[0], parts[2]).into();
    assert_eq!(verify(&forged, &issuer.keys()), Err(TokenFault::Signature));
    let unsigned = format!("{}.{}.", parts[0], parts[1]).into();
    assert_eq!(verify(&unsigned, &issuer.keys()), Err(TokenFault::Signature));
}

#[test]
fn a_key_is_found_by_its_name_alone() {
    let issuer = Issuer::new("a");
    assert_eq!(verify(&issuer.sign(Some("b"), &claims()), &issuer.keys()), Err(TokenFault::UnknownKey));
    assert!(verify(&issuer.sign(None, &claims()), &issuer.keys()).is_ok(), "there is one alone");
    let token = issuer.sign(Some("b"), &claims());
    assert!(!IdToken::read(&token).unwrap().is_known_to(&issuer.keys()));
    let elsewhere = json!({ "alg": "ES256", "kid": "b", "jwk": issuer.jwk, "jku": "https://evil.example/keys" });
    let token = by_hand(&elsewhere, &claims(), b"x");
    assert_eq!(verify(&token, &issuer.keys()), Err(TokenFault::UnknownKey), "a token brings no key of its own");
}

#[test]
fn extensions_that_must_be_understood_are_not() {
    let token = by_hand(&json!({ "alg": "ES256", "kid": "a", "crit": ["b64"], "b64": false }), &claims(), b"x");
    assert_eq!(verify(&token, &Issuer::new("a").keys()), Err(TokenFault::Algorithm));
}

#[test]
fn another_issuer_or_client_is_another() {
    for other in ["https://id.firm.example/", "https://ID.firm.example", "https://evil.example", ""] {
        assert_eq!(changed(|it| it["iss"] = json!(other)), Err(TokenFault::Issuer), "{other}");
    }
    for (aud, azp) in [
        (json!("other"), Value::Null),
        (json!(["other", "another"]), Value::Null),
        (json!([]), Value::Null),
        (json!([CLIENT, "other"]), Value::Null),
        (json!([CLIENT, "other"]), json!("other")),
        (json!(CLIENT), json!("other")),
    ] {
        let what = format!("{aud} {azp}");
        let result = changed(|it| (it["aud"], it["azp"]) = (aud, azp));
        assert_eq!(result, Err(TokenFault::Audience), "{what}");
    }
    assert!(changed(|it| (it["aud"], it["azp"]) = (json!([CLIENT, "other"]), json!(CLIENT))).is_ok());
    assert!(changed(|it| it["aud"] = json!([CLIENT])).is_ok());
}

#[test]
fn time_is_the_callers_and_every_bound_is_held() {
    let now = now().timestamp();
    for (field, value) in [
        ("exp", now - LEEWAY_SECONDS),
        ("iat", now + LEEWAY_SECONDS + 1),
        ("nbf", now + LEEWAY_SECONDS + 1),
        ("iat", now - MAX_AGE_SECONDS - LEEWAY_SECONDS),
        ("exp", i64::MIN),
        ("iat", i64::MAX),
    ] {
        assert_eq!(changed(|it| it[field] = json!(value)), Err(TokenFault::Time), "{field} {value}");
    }
    assert!(changed(|it| it["exp"] = json!(now - LEEWAY_SECONDS + 1)).is_ok());
    assert!(changed(|it| it["iat"] = json!(now + LEEWAY_SECONDS)).is_ok());
}

#[test]
fn what_was_meant_for_another_sign_in_is_refused() {
    assert_eq!(changed(|it| it["nonce"] = json!("n-2")), Err(TokenFault::Nonce));
    assert_eq!(changed(|it| it["nonce"] = Value::Null), Err(TokenFault::Nonce));
}

#[test]
fn what_must_be_said_is_said_in_its_shape() {
    for (field, value) in [
        ("exp", Value::Null),
        ("iat", Value::Null),
        ("exp", json!("1790000300")),
        ("sub", Value::Null),
        ("sub", json!("")),
        ("iss", json!([ISSUER])),
        ("aud", json!({ "a": CLIENT })),
    ] {
        assert_eq!(changed(|it| it[field] = value), Err(TokenFault::Claims), "{field}");
    }
}

#[test]
fn what_is_no_token_is_none() {
    let keys = Issuer::new("a").keys();
    for text in ["", "a", "a.b", "....", "a.b.c.d", "e30.e30.e30"] {
        assert!(verify(&text.to_owned().into(), &keys).is_err(), "{text}");
    }
}
